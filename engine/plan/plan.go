package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Options change how alerts are applied. Of what a mapping means they change its
// settings only.
type Options struct {
	// Strict rejects an alert on any failed conversion, and for bytes that are
	// not UTF-8.
	Strict bool
	// Follow follows every value into the event, which mappings with `$rest` do
	// anyway. Worker.Leaves needs it.
	Follow bool
	// Plain runs every rule for every alert and remembers no results. The events are
	// the same; tests compare them.
	Plain bool
	// Load loads a module that the mapping names. Its error says in a sentence why
	// the module cannot be used. Nil means that there is no WebAssembly.
	Load func(GuestUse) (*Guest, error)
	// Setting gives the value that whoever runs the mapping gives to one of its
	// settings, by name, and false to leave it at its default. Nil leaves all at
	// their defaults. For one compilation it gives the same each time.
	Setting func(name string) (Given, bool)
	// Shared is what the mappings of a set share. Nil shares nothing.
	Shared *Shared
	// Sound says that the mapping is known to have no faults but those that settings make: what
	// no rule uses is not looked at.
	Sound bool
	// Lean keeps only what alerts need: Plan.Sources is not to be called. The trees of
	// the expressions are nearly a third of a large set of mappings.
	Lean bool
}

// Given is the value of a setting as text, and where it was given, as messages
// name it: `--set product_version`.
type Given struct{ Value, Where string }

// Setting is a setting of a Plan with the value that it has.
type Setting struct {
	Name, Value string
	Given       bool // the value is not the default
}

// Plan is a compiled mapping. It is immutable and may be shared by goroutines;
// each makes a Worker of its own.
type Plan struct {
	Name, File, Source string
	Pos                syntax.Pos // of the name
	Priority           int
	// Also lets an alert that the plan took go on to the next plan of a set,
	// OtherwiseNext one that it would reject; their places are zero where they are
	// not given.
	Also, OtherwiseNext   bool
	AlsoPos, OtherwisePos syntax.Pos
	// Layout is nil for a plan that drops the alerts that it takes.
	Layout *ocsf.Layout
	// KeepsOriginals reports whether the mapping has `unmapped`, which keeps the
	// originals of values that do not fit. Without it they are lost.
	KeepsOriginals bool
	// Reading is what the rules read of an alert.
	Reading alert.Reading
	// Attributes are the dotted names of the attributes that rules write, each
	// once, in the order of the mapping: `attacks.technique.uid`.
	Attributes []string
	// Settings are those of the mapping and of the files that it includes, in the
	// order of their lines.
	Settings []Setting
	// Digest is for whoever compiled the Plan, and knows the files of its mapping.
	Digest string

	options   Options
	steps     []step
	root      requirement
	lets      []let         // those that no rule uses have no program
	absent    *alert.Absent // nil: no text of the alert is absent
	functions []definition
	gate      *block   // whose `$when` decides whether the mapping takes an alert; it has no steps
	alone     *program // of CompileExpression
	targets   []*target
	guestSet  guestSet
	paths     []string   // of the wanted values, as expressions write them
	profiles  []*profile // that follow the data
	// decidingOrder are the profiles whose own steps run first, in order.
	decidingOrder []int
	observables   *observables // nil if the mapping does not have them made
	units         []*unit
	late          []*ocsf.Field // written when all other steps have run
	// work is that for each alert that it takes, besides what its route and its event are;
	// finding is that of a route.
	work, finding int
}

// program is an expression with the places of its reads among the alert's
// wanted values.
//
// What an evaluation needs comes first in it, so that it lies together in memory.
type program struct {
	*expression.Program
	work     int       // of an evaluation, besides its steps and lets
	used     []wantSet // the slots but for those of which only the existence counts
	slots    []int
	bare     bool  // it is the named value Needs[0] and nothing else
	fixed    bool  // it depends on wanted values only
	reads    []int // wanted values it depends on, through lets and `it` too
	valued   []int // the reads but for those of which only the existence counts everywhere
	pos      syntax.Pos
	text     string   // as written in the mapping
	elements []string // names of the Elements
}

// wantSet is a set of wanted values among 64: those from 64*at on.
type wantSet struct {
	at  int
	set uint64
}

// let is a named value: a program, or a constant.
type let struct {
	name     string
	pos      syntax.Pos // of its value
	text     string     // as written in the mapping
	program  *program   // nil: constant
	constant alert.Value
}

// definition is a function that is an expression.
type definition struct {
	name string
	Defined
}

// target is an attribute that a rule writes, as messages describe it.
type target struct {
	Rule
	field *ocsf.Field // nil for an entry of an open object
	// profile is the profile whose line it is, "" for the rule of an attribute.
	profile string
	gives   *ocsf.Field // the id that follows from it, if it is a caption
	reads   []int       // wanted values to keep when the conversion fails
	accept  string      // what the type accepts, for reasons: "an IP address (ip_t)"
	number  int         // index of the attribute into Plan.Attributes
}

// op is what a step does.
type op uint8

const (
	opNothing     op = iota
	opConstant       // cell ← constant
	opPath           // cell ← converted wanted value
	opExpression     // cell ← converted result
	opAppendConst    // list ← constant item
	opAppendPath     // list ← converted items of a wanted value
	opAppend         // list ← converted items of a result
	opGroup          // cells of the body, kept when complete
	opItem           // list ← one item made by the body
	opEach           // list ← one item for each element, made by the body
	opCaption        // sibling ← caption of an enum id
	opID             // enum id ← the caption that the mapping gives
	opDatetime       // NAME_dt ← NAME, a time
	opProfile        // the body, if the event has the profile
	opProfiles       // metadata.profiles ← those that the event has
	opObservables    // observables ← those of the attributes that are written
	opTypeUID        // type_uid ← class and activity_id
	opTypeName       // type_name ← class caption and activity caption
	opPairs          // open object ← entries of a value
	opRest           // open object ← leaves that were not written
	opKept           // open object ← originals of failed conversions, without `$rest`
)

// step is one instruction. Pointers are nil for the ops that do not need them. A
// step with a body (group, item, each, profile) is followed by the steps of the body, up
// to block.end.
type step struct {
	op       op
	matched  bool        // against a regular expression of the schema
	numbered bool        // its cell gets a number, see ocsf.Cell.ID
	longest  int32       // bytes of a text that opPath may copy unseen, 0 if the type looks at it
	field    *ocsf.Field // what it writes
	set      setter      // of values
	want     int         // of opPath and opAppendPath: the wanted value
	program  *program    // of opExpression, opAppend, opEach and computed opPairs
	constant *ocsf.Cell  // of opConstant, opAppendConst and constant opPairs
	block    *block      // of opGroup, opItem, opEach and opProfile
	target   *target     // the rule it comes from; nil: it follows from class and schema
	from     *ocsf.Field // of opID: the caption; of opDatetime: the time
	caption  *captions   // of opCaption, opID, opTypeUID and opTypeName
	key      string      // of opPairs
	unit     *unit       // that begins here, nil for none
}

// block describes the body of a step.
type block struct {
	end      int      // the step after the body
	when     *program // `$when`; nil: always
	test     *unit    // by which a Worker remembers whether it holds; nil: it does not
	requires requirement
	constant bool // written with constants only: kept without a live value
	needed   bool // required by the object around it: kept for its constants alone
	first    int  // cells of a group in its record: [first, last)
	last     int
	size     int // of an item: parts of its expressions
	// Of opProfile: the number of the profile, and whether the attribute is one of
	// the class, whose steps decide about the profile before all others run.
	profile int
	own     bool
}

// requirement says what an object needs to be complete.
type requirement struct {
	required   []*ocsf.Field
	atLeastOne []*ocsf.Field
	justOne    []*ocsf.Field
}

// TakesAll reports whether the mapping has no `when`.
func (p *Plan) TakesAll() bool { return p.gate.when == nil }

// Drops reports whether the mapping makes no events and drops the alerts that it takes.
func (p *Plan) Drops() bool { return p.Layout == nil }

// HasGuests reports whether WebAssembly has a part in what becomes of an alert.
func (p *Plan) HasGuests() bool { return len(p.guestSet.loaded) > 0 }

// Steps is the number of steps by which events are made.
func (p *Plan) Steps() int { return len(p.steps) }

// Asking is the work of asking whether the mapping takes an alert, besides its evaluation.
func (p *Plan) Asking() int {
	if p.gate.when == nil {
		return 0
	}
	return (1 + len(p.gate.when.reads)) / stepRules
}

// measure sums up the work for an alert that is the same for all, and that of finding a
// route.
func (p *Plan) measure() {
	cells := 0
	if p.Layout != nil {
		cells = p.Layout.Cells
	}
	if p.observables != nil {
		cells *= 2
	}
	for _, profile := range p.profiles {
		cells += len(profile.paths)
	}
	p.work, p.finding = 1+(cells+len(p.lets))/stepRules, len(p.steps)
	for i := range p.steps {
		s := &p.steps[i]
		if s.program != nil {
			p.finding += len(s.program.reads) / stepRules
		}
		if s.block != nil && s.block.when != nil {
			p.finding += len(s.block.when.reads) / stepRules
		}
	}
}

// Align lets plans of one class and version fill one table: the same attribute has
// the same cell in the events of all of them. It comes before the first Worker of
// any of them.
func Align(plans []*Plan) {
	layouts := make([]*ocsf.Layout, len(plans))
	for i, p := range plans {
		layouts[i] = p.Layout
	}
	ocsf.Align(layouts)
	for _, p := range plans {
		p.findGroups()
	}
}

// findGroups notes which cells each nested object and each unit takes.
func (p *Plan) findGroups() {
	for i := range p.steps {
		if s := &p.steps[i]; s.op == opGroup {
			s.block.first, s.block.last = s.field.Cell, lastCell(s.field)+1
		}
	}
	for _, u := range p.units {
		u.locate()
	}
	p.measure()
}
