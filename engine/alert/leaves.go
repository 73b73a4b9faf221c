package alert

// A Visit is one leaf of an alert: a scalar, null, or an empty list or object. It is
// valid during the call that it is given to.
type Visit struct {
	// Steps lead to the leaf from the top of the alert.
	Steps []Step
	// Value is the leaf: absence for null, a raw value for an empty list or object.
	Value Value
	// In has a bit for each of the sets of origins that has the leaf, or something
	// around it.
	In uint
}

// Visitor goes through all leaves of alerts, whatever is wanted of them. It belongs
// to one goroutine; the zero Visitor is ready.
type Visitor struct {
	visit  Visit
	sets   []*Origins
	origin Origin // of the line's value
	each   func(*Visit)
}

// Leaves calls each for every leaf of a line, in its order. The line is one that a
// Scanner has accepted; any other has no leaves. Of duplicate names the last counts.
// An alert that the indexer wrapped is unwrapped. The origins are those of values of
// this line; there are at most 32 sets.
func (v *Visitor) Leaves(line string, sets []*Origins, each func(*Visit)) {
	start := blank(line, 0)
	end := len(line)
	for end > start && line[end-1] <= ' ' {
		end--
	}
	t, _ := buildTree(line[start:end])
	if t == nil {
		return
	}
	t, _ = t.unwrap()
	for _, o := range sets {
		o.settle()
	}
	v.sets, v.origin, v.each, v.visit.Steps = sets, originAt(start), each, v.visit.Steps[:0]
	v.tree(t, 0)
	for _, o := range sets {
		o.erase()
	}
	v.sets, v.each = nil, nil
}

// tree visits the leaves at and below t; in are the sets that have what is around it.
func (v *Visitor) tree(t *tree, in uint) {
	for i, o := range v.sets {
		if o.covers(v.origin.within(t.at)) {
			in |= 1 << i
		}
	}
	if len(t.kids) == 0 {
		v.visit.Value, v.visit.In = rawValue(t.text, v.origin.within(t.at)), in
		v.each(&v.visit)
		return
	}
	top, list := len(v.visit.Steps), t.text[0] == '['
	for i := range t.kids {
		v.visit.Steps = append(v.visit.Steps, Step{Name: t.kids[i].name, Index: i, IsIndex: list})
		v.tree(&t.kids[i], in)
		v.visit.Steps = v.visit.Steps[:top]
	}
}
