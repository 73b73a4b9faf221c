package expression

import (
	"slices"
	"sort"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Scope is what an expression may name besides the alert's own fields. Compile
// only reads it.
type Scope struct {
	// Lets are the names it may use, in order: Program.Lets and Env.Let count
	// in this list.
	Lets []string
	// LaterLets are names defined further down: using one is a fault.
	LaterLets []string
	// Tables is the object that `tables` stands for, or absence. A program keeps
	// it.
	Tables alert.Value
	// It allows `it`, the element of the $each around the expression.
	It bool
	// Functions are guest functions by name; a built-in one of the same name
	// is called instead (CheckFunctionName says so beforehand).
	Functions map[string]Function
}

// Function is a guest function. Args is how many arguments it takes, -1 for
// any number. Call gets nil arguments too; it must not keep args.
type Function struct {
	Args int
	Call func(m *Machine, args []alert.Value) (alert.Value, error)
}

// Fault is one thing wrong with an expression. Offset counts bytes from the
// start of its text.
type Fault struct {
	Offset  int
	Message string
	// Unknown is the name of a table or function that the Scope does not have,
	// "" for any other fault.
	Unknown string
	// Nearest is the name that Unknown may be a slip of, "" when none is close.
	Nearest string
	// Syntax tells of text that is no expression at all: the way it was written
	// into its file may be why.
	Syntax bool
}

// Program is a compiled expression. It is immutable and may be shared by any
// number of goroutines, each with a Machine of its own.
type Program struct {
	// Reads are the paths that it reads of the alert, each once, in order of
	// appearance. A path ends before the first step that is computed. The
	// empty path is the whole alert.
	Reads []alert.Path
	// Lets are the lets that it uses, as positions in Scope.Lets, ascending.
	Lets []int
	// It and Line tell whether it uses the element of $each and the raw line.
	It, Line bool
	// Tables are the tables that it names, in order of appearance; "" stands for
	// all of them (tables[name]).
	Tables []string
	// Yields says which kinds of values may come out.
	Yields Kinds
	// Constant tells that it always yields the same and reads nothing.
	Constant bool
	// Path tells that the whole expression is the path Reads[0].
	Path bool
	// Bare tells that the whole expression is the let Lets[0].
	Bare bool

	root      *node
	variables int  // of its own `let`
	makes     bool // its value is made here, not only read
}

// Env is the world of one evaluation: Reads[i] is Values[Slots[i]], with nil
// Slots it is Values[i]. Let is called when a let is needed, which may be never
// or more than once; it must leave Values as they are. Nothing of Env is kept.
type Env struct {
	Values []alert.Value
	Slots  []int
	Let    func(i int) (alert.Value, error)
	It     alert.Value
	Line   string
}

// at is the value of Reads[index].
func (env *Env) at(index int) *alert.Value {
	if env.Slots != nil {
		index = env.Slots[index]
	}
	return &env.Values[index]
}

// Compile turns the text of one expression, without the leading `=`, into a
// program, or says everything that is wrong with it, in order of position. A
// syntax error hides the other faults.
func Compile(text string, scope Scope) (*Program, []Fault) {
	src := newSource(text)
	tree, fault := parse(src)
	if fault != nil {
		fault.Syntax = true
		return nil, []Fault{*fault}
	}
	r := &resolver{src: src, scope: scope, program: &Program{}, machine: NewMachine()}
	root := r.resolve(tree)
	if len(r.faults) == 0 {
		r.finish(root)
	}
	if len(r.faults) > 0 {
		return nil, sorted(r.faults)
	}
	return r.program, nil
}

// finish settles the facts about the whole.
func (r *resolver) finish(root *node) {
	p := r.program
	p.root, p.Yields, p.variables = root, root.kinds, r.declared
	p.makes = root.op > opLine
	p.Path, p.Bare = root.op == opPath, root.op == opLet
	slices.Sort(p.Lets)
	p.Lets = slices.Compact(p.Lets)
	p.Constant = len(p.Reads) == 0 && len(p.Lets) == 0 && !p.It && !p.Line && !r.guests
	if !p.Constant || root.op == opConst {
		return
	}
	v, err := p.Run(r.machine, &Env{})
	if err != nil {
		r.fault(0, "the expression can never be evaluated: "+err.Error())
		return
	}
	p.Yields = kindOf(v)
	if cheap(v) {
		p.root = &node{op: opConst, value: v, kinds: p.Yields}
	}
}

func sorted(faults []Fault) []Fault {
	sort.SliceStable(faults, func(i, j int) bool { return faults[i].Offset < faults[j].Offset })
	return slices.Compact(faults)
}

// Run evaluates the program. The value's texts and lists may lie in those of
// env and in the program's constants: they are for reading, and those of env
// last as long as env's do. Errors hold nothing of the alert, except what a
// guest function or Env.Let put into theirs.
func (p *Program) Run(m *Machine, env *Env) (alert.Value, error) {
	if p.Path {
		return *env.at(p.root.index), nil
	}
	f := m.enter(p, env)
	v, err := m.eval(p.root)
	if err == nil && p.makes && v.Kind >= alert.List && weigh(&v, maxBytes) < 0 {
		v, err = alert.Value{}, errBytes
	}
	m.leave(f)
	return v, err
}

// Condition tells whether a condition holds: true does, false and absence do
// not. Anything else is no condition, which is an error.
func Condition(v alert.Value) (bool, error) {
	if v.Kind == alert.Bool || v.Kind == alert.Nil {
		return v.Num != 0, nil
	}
	return false, errCondition(v.Kind)
}
