package cli

import (
	"errors"
	"fmt"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// against compares the schemas of mappings with those of an older version of
// them: file with file, or the mappings of sets by their names.
func against(old string, o engine.Options, sets [][]engine.File, compiled []*engine.Engine) (syntax.Findings, error) {
	before, err := olderMappings(old, o)
	if err != nil {
		return nil, err
	}
	var found syntax.Findings
	now, broken := 0, false
	for _, e := range compiled {
		broken = broken || e == nil
		if e != nil {
			now += len(e.Mappings)
		}
	}
	if broken {
		return nil, nil // the faults are told; there is nothing to compare yet
	}
	single := now == 1 && len(before) == 1
	met := map[string]bool{}
	for i, e := range compiled {
		for _, m := range e.Mappings {
			o, ok := before[m.Name]
			if single {
				for _, only := range before {
					o, ok = only, true
				}
			}
			met[o.Name] = ok
			found = append(found, compareMapping(o, m, ok, sets[i])...)
		}
	}
	for name, o := range before {
		if !met[name] {
			found.Add(syntax.Warning, "mapping-gone", syntax.Pos{File: o.File, Line: 1, Col: 1},
				"mapping `%s` is not there any more: its table gets no new rows; remove its custom source when that is meant", name)
		}
	}
	return found, nil
}

// olderMappings compiles each mapping by itself: they may be alternatives.
func olderMappings(old string, o engine.Options) (map[string]engine.Mapping, error) {
	files, err := mapping.Load([]string{old})
	if err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	before := map[string]engine.Mapping{}
	for _, f := range files {
		e, err := engine.Compile([]engine.File{f}, o)
		var faults syntax.Faults
		if errors.As(err, &faults) {
			return nil, fmt.Errorf("--against %s: the older version has %s, so that it has no schema to compare with; the first is %w",
				old, plural(len(faults), "fault"), faults[0])
		} else if err != nil {
			return nil, err
		}
		before[e.Mappings[0].Name] = e.Mappings[0]
	}
	return before, nil
}

// compareMapping judges one mapping. Both versions write to the source that
// they name, or to the same one that the run names.
func compareMapping(old, now engine.Mapping, had bool, set []engine.File) syntax.Findings {
	var found syntax.Findings
	m := parsed(now.File, set)
	switch {
	case !had:
		found.Add(syntax.Note, "new-mapping", m.Name.Pos, "mapping `%s` is new: nothing to compare it with", now.Name)
		return found
	case now.Source != "" && now.Source != orElse(old.Source, "wazuh"):
		found.Add(syntax.Note, "new-source", m.Source.Pos, "source `%s` is new%s: it gets a table of its own, and nothing can break", now.Source, was(old.Source))
		return found
	case now.Layout.Class.UID != old.Layout.Class.UID:
		found.Add(syntax.Broken, "breaks-table", m.Class.Pos, "the class was `%s`, and each class is a custom source of its own: give this one a new `source:`", old.Layout.Class.Name)
		return found
	}
	for _, c := range glue.Changes(glue.Columns(old.Layout), glue.Columns(now.Layout)) {
		if c.Breaks {
			found.Add(syntax.Broken, "breaks-table", m.Find(c.Path),
				"%s: a Glue table cannot hold files of both versions; take the change back (what the table has no place for can go under `unmapped`), or give the mapping a new `source:`", c.What)
		} else {
			found.Add(syntax.Note, "new-column", m.Find(c.Path), "%s, which a table bears: days before have nothing in it", c.What)
		}
	}
	return found
}

func was(source string) string {
	if source == "" {
		return ""
	}
	return " (it was `" + source + "`)"
}

// parsed reads a file of a set again, for its places. It has no faults: it was
// compiled.
func parsed(name string, set []engine.File) *syntax.Mapping {
	for _, f := range set {
		if f.Name == name {
			m, _ := syntax.Parse(f.Name, f.Text, f.Includes)
			return m
		}
	}
	return &syntax.Mapping{File: name}
}
