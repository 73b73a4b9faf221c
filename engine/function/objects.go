package function

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// memberName converts a value to the name of a member; nil to the empty name.
func memberName(v alert.Value) (string, error) {
	if v.Kind == alert.Nil {
		return "", nil
	}
	name, err := text(v)
	if err != nil {
		return "", fmt.Errorf("%s cannot be the name of a member", Word(v.Kind))
	}
	return name, nil
}

// The functions of the syntax: a member or item, a slice, and {name: value}.
var (
	Member        = Function{Name: "[ ]", Yields: Any, Call: read, Flow: LooksUp}
	Slicing       = Function{Name: "[:]", Yields: List | Text | Nil, Call: slice, Flow: Cuts}
	ObjectLiteral = Function{Name: "{ }", Yields: Object, Lenient: true, Call: makeObject, Flow: Carries}
)

// read returns a member by its name or an item by its position, which counts
// from the end if it is negative. A number also names the member of an object,
// so that a table can be indexed by a port. A missing one is nil.
func read(m *Machine, args []alert.Value) (alert.Value, error) {
	return ReadFrom(m, &args[0], &args[1])
}

// ReadFrom is read for values where they are.
func ReadFrom(m *Machine, from, key *alert.Value) (alert.Value, error) {
	if from.Kind < alert.List {
		return alert.Value{}, nil
	}
	if err := m.Reads(len(from.Text) + len(key.Text)); err != nil {
		return alert.Value{}, err
	}
	switch {
	case from.Kind == alert.List && key.Kind == alert.Int && int64(key.Num) == int64(int32(key.Num)) && int64(key.Num) >= -maxItems:
		return from.Index(int(int64(key.Num))), nil
	case from.Kind == alert.Object && key.Kind == alert.Text:
		v, _ := from.Member(key.Text)
		return v, nil
	case from.Kind == alert.Object && (key.Kind == alert.Int || key.Kind == alert.Float):
		m.scratch = key.AppendText(m.scratch[:0])
		v, _ := from.Member(string(m.scratch))
		return v, nil
	case from.Kind == alert.List && (key.Kind == alert.Int || key.Kind == alert.Float):
		if i, err := whole(*key); err == nil && i >= -maxItems && i <= 1<<31-1 {
			return from.Index(int(i)), nil
		}
	}
	return alert.Value{}, nil
}

// getPath is read for a path: names and positions with dots between, and names in
// brackets and quotes, as package alert writes them. A member whose own name is the
// whole path wins.
func getPath(m *Machine, args []alert.Value) (alert.Value, error) {
	v, err := ReadFrom(m, &args[0], &args[1])
	if err != nil || v.Kind != alert.Nil || args[1].Kind != alert.Text {
		return v, err
	}
	v = args[0]
	for rest := args[1].Text; rest != "" && err == nil && v.Kind >= alert.List; {
		var step string
		var ok bool
		if step, rest, ok = pathStep(rest); !ok {
			return alert.Value{}, nil
		}
		key := alert.OfText(step)
		if v.Kind == alert.List {
			i, err := strconv.Atoi(step)
			if err != nil {
				return alert.Value{}, nil
			}
			key = alert.OfInt(int64(i))
		}
		if v, err = ReadFrom(m, &v, &key); rest == "" {
			return v, err
		}
	}
	return alert.Value{}, err
}

// PathNames returns the steps of a path that has names only. It returns false for
// any other path: a number may be a position.
func PathNames(path string) (names []string, ok bool) {
	for rest := path; rest != ""; {
		var name string
		if name, rest, ok = pathStep(rest); !ok {
			return nil, false
		}
		if _, err := strconv.Atoi(name); err == nil {
			return nil, false
		}
		names = append(names, name)
	}
	return names, len(names) > 0
}

// pathStep reads the first step of a path, and returns what follows it and its dot.
func pathStep(path string) (step, rest string, ok bool) {
	if path[0] != '[' {
		at := strings.IndexAny(path, ".[")
		switch {
		case at < 0:
			return path, "", true
		case path[at] == '.':
			return path[:at], path[at+1:], at+1 < len(path)
		}
		return path[:at], path[at:], true
	}
	quoted, err := strconv.QuotedPrefix(path[1:])
	if err == nil {
		step, err = strconv.Unquote(quoted)
		rest = path[1+len(quoted):]
	} else {
		step, rest, ok = strings.Cut(path[1:], "]")
		rest, err = "]"+rest, nil
		if !ok {
			return "", "", false
		}
	}
	rest, ok = strings.CutPrefix(rest, "]")
	if after, dot := strings.CutPrefix(rest, "."); dot {
		rest, ok = after, ok && after != ""
	}
	return step, rest, ok && err == nil
}

// makeObject takes names and values in turn. It leaves out members without a
// name.
func makeObject(m *Machine, args []alert.Value) (alert.Value, error) {
	if err := m.lists(4 * len(args)); err != nil {
		return alert.Value{}, err
	}
	members := m.Arena.Members(len(args) / 2)[:0]
	for i := 0; i+1 < len(args); i += 2 {
		name, err := memberName(args[i])
		if err != nil {
			return alert.Value{}, err
		}
		if name != "" {
			members = append(members, alert.Member{Name: name, Value: args[i+1]})
		}
	}
	return m.Arena.Object(members), nil
}

// listing returns an object's members, and accounts for a list made of them.
func (m *Machine) listing(name string, v alert.Value) ([]alert.Member, error) {
	if err := needsObject(name, v); err != nil {
		return nil, err
	}
	members, err := m.members(v)
	if err != nil {
		return nil, err
	}
	return members, m.lists(2 * len(members))
}

// notObject are the errors of functions that need an object, by the kind of what they got.
// Mappings give them what may be one: alerts have a text in its place, again and again.
var notObject = func() map[string][]error {
	all := map[string][]error{}
	for _, name := range []string{"keys", "values", "toPairs", "omit"} {
		for kind := alert.Nil; kind < alert.Object; kind++ {
			all[name] = append(all[name], fmt.Errorf("%s needs an object, found %s", name, Word(kind)))
		}
	}
	return all
}()

func needsObject(name string, v alert.Value) error {
	if v.Kind != alert.Object {
		return notObject[name][v.Kind]
	}
	return nil
}

func keys(m *Machine, args []alert.Value) (alert.Value, error) {
	members, err := m.listing("keys", args[0])
	list := m.Arena.Values(len(members))
	for i := range members {
		list[i] = alert.OfText(members[i].Name)
	}
	return m.Arena.List(list), err
}

func values(m *Machine, args []alert.Value) (alert.Value, error) {
	members, err := m.listing("values", args[0])
	list := m.Arena.Values(len(members))
	for i := range members {
		list[i] = members[i].Value
	}
	return m.Arena.List(list), err
}

func toPairs(m *Machine, args []alert.Value) (alert.Value, error) {
	members, err := m.listing("toPairs", args[0])
	rows, cells := m.Arena.Rows(len(members), 2)
	for i := range members {
		cells[2*i], cells[2*i+1] = alert.OfText(members[i].Name), members[i].Value
	}
	return rows, err
}

func fromPairs(m *Machine, args []alert.Value) (alert.Value, error) {
	base, err := m.push(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	n := len(m.Stack) - base
	if err := m.lists(2 * n); err != nil {
		return alert.Value{}, err
	}
	members := m.Arena.Members(n)
	for i := range members {
		pair, err := m.push(m.Stack[base+i])
		if err != nil {
			return alert.Value{}, err
		}
		if len(m.Stack)-pair != 2 {
			return alert.Value{}, errors.New("fromPairs needs a list of pairs: [[name, value], …]")
		}
		if members[i].Name, err = memberName(m.Stack[pair]); err != nil {
			return alert.Value{}, err
		}
		members[i].Value = m.Stack[pair+1]
		m.Stack = m.Stack[:pair]
	}
	return m.Arena.Object(members), nil
}
