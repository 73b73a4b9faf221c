package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// enter begins an object, or the item of a list at an index that is not below 0.
func (t *trace) enter(s *step, index int) {
	if t == nil {
		return
	}
	f := frame{from: len(t.out.Attributes), at: t.at}
	t.at = join(t.at, s.field.Name)
	if index >= 0 {
		f.list = t.at
		t.at = fmt.Sprintf("%s[%d]", t.at, index)
	}
	t.frames = append(t.frames, f)
}

func (t *trace) leave() {
	if t == nil {
		return
	}
	last := len(t.frames) - 1
	t.at = t.frames[last].at
	t.frames = t.frames[:last]
}

// drop records that the current object is left out: because of an error, of what it lacks, or,
// if both are nothing, because nothing in it came from the alert.
func (t *trace) drop(s *step, lacks lack, err error) {
	if t == nil {
		return
	}
	f, path := t.frames[len(t.frames)-1], t.at
	if f.list != "" {
		path = f.list + "[]" // the next item gets its position
	}
	absent := "none of its rules gave a value"
	for i := range t.out.Attributes[f.from:] {
		a := &t.out.Attributes[f.from+i]
		a.Path = path + strings.TrimPrefix(a.Path, t.at)
		if a.Value != "" {
			a.Lost, a.Value, a.Absent = a.Value, "", "left out with `"+path+"`"
			absent = "none of its rules gave a value, and constants alone do not keep it"
		}
	}
	a := Attribute{Path: path, Rule: &s.target.Rule, Absent: absent}
	switch {
	case err != nil:
		a.Absent = err.Error()
	case lacks.field != nil:
		a.Absent = "incomplete: it requires " + lacks.String() + ", whose rule gave nothing that fits"
	}
	t.out.Attributes = slices.Insert(t.out.Attributes, f.from, a)
}

// elements records a `$each` that gave no element.
func (t *trace) elements(s *step, v alert.Value) {
	if t != nil && (v.Kind == alert.Nil || v.Kind == alert.List && v.IsEmpty()) {
		t.skip(s, s.program, nil)
	}
}

// skip records an object or item that was not made: its `$when` does not hold, its
// `$each` gave no element, or one of them failed.
func (t *trace) skip(s *step, p *program, err error) {
	if t == nil {
		return
	}
	t.tries = t.tries[:0]
	path := join(t.at, s.field.Name)
	if s.field.List {
		path += "[]"
	}
	key, absent := "$each", "`$each` gave no element"
	if p == s.block.when {
		key, absent = "$when", "its `$when` does not hold"
	}
	if err != nil {
		absent = "its `" + key + "` failed: " + err.Error()
	}
	t.add(Attribute{Path: path, Rule: p.rule(s.target.Attribute), From: t.from(p), Absent: absent})
}
