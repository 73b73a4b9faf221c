package expression

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// constantPattern compiles a pattern that is known now; both are nil when it
// is not.
func constantPattern(n *node) (*regexp.Regexp, *Fault) {
	if n.op != opConst || n.value.Kind != alert.Text {
		return nil, nil
	}
	re, err := regexp.Compile(n.value.Text)
	if err != nil {
		why := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, &Fault{n.at, "the pattern is not a regular expression: " + why}
	}
	return re, nil
}

func prepareMatches(args []*node) (*function, *Fault) {
	re, fault := constantPattern(args[1])
	if re == nil {
		return nil, fault
	}
	return &function{name: "matches", yields: Bool, lenient: true, call: func(m *Machine, args []alert.Value) (alert.Value, error) {
		return matchesPattern(m, args[0], re)
	}}, nil
}

func matches(m *Machine, args []alert.Value) (alert.Value, error) {
	if args[0].Kind == alert.Nil || args[1].Kind == alert.Nil {
		return ofBool(false), nil
	}
	re, err := m.computed(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	return matchesPattern(m, args[0], re)
}

func (m *Machine) computed(v alert.Value) (*regexp.Regexp, error) {
	pattern, err := text(v)
	if err != nil {
		return nil, err
	}
	return m.pattern(pattern)
}

func matchesPattern(m *Machine, v alert.Value, re *regexp.Regexp) (alert.Value, error) {
	if v.Kind == alert.Nil {
		return ofBool(false), nil
	}
	s, err := text(v)
	if err != nil {
		return alert.Value{}, fmt.Errorf("matches: %w; for lists there is any(list, # matches …)", err)
	}
	if err := m.scan(16 * len(s)); err != nil { // a pattern costs more than a comparison
		return alert.Value{}, err
	}
	return ofBool(re.MatchString(s)), nil
}

// prepareRegex compiles a constant pattern and checks a constant group.
func prepareRegex(args []*node) (*function, *Fault) {
	re, fault := constantPattern(args[1])
	if re == nil {
		return nil, fault
	}
	if len(args) > 2 && args[2].op == opConst && args[2].value.Kind != alert.Nil {
		if _, ok := groupOfPattern(re, args[2:3:3][0].value); !ok {
			return nil, &Fault{args[2].at, fmt.Sprintf("the pattern has no such group; it has %d", re.NumSubexp())}
		}
	}
	return &function{name: "regex", yields: Text | Nil, call: func(m *Machine, args []alert.Value) (alert.Value, error) {
		return findPattern(m, args, re)
	}}, nil
}

func regexFind(m *Machine, args []alert.Value) (alert.Value, error) {
	re, err := m.computed(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	return findPattern(m, args, re)
}

// findPattern gives a group of the first match: the one asked for, else the
// first, else the whole match. A group that took no part is absent.
func findPattern(m *Machine, args []alert.Value, re *regexp.Regexp) (alert.Value, error) {
	s, err := text(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	if err := m.scan(16 * len(s)); err != nil {
		return alert.Value{}, err
	}
	group := min(re.NumSubexp(), 1)
	if len(args) > 2 {
		var ok bool
		if group, ok = groupOfPattern(re, args[2]); !ok {
			return alert.Value{}, nil
		}
	}
	at := re.FindStringSubmatchIndex(s)
	if at == nil || at[2*group] < 0 {
		return alert.Value{}, nil
	}
	return ofText(s[at[2*group]:at[2*group+1]]), nil
}

// groupOfPattern finds a group by its name, or by its number from 0.
func groupOfPattern(re *regexp.Regexp, v alert.Value) (int, bool) {
	if v.Kind == alert.Text {
		if i := re.SubexpIndex(v.Text); i >= 0 {
			return i, true
		}
	}
	i, err := whole(v)
	return int(i), err == nil && i >= 0 && i <= int64(re.NumSubexp())
}
