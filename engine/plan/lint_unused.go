package plan

import (
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/spelling"
)

// unused looks for lets, tables and settings that the mapping never uses. It skips
// those of included files, which other mappings may use.
func (l *linter) unused() {
	lets := make([]bool, len(l.compiler.lets))
	tables, settings := map[string]bool{}, map[string]bool{}
	read := func(p *expression.Program) {
		for _, i := range p.Lets {
			lets[i] = true
		}
		for _, name := range p.Tables {
			tables[name] = true
		}
		for _, name := range p.Settings {
			settings[name] = true
		}
	}
	ofLets := map[*program]bool{}
	for _, x := range l.compiler.lets {
		ofLets[x.program] = true
	}
	for _, p := range l.programs {
		if !ofLets[p] {
			read(p.Program)
		}
	}
	for i := len(lets) - 1; i >= 0; i-- {
		if x := l.compiler.lets[i]; lets[i] && x.program != nil {
			read(x.program.Program)
		}
	}
	for i, used := range lets {
		if x := l.m.Let[i]; !used && x.Pos.File == l.m.File {
			l.warn("unused", x.Pos, "`let` %s is never used: remove it, or use it", x.Name)
		}
	}
	for name, at := range l.m.TablePos {
		if !tables[name] && !tables[""] && at.File == l.m.File {
			l.warn("unused", at, "table `%s` is never used: remove it, or use it as tables.%s", name, name)
		}
	}
	for _, x := range l.m.Settings {
		if !settings[x.Name] && x.Pos.File == l.m.File {
			l.warn("unused", x.Pos, "setting `%s` is never used: remove it, or use it as settings.%s", x.Name, x.Name)
		}
	}
}

// unseen looks for fields that no alert of the tests has.
func (l *linter) unseen(p *Plan, alerts []string) {
	if len(alerts) == 0 {
		return
	}
	seen := make([]bool, len(p.Reading.Wants))
	sc := alert.NewSpec(p.Reading.Wants, false, alert.Limits{}).NewScanner()
	any := false
	for _, line := range alerts {
		if sc.Scan(line) != nil {
			continue // a test of what is no alert
		}
		any = true
		for i := range seen {
			seen[i] = seen[i] || sc.Value(i).Kind != alert.Nil
		}
	}
	if !any {
		return
	}
	names := alertNames(alerts)
	for e, program := range l.programs {
		for j, path := range program.Reads {
			if len(path) == 0 || seen[program.slots[j]] {
				continue
			}
			l.warn("unseen-field", e.At(program.ReadAt(j)), "no alert of the tests has `%s`%s", path,
				spelling.DidYouMean(path.String(), names))
		}
	}
}

// alertNames returns every path of the alerts, sorted: of leaves, and of the
// objects and lists around them.
func alertNames(alerts []string) []string {
	sc := alert.NewSpec(nil, true, alert.Limits{}).NewScanner()
	names := map[string]bool{}
	for _, line := range alerts {
		if sc.Scan(line) != nil {
			continue
		}
		for _, leaf := range sc.Rest() {
			for name := leaf.Key; ; {
				names[strings.Clone(name)] = true
				cut := strings.LastIndexByte(name, '.')
				if cut < 0 {
					break
				}
				name = name[:cut]
			}
		}
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
