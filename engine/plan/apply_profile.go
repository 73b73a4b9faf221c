package plan

import "github.com/sluice-lake/sluice/engine/ocsf"

// decideProfiles writes the attributes of the class that exist only with profiles
// which require something, and so finds out whether the event has these profiles.
func (w *Worker) decideProfiles() {
	for _, number := range w.plan.decidingOrder {
		w.decideProfile(number)
	}
}

func (w *Worker) decideProfile(number int) {
	p, rec := w.plan.profiles[number], &w.event.Record
	mark, live := w.origins.Mark(), false
	w.hasProfile[number] = true // for its attributes inside its own
	for _, at := range w.route.own[number] {
		st, begun := &w.route.stops[at], w.trace.begin()
		live = w.steps(at+1, int(st.next), rec) || live
		w.trace.hold(int(st.pc), begun)
	}
	lacks := p.requires.lacks(rec)
	if lacks.field == nil {
		return
	}
	w.hasProfile[number] = false
	w.trace.withdraw(p, lacks)
	w.origins.Undo(mark)
	if len(w.route.own[number]) > 0 {
		for _, f := range p.fields {
			clearCells(rec, f.Cell, lastCell(f)+1)
		}
	}
	w.leaveOut(failure{target: p.target, lacks: lacks}, live)
}

// ofProfile runs the steps of an attribute inside an object if the event has the
// attribute's profile. Those of an attribute of the class have run.
func (w *Worker) ofProfile(st *stop, body int, rec *ocsf.Record) bool {
	s := &w.plan.steps[st.pc]
	switch {
	case s.block.own:
		w.trace.place(int(st.pc))
	case w.hasProfile[s.block.profile]:
		return w.steps(body, int(st.next), rec)
	default:
		w.trace.unlisted(s, w.plan.profiles[s.block.profile])
	}
	return false
}

// clearCells makes the cells [first, last) of a record absent.
func clearCells(rec *ocsf.Record, first, last int) {
	(&ocsf.Record{Cells: rec.Cells[first:last]}).Reset()
}

// listProfiles writes metadata.profiles, when all other attributes are written.
func (w *Worker) listProfiles(s *step, rec *ocsf.Record) {
	list := &rec.Cells[s.field.Cell]
	for i, p := range w.plan.profiles {
		has := w.has(i, p, rec)
		if has {
			c := &w.lists.Add(list, 1).Cells[0]
			c.Set, c.Text, list.Set = true, p.name, true
		}
		w.trace.listed(s, p, len(list.Items)-1, has)
	}
}

// has reports whether the event has what a profile requires.
func (w *Worker) has(number int, p *profile, rec *ocsf.Record) bool {
	switch {
	case p.decided():
		return w.hasProfile[number]
	case len(p.requires.required) > 0:
		return p.requires.lacks(rec).field == nil
	}
	for _, path := range p.paths {
		if present(rec, path) {
			return true
		}
	}
	return false
}

// present reports whether a record has an attribute, in any item of the lists on
// its path.
func present(rec *ocsf.Record, path []*ocsf.Field) bool {
	for i, f := range path {
		c := &rec.Cells[f.Cell]
		if !c.Set {
			return false
		}
		if !f.List || i == len(path)-1 {
			continue
		}
		for j := range c.Items {
			if present(&c.Items[j], path[i+1:]) {
				return true
			}
		}
		return false
	}
	return true
}
