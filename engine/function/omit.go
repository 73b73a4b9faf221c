package function

import "github.com/sluice-lake/sluice/engine/alert"

// omit returns the object without the members that are named: by the items of a list, or
// by the members of another object, such as a table.
func omit(m *Machine, args []alert.Value) (alert.Value, error) {
	if args[0].Kind == alert.Nil {
		return alert.Value{}, nil
	}
	if args[0].IsRaw() && args[0].Kind == alert.Object {
		return m.omitRaw(args[0], args[1])
	}
	members, err := m.listing("omit", args[0])
	if err != nil {
		return alert.Value{}, err
	}
	named, err := m.names(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	kept := make([]alert.Member, 0, len(members))
	for i := range members {
		if v, _ := named.Member(members[i].Name); v.Kind == alert.Nil {
			kept = append(kept, members[i])
		}
	}
	return alert.OfObject(kept), nil
}

// omitRaw is omit for an object of the alert. It makes members of those that stay alone.
func (m *Machine) omitRaw(v, names alert.Value) (alert.Value, error) {
	if err := m.Reads(len(v.Text)); err != nil {
		return alert.Value{}, err
	}
	named, err := m.names(names)
	if err != nil {
		return alert.Value{}, err
	}
	kept, all := v.Without(func(name string) bool {
		known, _ := named.Member(name)
		return known.Kind != alert.Nil
	})
	if err := m.Holds(all * memberBytes); err != nil {
		return alert.Value{}, err
	}
	if err := m.Step(1 + all); err != nil {
		return alert.Value{}, err
	}
	return alert.OfObject(kept), m.lists(2 * all)
}

// names returns an object whose members with a value are the names in a list or of an
// object.
func (m *Machine) names(v alert.Value) (alert.Value, error) {
	switch {
	case v.Kind == alert.Object && !v.IsRaw():
		return v, nil
	case v.Kind == alert.Object:
		members, err := m.members(v)
		return alert.OfObject(members), err
	}
	base, err := m.push(v)
	if err != nil {
		return alert.Value{}, err
	}
	members := make([]alert.Member, len(m.Stack)-base)
	for i := range members {
		if members[i].Name, err = memberName(m.Stack[base+i]); err != nil {
			return alert.Value{}, err
		}
		members[i].Value = alert.OfBool(true)
	}
	m.Stack = m.Stack[:base]
	return alert.OfObject(members), nil
}
