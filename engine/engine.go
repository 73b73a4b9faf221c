// Package engine compiles mappings and turns alerts into OCSF events.
//
//	YAML ──► syntax ──► plan ──► Engine
//	                               │
//	one line of bytes ──► alert ──► event ──► (table, lake)
//
// Package syntax reads mappings and owns positions and faults; ocsf holds the
// facts of the schema, and the Event; expression compiles and evaluates
// expressions, whose operators and functions are in function; alert extracts from a line, in one pass, what the mappings of a
// set read; plan compiles a mapping against a class and applies it; mappingtest
// runs the tests of mappings; spelling suggests names; jsontext reads and writes
// JSON text; timestamp reads times; wazuh knows the fields of alerts.
//
// Nothing in these packages touches a file, the clock, the environment or the
// network: the same line and the same mapping give the same event, always and
// everywhere.
package engine

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// File is one mapping file: its name as messages show it, its text, and the
// files that it includes and that its tables are read from, by the names that
// syntax.Document.Needs returns.
type File struct {
	Name     string
	Text     []byte
	Includes map[string]syntax.Include
	// Document is Text decoded. Parse decodes it if it is nil or of another text.
	Document *syntax.Document
	// Sound says that these very texts have been compiled without a fault before.
	Sound bool
}

// Parse parses the file, as syntax.ParseAll does.
func (f *File) Parse() []syntax.Parsed {
	return syntax.ParseAll(f.Name, f.Document.Of(f.Text), f.Includes)
}

// Options change how alerts are applied. Of what a mapping means they change its
// settings only.
type Options = plan.Options

// Mapping is one compiled mapping of an Engine.
type Mapping struct {
	Name, File string
	// Source is the custom source that the mapping names, "" if the run decides.
	Source string
	// Layout is that of its events, nil for a mapping that drops alerts. Layouts of
	// one class and version in a set can be joined by ocsf.Merge.
	Layout *ocsf.Layout
	// Time is the rule that gives its events their `time`, nil for a mapping that drops
	// alerts. It must not be changed.
	Time *Rule
	// KeepsOriginals reports whether values that do not fit their attribute are
	// kept under `unmapped`. Otherwise they are counted and lost.
	KeepsOriginals bool
	// Attributes are the dotted names of the attributes that rules write, each
	// once, in the order of the mapping. Worker.Conversions counts by them.
	Attributes []string
	// Settings are those of the mapping and of the files that it includes.
	Settings []Setting
	// Digest is what the mapping was made of, as 64 hex digits: the texts of its
	// file, of those that it includes and of those that its tables are read from, and
	// the values of its settings, wherever the files are.
	Digest string
}

// Setting is a setting of a mapping with the value that it has.
type Setting = plan.Setting

// Given is the value that a front door gives to a setting.
type Given = plan.Given

// Engine is a compiled set of mappings: the first whose `when` holds takes the
// alert, and may let it go on to the next. It is immutable and may be shared by
// goroutines.
type Engine struct {
	// Mappings are in the order in which they are tried: by priority, then name.
	Mappings []Mapping
	plans    []*plan.Plan
	spec     *alert.Spec // what the plans read, except those that change alerts first
	strict   bool
	asking   int // the work for each alert of asking the plans
}

// Strict reports whether Options.Strict was set.
func (e *Engine) Strict() bool { return e.strict }

// HasGuests reports whether WebAssembly has a part in what becomes of an alert. It may remember
// those before it.
func (e *Engine) HasGuests() bool { return slices.ContainsFunc(e.plans, (*plan.Plan).HasGuests) }

// Steps is the number of steps by which all mappings make events.
func (e *Engine) Steps() (n int) {
	for _, p := range e.plans {
		n += p.Steps()
	}
	return n
}

// Compile compiles a set of mapping files. The error is a syntax.Faults with
// everything that is wrong in any of them.
func Compile(files []File, o Options) (*Engine, error) {
	o.Shared = plan.NewShared()
	o.Sound = !slices.ContainsFunc(files, func(f File) bool { return !f.Sound })
	plans, faults := each(files, o.Shared, func(m *syntax.Mapping, _ bool) (*plan.Plan, syntax.Faults) { return plan.Compile(m, o) })
	e, more := assemble(plans)
	if err := append(faults, more...).Err(); err != nil {
		return nil, err
	}
	e.strict = o.Strict
	return e, nil
}

// each parses and compiles every file. It returns the plans of the files
// without faults, and the faults of the others. It calls compile with whole set
// if the parser found no fault in the file.
func each(files []File, shared *plan.Shared, compile func(m *syntax.Mapping, whole bool) (*plan.Plan, syntax.Faults)) ([]*plan.Plan, syntax.Faults) {
	var plans []*plan.Plan
	var faults syntax.Faults
	for p := range parseAhead(files, shared) {
		if p.Mapping != nil {
			compiled, more := compile(p.Mapping, len(p.Faults) == 0)
			p.Faults = append(p.Faults, more...)
			if len(p.Faults) == 0 {
				compiled.Digest = digest(p.file, p.Mapping, compiled.Settings)
				plans = append(plans, compiled)
			}
		}
		faults = append(faults, p.Faults...)
	}
	return plans, faults
}

// parsed is a mapping with its file.
type parsed struct {
	syntax.Parsed
	file *File
}

// parseAhead parses the files, and reads their tables, while those before them are compiled.
// Whoever asks for it receives them all, in the order of the files.
func parseAhead(files []File, shared *plan.Shared) <-chan parsed {
	all := make(chan parsed, 1)
	go func() {
		defer close(all)
		for i := range files {
			for _, p := range files[i].Parse() {
				all <- parsed{p, &files[i]}
				if p.Mapping != nil {
					shared.ReadTables(p.Mapping)
				}
			}
		}
	}()
	return all
}

// assemble makes a set of plans and checks that they go together.
func assemble(plans []*plan.Plan) (*Engine, syntax.Faults) {
	slices.SortStableFunc(plans, func(a, b *plan.Plan) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Name, b.Name))
	})
	var faults syntax.Faults
	e := &Engine{plans: plans}
	for i, p := range plans {
		for _, other := range plans[:i] {
			together(&faults, other, p)
		}
		m := Mapping{Name: p.Name, File: p.File, Source: p.Source, Layout: p.Layout, KeepsOriginals: p.KeepsOriginals,
			Attributes: p.Attributes, Settings: p.Settings, Digest: p.Digest}
		if !p.Drops() {
			m.Time = p.TimeRule()
		}
		e.asking += p.Asking()
		e.Mappings = append(e.Mappings, m)
	}
	align(plans)
	var readings []alert.Reading
	for _, p := range plans {
		if !p.ChangesAlerts() {
			readings = append(readings, p.Reading)
		}
	}
	e.spec = alert.NewSharedSpec(readings, alert.Limits{})
	return e, faults
}

// align lets mappings of one class fill one table.
func align(plans []*plan.Plan) {
	var classes [][]*plan.Plan
	for _, p := range plans {
		if p.Drops() {
			continue
		}
		at := slices.IndexFunc(classes, func(c []*plan.Plan) bool { return ocsf.SameClass(c[0].Layout, p.Layout) })
		if at < 0 {
			at = len(classes)
			classes = append(classes, nil)
		}
		classes[at] = append(classes[at], p)
	}
	for _, c := range classes {
		if len(c) > 1 {
			plan.Align(c)
		}
	}
}

// together checks that two mappings can be in one set.
func together(faults *syntax.Faults, a, b *plan.Plan) {
	if a.Name == b.Name {
		faults.Add(b.Pos, "the name `%s` is already used by %s: give each mapping of a set its own", b.Name, a.File)
	}
	if a.Drops() || b.Drops() || ocsf.SameClass(a.Layout, b.Layout) {
		return
	}
	const words = "%s and %s make events of different classes or OCSF versions, and each needs a custom source of its own: add `source:` to %s, or run one of them at a time"
	switch {
	case a.Source == "" && b.Source == "":
		faults.Add(b.Pos, words, a.File, b.File, "both")
	case a.Source == "":
		faults.Add(a.Pos, words, a.File, b.File, "this one")
	case b.Source == "":
		faults.Add(b.Pos, words, a.File, b.File, "this one")
	case a.Source == b.Source:
		faults.Add(b.Pos, "source `%s` is named by %s too, whose events are of another class or OCSF version: one source has one schema, so name another", b.Source, a.File)
	}
}
