package function

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/sluice-lake/sluice/engine/alert"
)

// maxRegexWork bounds the length of a text times its matches, because finding each
// match may read the text up to its end.
const maxRegexWork = 32 << 20

var errMatches = fmt.Errorf("the pattern matches too often: the length of the text times its matches is more than %d MiB", maxRegexWork>>20)

// withPattern makes the function of a text and a pattern, and its Prepare, which
// compiles a constant pattern.
func withPattern(yields Kinds, call func(m *Machine, re *pattern, s string, args []alert.Value) (alert.Value, error)) (
	func(*Machine, []alert.Value) (alert.Value, error), func([]*alert.Value) (*Function, int, error)) {
	run := func(m *Machine, re *pattern, args []alert.Value) (alert.Value, error) {
		s, err := m.text(args[0])
		if err != nil {
			return alert.Value{}, err
		}
		return call(m, re, s, args)
	}
	plain := func(m *Machine, args []alert.Value) (alert.Value, error) {
		re, err := m.computed(args[1])
		if err != nil {
			return alert.Value{}, err
		}
		return run(m, re, args)
	}
	return plain, func(args []*alert.Value) (*Function, int, error) {
		re, err := constantPattern(args[1])
		if re == nil {
			return nil, 1, err
		}
		return &Function{Yields: yields, Parts: re.parts(), Call: func(m *Machine, args []alert.Value) (alert.Value, error) {
			return run(m, re, args)
		}}, 0, nil
	}
}

// allMatches returns the places of all matches and of their groups.
func (m *Machine) allMatches(re *pattern, s string) ([][]int, error) {
	if err := m.scanWith(re, 4*len(s)); err != nil {
		return nil, err
	}
	most := maxRegexWork / (len(s) + 1)
	all := re.FindAllStringSubmatchIndex(s, most+1)
	if len(all) > most {
		return nil, errMatches
	}
	if err := m.scanWith(re, len(all)*len(s)/leastWork); err != nil {
		return nil, err
	}
	return all, m.Holds(len(all) * (24 + 16*(re.NumSubexp()+1)))
}

// regexAll lists what regex gives for each match.
var regexAll, prepareRegexAll = withPattern(List|Nil, func(m *Machine, re *pattern, s string, _ []alert.Value) (alert.Value, error) {
	all, err := m.allMatches(re, s)
	if err != nil || len(all) == 0 {
		return alert.Value{}, err
	}
	base := len(m.Stack)
	for _, at := range all {
		v, err := m.matched(re, s, at)
		if err != nil {
			return alert.Value{}, err
		}
		m.Stack = append(m.Stack, v)
	}
	return m.Listed(base)
})

// checkedReplace is the Prepare of regexReplace, which also checks the groups that a
// constant replacement names.
func checkedReplace(args []*alert.Value) (*Function, int, error) {
	special, wrong, err := prepareRegexReplace(args)
	if special == nil || err != nil || args[2] == nil || args[2].Kind != alert.Text {
		return special, wrong, err
	}
	re, _ := constantPattern(args[1])
	for rest := args[2].Text; ; {
		at := strings.IndexByte(rest, '$')
		if at < 0 {
			return special, 0, nil
		}
		var name string
		if name, rest = groupName(rest[at+1:]); name == "" {
			continue
		}
		if _, ok := groupOfPattern(re, alert.OfText(name)); !ok {
			return nil, 2, noGroup(re, name)
		}
	}
}

// groupName reads the name of a group behind a dollar sign, as package regexp does,
// and returns what follows it. It returns no name for text that stands for itself.
func groupName(s string) (name, rest string) {
	if strings.HasPrefix(s, "$") {
		return "", s[1:]
	}
	inside, braced := strings.CutPrefix(s, "{")
	end := strings.IndexFunc(inside, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if end < 0 {
		end = len(inside)
	}
	name, rest = inside[:end], inside[end:]
	if braced && name != "" {
		var closed bool
		if rest, closed = strings.CutPrefix(rest, "}"); !closed {
			return "", s
		}
	}
	return name, rest
}

// noGroup says that a replacement names a group that the pattern lacks, which is
// often the number of one with letters behind it.
func noGroup(re *pattern, name string) error {
	digits := len(name) - len(strings.TrimLeft(name, "0123456789"))
	if _, ok := groupOfPattern(re, alert.OfText(name[:digits])); ok {
		return fmt.Errorf("the pattern has no group `%s`; write `${%s}%s`", name, name[:digits], name[digits:])
	}
	return fmt.Errorf("the pattern has no group `%s`; it has %d, and `$$` is a dollar sign", name, re.NumSubexp())
}

// regexReplace replaces each match. In the replacement, $1 and ${name} stand for
// groups.
var regexReplace, prepareRegexReplace = withPattern(Text, func(m *Machine, re *pattern, s string, args []alert.Value) (alert.Value, error) {
	with, err := text(args[2])
	if err != nil {
		return alert.Value{}, err
	}
	all, err := m.allMatches(re, s)
	if err != nil || len(all) == 0 {
		return alert.OfText(s), err
	}
	out, end, groups := m.scratch[:0], 0, strings.Count(with, "$")
	for _, at := range all {
		if len(out)+len(with)+groups*(at[1]-at[0]) > maxText {
			return alert.Value{}, errText
		}
		out = append(out, s[end:at[0]]...)
		out = re.ExpandString(out, with, s, at)
		end = at[1]
	}
	return m.written(append(out, s[end:]...))
})

// usualRedaction stands for what redact removes.
const usualRedaction = "[REDACTED]"

// redact replaces what the groups of a pattern match, or all of it if it has none.
var redact, prepareRedact = withPattern(Text, func(m *Machine, re *pattern, s string, args []alert.Value) (alert.Value, error) {
	with := usualRedaction
	if len(args) > 2 {
		var err error
		if with, err = text(args[2]); err != nil {
			return alert.Value{}, err
		}
	}
	all, err := m.allMatches(re, s)
	if err != nil || len(all) == 0 {
		return alert.OfText(s), err
	}
	out, end := m.scratch[:0], 0
	for _, at := range all {
		if len(at) > 2 {
			at = at[2:]
		}
		for ; len(at) > 0; at = at[2:] {
			if at[0] < end || at[0] == at[1] { // inside of another group, or nothing
				continue
			}
			if len(out)+len(with) > maxText {
				return alert.Value{}, errText
			}
			out = append(append(out, s[end:at[0]]...), with...)
			end = at[1]
		}
	}
	return m.written(append(out, s[end:]...))
})

// written makes a text of scratch memory.
func (m *Machine) written(scratch []byte) (alert.Value, error) {
	m.scratch = scratch
	if err := m.makes(len(scratch)); err != nil {
		return alert.Value{}, err
	}
	return alert.OfText(m.Arena.Text(scratch)), m.scan(len(scratch))
}
