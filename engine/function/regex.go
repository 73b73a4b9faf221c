package function

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// pattern is a compiled pattern.
type pattern struct {
	*regexp.Regexp
	work   int // how many times as long as going through a text a search takes
	states int // see statesOf
}

const (
	leastWork     = 4   // of any search: it takes more than a comparison
	statesPerPart = 8   // of a constant pattern, which an expression counts
	largeSize     = 128 // from which on a search takes so long that its size counts twice
)

// mostStates bounds a pattern, because a few bytes can be megabytes when they are compiled:
// (.{1000}|.{1000}|…).
const mostStates = 10_000

var errStates = fmt.Errorf("the pattern has more than %d characters with all that it repeats: write shorter repetitions", mostStates)

// statesOf returns about how many instructions a pattern has, without compiling it.
func statesOf(re *syntax.Regexp) int {
	states := 1
	switch re.Op {
	case syntax.OpLiteral:
		states = len(re.Rune)
	case syntax.OpCharClass:
		states += len(re.Rune) / 8
	}
	for _, sub := range re.Sub {
		states += statesOf(sub)
	}
	if re.Op == syntax.OpRepeat {
		states *= max(1, re.Min+1, re.Max)
	}
	return min(states, mostStates+1)
}

func newPattern(text string) (*pattern, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	states := statesOf(parsed)
	if states > mostStates {
		return nil, errStates
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	// A search may be in as many states at a time, which it looks at for each character. A
	// pattern has about as many as it has characters, unless it counts: a{1000} has a thousand.
	size := len(text)
	if strings.Contains(text, "{") {
		size = max(size, states)
	}
	if size > largeSize {
		size *= 2
	}
	return &pattern{re, max(leastWork, size), states}, nil
}

// parts is how many parts of an expression a pattern counts as.
func (p *pattern) parts() int { return p.states / statesPerPart }

// scanWith counts a search in n bytes of text.
func (m *Machine) scanWith(p *pattern, n int) error { return m.scan(p.work * n) }

// constantPattern compiles a constant pattern. It returns nil, nil for any other
// argument.
func constantPattern(v *alert.Value) (*pattern, error) {
	if v == nil || v.Kind != alert.Text {
		return nil, nil
	}
	p, err := newPattern(v.Text)
	switch {
	case errors.Is(err, errStates):
		return nil, err
	case err != nil:
		return nil, errors.New("the pattern is not a regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return p, nil
}

func prepareMatches(args []*alert.Value) (*Function, int, error) {
	re, err := constantPattern(args[1])
	if re == nil {
		return nil, 1, err
	}
	special := tester("matches", func(m *Machine, a, _ *alert.Value) (bool, error) {
		return matchesPattern(m, a, re)
	})
	special.Parts = re.parts()
	return special, 0, nil
}

func matches(m *Machine, a, b *alert.Value) (bool, error) {
	if a.Kind == alert.Nil || b.Kind == alert.Nil {
		return false, nil
	}
	re, err := m.computed(*b)
	if err != nil {
		return false, err
	}
	return matchesPattern(m, a, re)
}

func (m *Machine) computed(v alert.Value) (*pattern, error) {
	pattern, err := text(v)
	if err != nil {
		return nil, err
	}
	return m.pattern(pattern)
}

func matchesPattern(m *Machine, v *alert.Value, re *pattern) (bool, error) {
	if v.Kind == alert.Nil {
		return false, nil
	}
	s, err := text(*v)
	if err != nil {
		return false, fmt.Errorf("matches: %w; for lists there is any(list, # matches …)", err)
	}
	if err := m.scanWith(re, len(s)); err != nil {
		return false, err
	}
	return re.MatchString(s), nil
}

// prepareRegex compiles a constant pattern and checks a constant group.
func prepareRegex(args []*alert.Value) (*Function, int, error) {
	re, err := constantPattern(args[1])
	if re == nil {
		return nil, 1, err
	}
	yields := Text | Nil
	switch {
	case len(args) == 2 && isNamed(re):
		yields = Object | Nil
	case len(args) > 2 && args[2] != nil && args[2].Kind != alert.Nil:
		if _, ok := groupOfPattern(re, *args[2]); !ok {
			return nil, 2, fmt.Errorf("the pattern has no such group; it has %d", re.NumSubexp())
		}
	}
	return &Function{Name: "regex", Yields: yields, Parts: re.parts(), Call: func(m *Machine, args []alert.Value) (alert.Value, error) {
		return findPattern(m, args, re)
	}}, 0, nil
}

func regexFind(m *Machine, args []alert.Value) (alert.Value, error) {
	re, err := m.computed(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	return findPattern(m, args, re)
}

// findPattern returns a group of the first match: the one asked for, else what
// matched says. A group that did not match is nil.
func findPattern(m *Machine, args []alert.Value, re *pattern) (alert.Value, error) {
	s, err := m.text(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	if err := m.scanWith(re, len(s)); err != nil {
		return alert.Value{}, err
	}
	if len(args) == 2 {
		at := re.FindStringSubmatchIndex(s)
		if at == nil {
			return alert.Value{}, nil
		}
		return m.matched(re, s, at)
	}
	if _, err := m.text(args[2]); err != nil {
		return alert.Value{}, err
	}
	group, ok := groupOfPattern(re, args[2])
	if !ok {
		return alert.Value{}, nil
	}
	at := re.FindStringSubmatchIndex(s)
	if at == nil || at[2*group] < 0 {
		return alert.Value{}, nil
	}
	return alert.OfText(s[at[2*group]:at[2*group+1]]), nil
}

// matched returns what a match gives: an object of the named groups if the
// pattern has any, else the first group, else the whole match.
func (m *Machine) matched(re *pattern, s string, at []int) (alert.Value, error) {
	if isNamed(re) {
		return m.namedGroups(re, s, at)
	}
	group := min(re.NumSubexp(), 1)
	if at[2*group] < 0 {
		return alert.Value{}, nil
	}
	return alert.OfText(s[at[2*group]:at[2*group+1]]), nil
}

// namedGroups makes an object of the named groups that matched.
func (m *Machine) namedGroups(re *pattern, s string, at []int) (alert.Value, error) {
	names := re.SubexpNames()
	if err := m.lists(2 * len(names)); err != nil {
		return alert.Value{}, err
	}
	members := m.Arena.Members(len(names))[:0]
	for i, name := range names {
		if name != "" && at[2*i] >= 0 {
			members = append(members, alert.Member{Name: name, Value: alert.OfText(s[at[2*i]:at[2*i+1]])})
		}
	}
	return m.Arena.Object(members), nil
}

func isNamed(re *pattern) bool {
	return slices.ContainsFunc(re.SubexpNames(), func(name string) bool { return name != "" })
}

// groupOfPattern finds a group by its name or its number.
func groupOfPattern(re *pattern, v alert.Value) (int, bool) {
	if v.Kind == alert.Text {
		if i := re.SubexpIndex(v.Text); i >= 0 {
			return i, true
		}
	}
	i, err := whole(v)
	return int(i), err == nil && i >= 0 && i <= int64(re.NumSubexp())
}
