package engine

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Lint compiles a set as Compile does and looks for what is allowed in it but
// probably a mistake. Alerts are lines that the set is tested with; without any,
// it does not look for fields that no alert has. Faults of one file hide no
// findings of another, but all of its own; the Engine is nil where there is any
// fault. The findings, faults among them, are sorted by place.
func Lint(files []File, o Options, alerts []string) (*Engine, syntax.Findings) {
	var found syntax.Findings
	variants := map[string]int{}
	o.Shared = plan.NewShared()
	plans, faults := each(files, o.Shared, func(m *syntax.Mapping, whole bool) (*plan.Plan, syntax.Faults) {
		p, faults, findings := plan.Lint(m, whole, o, alerts) // of one that is not whole most would only follow from the faults
		found = append(found, findings...)
		variants[m.File]++
		return p, faults
	})
	found = usedNowhere(found, variants)
	e, more := assemble(plans)
	if len(more) == 0 {
		found = append(found, e.unreached()...)
		found = append(found, e.LateDrops()...)
	}
	if len(more)+len(faults) == 0 {
		found = append(found, e.nowhereToGo(len(plans) > 1)...)
	}
	for _, f := range append(faults, more...) {
		found.Add(syntax.Broken, "fault", f.Pos, "%s", f.Message)
		e = nil
	}
	return e, allowed(files, found, e != nil).Sort()
}

// usedNowhere leaves out of what is not used what some other mapping from the same file uses: a
// file that extends a set gives as many as the set has. What is used by none it keeps once, though
// the names that each of the mappings suggests may differ.
func usedNowhere(found syntax.Findings, variants map[string]int) syntax.Findings {
	times := map[syntax.Pos]int{}
	for _, x := range found {
		if x.Rule == "unused" {
			times[x.Pos]++
		}
	}
	kept := map[syntax.Pos]bool{}
	return slices.DeleteFunc(found, func(x syntax.Finding) bool {
		if x.Rule != "unused" {
			return false
		}
		again := kept[x.Pos]
		kept[x.Pos] = true
		return again || times[x.Pos] < variants[x.Pos.File]
	})
}

// unreached finds mappings that no alert reaches, because an earlier one takes all
// of them and lets none go on.
func (e *Engine) unreached() syntax.Findings {
	var found syntax.Findings
	for i, p := range e.plans {
		if !p.TakesAll() || p.Also || p.OtherwiseNext {
			continue
		}
		for _, later := range e.plans[i+1:] {
			found.Add(syntax.Warning, "unreached", later.Pos,
				"no alert gets here: `%s`, which comes first, takes all of them; add a `when` to it, or give this mapping a lower `priority`", p.Name)
		}
		break
	}
	return found
}

// LateDrops finds mappings that drop alerts, and come after others that take some of these first. One with
// a priority stands where it is meant to, and one that no alert reaches is found as that.
func (e *Engine) LateDrops() syntax.Findings {
	var found syntax.Findings
	for i, p := range e.plans {
		if i == 0 || !p.Drops() || p.Priority != 0 {
			continue
		}
		before := e.plans[:i]
		if taker := slices.IndexFunc(before, func(p *plan.Plan) bool { return !p.Drops() && !p.Also }); taker >= 0 && !slices.ContainsFunc(before, (*plan.Plan).TakesAll) {
			found.Add(syntax.Warning, "late-drop", p.Pos,
				"`%s` drops only what the mappings before it, such as `%s`, leave: give it a lower `priority`, such as -1", p.Name, before[taker].Name)
		}
	}
	return found
}

// nowhereToGo finds a last mapping that lets alerts go on. One by itself may be a
// file of a set that is looked at alone, so that is not a warning.
func (e *Engine) nowhereToGo(inSet bool) syntax.Findings {
	if len(e.plans) == 0 {
		return nil
	}
	var found syntax.Findings
	last := e.plans[len(e.plans)-1]
	for _, x := range []struct {
		given bool
		pos   syntax.Pos
		line  string
	}{{last.Also, last.AlsoPos, "also: true"}, {last.OtherwiseNext, last.OtherwisePos, "otherwise: next"}} {
		switch {
		case !x.given:
		case inSet:
			found.Add(syntax.Warning, "last-of-set", x.pos,
				"`%s` has no effect: `%s` is the last mapping of this set, and no other is asked after it; remove the line, or give the mapping a lower `priority`", x.line, last.Name)
		default:
			found.Add(syntax.Note, "no-set", x.pos, "`%s` lets alerts go on to the next mapping of a set, and this one is alone: check its folder", x.line)
		}
	}
	return found
}
