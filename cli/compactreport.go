package cli

import (
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake/compact"
)

// compactReport is what `compact` says in the end.
type compactReport struct {
	Apply      bool                 `json:"applied"`
	Undo       bool                 `json:"undone,omitempty"`
	Before     compact.Count        `json:"before"`
	After      compact.Count        `json:"after"`
	Unfinished int                  `json:"unfinished"`
	Days       []*compact.Partition `json:"partitions"`
}

func (r *compactReport) add(p *compact.Partition) {
	r.Days = append(r.Days, p)
	r.Before = r.Before.Plus(p.Before)
	r.After = r.After.Plus(p.After)
	r.Unfinished += p.Unfinished
}

func (r *compactReport) finish() *compactReport {
	if r.Days == nil {
		r.Days = []*compact.Partition{}
	}
	return r
}

func (r *compactReport) day(p *compact.Partition) clean {
	s := &sheet{}
	s.line("%s", strings.TrimSuffix(p.Folder, "/"))
	before, after := plural(int(p.Before.Objects), "object"), plural(int(p.After.Objects), "object")
	switch {
	case r.Apply && p.After.Objects > 0:
		s.line("  %s %s of %s into %s of %s, %d rows", r.verb(), before, size(p.Before.Bytes), after, size(p.After.Bytes), p.After.Rows)
	case p.Before.Objects > 0:
		s.line("  would %s %s of %s, %d rows, into about %d", r.would(), before, size(p.Before.Bytes), p.Before.Rows, p.After.Objects)
	}
	switch {
	case p.Unfinished > 0 && r.Apply:
		s.line("  ended what %s had begun", plural(p.Unfinished, "stopped call"))
	case p.Unfinished > 0:
		s.line("  %s had begun to join or to divide objects: --apply ends it", plural(p.Unfinished, "stopped call"))
	}
	for _, l := range p.Left {
		s.line("  left alone %s, such as %s: %s", plural(int(l.Objects), "object"), l.Name, l.Reason)
	}
	return clean(s.b.String())
}

// verb is what was done, and would what is done with --apply.
func (r *compactReport) verb() string {
	if r.Undo {
		return "divided"
	}
	return "joined"
}

func (r *compactReport) would() string {
	if r.Undo {
		return "divide"
	}
	return "join"
}

func (r *compactReport) text() clean {
	before := plural(int(r.Before.Objects), "object")
	switch {
	case r.Before.Objects == 0 && r.Unfinished == 0:
		return sprintf("there is nothing to %s\n", r.would())
	case !r.Apply:
		return sprintf("in all %s of %s could be %s; nothing was changed: --apply %ss them\n", before, size(r.Before.Bytes), r.verb(), r.would())
	}
	return sprintf("in all %s %s of %s into %s of %s\n", r.verb(), before, size(r.Before.Bytes), plural(int(r.After.Objects), "object"), size(r.After.Bytes))
}
