package plan

import (
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// unused looks for lets, tables, settings, functions and parts that the mapping
// never uses. It skips those of included files, which other mappings may use.
func (l *linter) unused() {
	lets, names := l.used()
	for i, used := range lets {
		if x := l.m.Let[i]; !used {
			l.unusedName(x.Pos, "`let` %s is never used: remove it, or use it", x.Name)
		}
	}
	for name, at := range l.m.TablePos {
		if !names["tables."+name] && !names["tables."] {
			l.unusedName(at, "table `%s` is never used: remove it, or use it as tables.%[1]s", name)
		}
	}
	for _, x := range l.m.Settings {
		if !names["settings."+x.Name] {
			l.unusedName(x.Pos, "setting `%s` is never used: remove it, or use it as settings.%[1]s", x.Name)
		}
	}
	for _, x := range l.m.Functions {
		if !names[x.Name] {
			l.unusedName(x.Pos, "function `%s` is never called: remove it, or call it", x.Name)
		}
	}
	for _, x := range l.unusedParams {
		l.unusedName(x.Pos, "parameter `%s` is never used: remove it, or use it", x.Value)
	}
	for _, x := range l.m.Parts {
		if !x.Used {
			l.unusedName(x.Pos, "part `%s` is never used: remove it, or use it with `$part`", x.Name)
		}
	}
	for _, x := range l.m.Guests {
		if !names[x.Name] {
			l.unusedName(x.Pos, "function `%s` is never called: remove it, or call it", x.Name)
		}
	}
}

func (l *linter) unusedName(at syntax.Pos, message, name string) {
	if at.File == l.m.File {
		l.warn("unused", at, message, name)
	}
}

// used returns which lets the rules use, through other lets too, and the names of
// the functions, tables and settings: f, tables.t (tables. for all) and settings.s.
func (l *linter) used() (lets []bool, names map[string]bool) {
	lets, names = make([]bool, len(l.compiler.lets)), map[string]bool{}
	read := func(p *expression.Program) {
		for _, i := range slices.Concat(p.Lets, p.Paths) {
			lets[i] = true
		}
		for _, name := range p.Tables {
			names["tables."+name] = true
		}
		for _, name := range p.Settings {
			names["settings."+name] = true
		}
		for _, name := range p.Functions {
			names[name] = true
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
	return lets, names
}

// unseen looks for fields that no alert of the tests has, but for those that were
// reported already.
func (l *linter) unseen(p *Plan, alerts []string, reported map[read]bool) {
	tested := l.options.Shared.namesIn(alerts)
	if len(tested.names) == 0 {
		return
	}
	seen := seenIn(p, alerts)
	for e, program := range l.programs {
		for j, path := range program.Reads {
			if len(path) == 0 || seen[program.slots[j]] || reported[read{e, j}] || program.Probes(j) {
				continue
			}
			name := path.String()
			l.warn("unseen-field", l.readAt(e, program, j), "no alert of the tests has `%s`%s", name, tested.hint(name))
		}
	}
}

// readAt returns where an expression first reads a path.
func (l *linter) readAt(e *syntax.Expression, p *program, j int) syntax.Pos {
	at := p.ReadAt(j)
	return l.textOf(e, at).At(at.Offset)
}

// testedNames are the paths of the alerts that a set is tested with, and which of them is near
// to one that none of these alerts has: many rules of all mappings read the same.
type testedNames struct {
	names []string
	hints map[string]string
}

// namesIn is for the alerts of one Lint of a set, which are the same for all mappings.
func (s *Shared) namesIn(alerts []string) *testedNames {
	if s.tested == nil {
		s.tested = &testedNames{alertNames(alerts), map[string]string{}}
	}
	return s.tested
}

func (t *testedNames) hint(name string) string {
	hint, known := t.hints[name]
	if !known {
		hint = spelling.DidYouMean(name, t.names)
		t.hints[name] = hint
	}
	return hint
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
