package function

import "github.com/sluice-lake/sluice/engine/alert"

// omit returns the object without the members that are named: by the items of a list, or
// by the members of another object, such as a table.
func omit(m *Machine, args []alert.Value) (alert.Value, error) {
	v := args[0]
	if v.Kind == alert.Nil {
		return alert.Value{}, nil
	}
	if err := needsObject("omit", v); err != nil {
		return alert.Value{}, err
	}
	if err := m.Reads(len(v.Text)); err != nil {
		return alert.Value{}, err
	}
	named, err := m.names(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	kept, all := v.Without(m.Arena, named.Has)
	if err := m.counted(v, all); err != nil {
		return alert.Value{}, err
	}
	return m.Arena.Object(kept), m.lists(2 * all)
}

// names returns an object whose members with a value are the names in a list or of an
// object.
func (m *Machine) names(v alert.Value) (alert.Value, error) {
	switch {
	case v.Kind == alert.Object && !v.IsRaw():
		return v, nil
	case v.Kind == alert.Object:
		members, err := m.members(v)
		return m.Arena.Object(members), err
	}
	base, err := m.push(v)
	if err != nil {
		return alert.Value{}, err
	}
	members := m.Arena.Members(len(m.Stack) - base)
	for i := range members {
		if members[i].Name, err = memberName(m.Stack[base+i]); err != nil {
			return alert.Value{}, err
		}
		members[i].Value = alert.OfBool(true)
	}
	m.Stack = m.Stack[:base]
	return m.Arena.Object(members), nil
}
