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
	named := namings{}
	for i, used := range lets {
		named.add("let", l.m.Let[i].Name, l.m.Let[i].Pos, used)
	}
	for name, at := range l.m.TablePos {
		named.add("table", name, at, names["tables."+name] || names["tables."])
	}
	for _, x := range l.m.Settings {
		named.add("setting", x.Name, x.Pos, names["settings."+x.Name])
	}
	for _, x := range l.m.Functions {
		named.add("function", x.Name, x.Pos, names[x.Name])
	}
	for _, x := range l.m.Guests {
		named.add("function", x.Name, x.Pos, names[x.Name])
	}
	for _, x := range l.m.Parts {
		named.add("part", x.Name, x.Pos, x.Used)
	}
	for kind, all := range named {
		l.unusedOf(all, unusedMessages[kind])
	}
	for _, x := range l.unusedParams {
		if x.Pos.File == l.m.File {
			l.warn("unused", x.Pos, "parameter `%s` is never used: remove it, or use it", x.Value)
		}
	}
}

var unusedMessages = map[string]string{
	"let":      "`let` %s is never used: remove it, or use it",
	"table":    "table `%s` is never used: remove it, or use it as tables.%[1]s",
	"setting":  "setting `%s` is never used: remove it, or use it as settings.%[1]s",
	"function": "function `%s` is never called: remove it, or call it",
	"part":     "part `%s` is never used: remove it, or use it with `$part`",
}

// namings are the names that a mapping and the files that it includes define, by their kind.
type namings map[string][]naming

type naming struct {
	name string
	pos  syntax.Pos
	used bool
}

func (n namings) add(kind, name string, at syntax.Pos, used bool) {
	n[kind] = append(n[kind], naming{name, at, used})
}

// unusedOf warns of the mapping's own names of one kind. One that nothing uses may have
// been meant to replace that of a file which the mapping extends.
func (l *linter) unusedOf(all []naming, message string) {
	var others []string
	for _, x := range all {
		if x.pos.File != l.m.File {
			others = append(others, x.name)
		}
	}
	for _, x := range all {
		if !x.used && x.pos.File == l.m.File {
			l.warn("unused", x.pos, message+"%[2]s", x.name, spelling.DidYouMean(x.name, others))
		}
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
