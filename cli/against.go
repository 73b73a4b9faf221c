package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// older is a mapping of the version before.
type older struct {
	engine.Mapping
	file engine.File
}

// source is the one that it fills when a run names none.
func (o older) source() string { return orElse(o.Source, settings.DefaultSource) }

// against compares the tables of mappings with those of an older version of them:
// of file with file, or of sets, whose mappings are known by their names.
func (a *app) against(old string, o engine.Options, sets [][]engine.File, compiled []*engine.Engine) (syntax.Findings, error) {
	before, err := a.olderMappings(old, o)
	if err != nil {
		return nil, err
	}
	now := 0
	for _, e := range compiled {
		if e == nil {
			return nil, nil // the faults are reported; there is nothing to compare yet
		}
		now += len(e.Mappings)
	}
	c := comparison{options: o, before: before, met: map[string]bool{}, filled: map[string]bool{}}
	for i, e := range compiled {
		if now == 1 && len(before) == 1 {
			c.before = map[string]older{e.Mappings[0].Name: slices.Collect(maps.Values(before))[0]} // it may have another name now
		}
		for _, m := range e.Mappings {
			c.met[m.Name] = m.Layout != nil // one that only drops alerts now fills no table
		}
		c.sets = append(c.sets, parsedSet{e, sets[i]})
	}
	err = c.tables()
	c.gone()
	return c.found, err
}

// comparison is the state of one --against.
type comparison struct {
	options engine.Options
	before  map[string]older
	met     map[string]bool // names of the present mappings
	filled  map[string]bool // sources that these fill
	sets    []parsedSet
	found   syntax.Findings
}

type parsedSet struct {
	engine *engine.Engine
	files  []engine.File
}

// tables compares each table with what there was of it.
func (c *comparison) tables() error {
	for _, set := range c.sets {
		e, all := set.engine, parsed(set.files)
		for _, t := range pipeline.Tables(e, pipeline.Sources(e, nil)) {
			var members []*syntax.Mapping
			had := map[string]older{}
			for _, i := range t.Mappings {
				now := e.Mappings[i]
				m := ofName(now.Name, all)
				members = append(members, m)
				if old, ok := c.before[now.Name]; c.comparable(old, now, m, ok) {
					had[now.Name] = old
				}
			}
			if len(c.sets) == 1 && len(e.Mappings) > 1 {
				c.addShared(had, t)
			}
			c.filled[t.Source] = true
			if len(had) == 0 {
				continue
			}
			old, err := c.olderLayout(had)
			if err != nil {
				return err
			}
			c.changes(members, glue.Changes(glue.Columns(old), glue.Columns(t.Layout)))
		}
	}
	return nil
}

// comparable says of one mapping why it needs no comparison of columns, or cannot
// have one. Both versions write to the source that they name, or to the same one
// that the run names.
func (c *comparison) comparable(old older, now engine.Mapping, m *syntax.Mapping, had bool) bool {
	switch {
	case !had || old.Layout == nil:
		c.found.Add(syntax.Note, "new-mapping", m.Name.Pos, "mapping `%s` is new: nothing to compare it with", now.Name)
		return false
	case now.Source != "" && now.Source != old.source():
		c.found.Add(syntax.Note, "new-source", m.Source.Pos, "source `%s` is new%s: it gets a table of its own, so nothing can break", now.Source, was(old.Source))
		return false
	case now.Layout.Class.UID != old.Layout.Class.UID:
		c.found.Add(syntax.Broken, "breaks-table", m.Class.Pos, "the class was `%s`, and each class is a custom source of its own: give this one a new `source:`", old.Layout.Class.Name)
		return false
	}
	return true
}

// addShared adds the older mappings that filled the table of a set and do so no
// more. Of mappings that are checked by themselves it is not known which of them
// run together.
func (c *comparison) addShared(had map[string]older, t pipeline.Table) {
	for name, old := range c.before {
		if old.Layout != nil && old.source() == t.Source && ocsf.SameClass(old.Layout, t.Layout) {
			had[name] = old
		}
	}
}

// olderLayout joins the attributes of mappings that filled one table.
func (c *comparison) olderLayout(had map[string]older) (*ocsf.Layout, error) {
	var files []engine.File
	for _, name := range slices.Sorted(maps.Keys(had)) {
		if len(had) == 1 {
			return had[name].Layout, nil
		}
		if f := had[name].file; !slices.ContainsFunc(files, func(have engine.File) bool { return have.Name == f.Name }) {
			files = append(files, f)
		}
	}
	e, err := engine.Compile(files, c.options)
	if err != nil {
		return nil, fmt.Errorf("--against: the mappings of the older version do not go together: %w", err)
	}
	var layouts []*ocsf.Layout
	for _, m := range e.Mappings {
		if _, ok := had[m.Name]; ok { // of a variant of a set not all
			layouts = append(layouts, m.Layout)
		}
	}
	return ocsf.Merge(layouts), nil
}

// changes reports what became of the columns of a table, at the mapping that says
// most of it.
func (c *comparison) changes(members []*syntax.Mapping, changes []glue.Change) {
	for _, change := range changes {
		at, most := members[0].Find(change.Path)
		for _, m := range members[1:] {
			if pos, steps := m.Find(change.Path); steps > most {
				at, most = pos, steps
			}
		}
		if change.Breaks {
			c.found.Add(syntax.Broken, "breaks-table", at,
				"%s: a Glue table cannot hold files of both versions; undo the change (what the table has no column for can go under `unmapped`), or give the mapping a new `source:`", change.What)
		} else {
			c.found.Add(syntax.Note, "new-column", at, "%s, which a table can take: rows of days before have no value there", change.What)
		}
	}
}

// gone warns of mappings that no longer exist.
func (c *comparison) gone() {
	for name, o := range c.before {
		if c.met[name] || o.Layout == nil {
			continue
		}
		what := "its table gets no new rows; remove its custom source when that is meant"
		if c.filled[o.source()] {
			what = "only other mappings fill its table now"
		}
		c.found.Add(syntax.Warning, "mapping-gone", syntax.Pos{File: o.File, Line: 1, Col: 1}, "mapping `%s` is not there any more: %s", name, what)
	}
}

// olderMappings compiles each mapping by itself: they may be alternatives.
func (a *app) olderMappings(old string, o engine.Options) (map[string]older, error) {
	files, err := a.loader.Load([]string{old})
	if err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	before := map[string]older{}
	for _, f := range files {
		e, err := engine.Compile([]engine.File{f}, o)
		var faults syntax.Faults
		if errors.As(err, &faults) {
			return nil, fmt.Errorf("--against %s: the older version has %s, so it has no schema to compare with; the first is %w",
				old, plural(len(faults), "fault"), faults[0])
		} else if err != nil {
			return nil, err
		}
		for _, m := range e.Mappings {
			before[m.Name] = older{m, f}
		}
	}
	return before, nil
}

func was(source string) string {
	if source == "" {
		return ""
	}
	return " (it was `" + source + "`)"
}

// parsed parses the files of a set, of which each gives a mapping, or several if it extends a set.
func parsed(files []engine.File) (all []syntax.Parsed) {
	for i := range files {
		all = append(all, files[i].Parse()...)
	}
	return all
}

// ofName is the mapping of a name in a set that has it, and compiled.
func ofName(name string, set []syntax.Parsed) *syntax.Mapping {
	for _, p := range set {
		if p.Mapping != nil && p.Mapping.Name.Value == name {
			return p.Mapping
		}
	}
	return nil
}
