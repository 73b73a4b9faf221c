package expression

import (
	"slices"
	"sort"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// Scope is what an expression may name besides the alert's own fields. Compile
// does not change it.
type Scope struct {
	// Lets are the names of lets that it may use. Program.Lets and Env.Let are
	// positions in this list.
	Lets []string
	// Aliases are the paths of the Lets that stand for a path, or for the first of
	// several that is there; nil for the others. A step behind such a let is one
	// behind its path.
	Aliases [][]alert.Path
	// Sums are what to say of the Lets that have a Joined where a number belongs; "" for
	// the others.
	Sums []string
	// Self is the name of the let that the expression defines, if any: using it is
	// a fault.
	Self string
	// Later returns why the expression cannot use a let, as that it is defined further down:
	// "" for those that it can, and for what is no let. It may be nil.
	Later func(name string) string
	// Settings is the object of the mapping's settings, each a scalar, or absence.
	// Programs keep them.
	Settings alert.Value
	// Tables is the object that `tables` stands for, or absence. Programs keep
	// it.
	Tables alert.Value
	// Condition and Compare, if they are not nil, know the types of fields.
	// Condition returns why a field can be no condition, Compare why an operator has
	// no use between a field on its left and a text: "" where it may. Text is "" where
	// it is not a constant.
	Condition func(field alert.Path) string
	Compare   func(field alert.Path, operator, text string) string
	// Elements are the names of the elements of the enclosing $each, outermost
	// first, "" for one that is only `it`. `it` and `index` are about the last.
	Elements []string
	// Hidden are the names of elements that the place has and the expression does
	// not: using one is a fault.
	Hidden []string
	// AnyElement accepts `it` and `index` even without Elements.
	AnyElement bool
	// Arguments hide everything but the variables of the expression.
	Arguments []Argument
	// Functions are the mapping's own functions by name. A built-in function of the
	// same name takes precedence (CheckFunctionName rejects such names).
	Functions map[string]Function
	// Trees remembers what is parsed.
	Trees Trees

	body bool // of a function
}

// Function is an expression with parameters, if it has a Definition, or else a
// guest function. Args is the number of a guest's arguments, -1 for any number;
// Index is its position in Machine.Guests. It gets nil arguments too.
type Function struct {
	Definition  *Definition
	Args, Index int
}

// Fault is one thing wrong with an expression. Offset counts bytes from the
// start of its text.
type Fault struct {
	Offset  int
	Message string
	// Unknown is the name of a setting, table or function that the Scope does not have,
	// "" for any other fault.
	Unknown string
	// Nearest is the name that Unknown may be a misspelling of, or "".
	Nearest string
	// Syntax is true for text that does not parse: the quoting in its file may
	// be the cause.
	Syntax bool
}

// Program is a compiled expression. It is immutable and may be shared by any
// number of goroutines, each with a Machine of its own.
type Program struct {
	// What Run needs comes first, so that it lies together in memory.
	code      *code // of root
	variables int   // of its own `let`
	delayed   int   // arguments that are evaluated once
	makes     bool  // its value may be one that the evaluation made
	// Path says that the whole expression is the path Reads[0].
	Path bool

	// Reads are the paths of the alert that it reads, each once, in order of
	// appearance. A path ends before the first computed step. The empty path is
	// the whole alert.
	Reads []alert.Path
	// Lets are the lets that it uses, as positions in Scope.Lets, ascending.
	Lets []int
	// Paths are the lets that stand for paths and are used for what is behind these
	// paths, as positions in Scope.Lets, in order of appearance. They are not
	// evaluated.
	Paths []int
	// Needs are those of the Lets that an evaluation needs. The others stand for paths, which it
	// reads itself: OfLets, each once.
	Needs  []int
	OfLets []alert.Path
	// Elements are the elements of $each that it uses, as positions in
	// Scope.Elements, ascending; Index says whether it uses `index`, Line whether it
	// uses the raw line, and Guests whether it may call guest functions.
	Elements            []int
	Index, Line, Guests bool
	// Arguments are the arguments that its text names, as positions in
	// Scope.Arguments, ascending.
	Arguments []int
	// Settings are the settings that it names, in order of appearance.
	Settings []string
	// Tables are the tables that it names, in order of appearance; "" is all of
	// them (tables[name]).
	Tables []string
	// Functions are the mapping's own functions that it uses, those of their bodies
	// included, each once.
	Functions []string
	// Yields are the kinds of values that may come out.
	Yields Kinds
	// Constant says that it always yields the same and reads nothing.
	Constant bool
	// Aliases are the paths of an expression that is a path, or `??` of paths, and
	// nothing else.
	Aliases []alert.Path
	// Size is how many parts it has, with functions in place of their calls.
	Size int
	// Joined is about a + that may join texts in place of adding numbers.
	Joined Joined
	// Bare says that the whole expression is the let Needs[0].
	Bare bool

	root   *node
	places []Place // of the Reads
}

// Env is the input of one evaluation. The value of Reads[i] is Values[Slots[i]],
// or Values[i] if Slots is nil; those of OfLets come behind them. Let is called each time a let is needed; it must
// not change Values. Nothing of Env is kept.
type Env struct {
	Values []alert.Value
	Slots  []int
	Let    func(i int) (alert.Value, error)
	// Elements are the current elements of the enclosing $each, outermost first.
	Elements []Element
	Line     string
	// Looks gets the positions in Values that the evaluation looks at, as bits, 64 to each
	// number; nil: it does not matter. They stay until the caller clears them.
	Looks []uint64
}

// Element is an element of the list of a $each, with its position.
type Element struct {
	Value alert.Value
	Index int
}

// at returns the value of Reads[index].
func (env *Env) at(index int) *alert.Value {
	if env.Slots != nil {
		index = env.Slots[index]
	}
	if env.Looks != nil {
		env.Looks[index/64] |= 1 << (index % 64)
	}
	return &env.Values[index]
}

// Compile turns the text of one expression, without the leading `=`, into a
// Program, or returns all of its faults in order of position. A syntax error
// hides the other faults.
func Compile(text string, scope Scope) (*Program, []Fault) {
	p := scope.Trees.of(text)
	if p.fault != nil {
		return nil, []Fault{*p.fault}
	}
	r := newResolver(p.src, &scope)
	delays := r.bindArguments(p.tree)
	root := delayed(delays, r.resolve(p.tree))
	if len(r.faults) == 0 {
		r.finish(root)
	}
	if len(r.faults) > 0 {
		return nil, sorted(r.faults)
	}
	return r.program, nil
}

func newResolver(src source, scope *Scope) *resolver {
	return &resolver{frame: &frame{scope: scope, src: src, fixed: -1}, program: &Program{}}
}

// finish sets what the Program says about the whole expression.
func (r *resolver) finish(root *node) {
	p := r.program
	p.root, p.code, p.Yields, p.variables, p.Guests = root, p.encode(root), root.kinds, r.declared, r.varies
	p.delayed, p.Size = r.delayed, r.nodes
	p.makes = root.op > opLine
	p.Aliases, _ = r.aliases(nil, root)
	if plus := root.joined(); plus != nil {
		p.Joined = Joined{plus.at, r.noSum(plus)}
	}
	slices.Sort(p.Elements)
	p.Elements = slices.Compact(p.Elements)
	slices.Sort(p.Lets)
	p.Lets = slices.Compact(p.Lets)
	slices.Sort(p.Needs)
	p.Needs = slices.Compact(p.Needs)
	p.Path, p.Bare = root.op == opPath, root.op == opLet && root.inPlace == nil
	p.Constant = len(p.Reads) == 0 && len(p.Lets) == 0 && len(p.Elements) == 0 && !p.Index && !p.Line && !r.varies
	if !p.Constant || root.op == opConst {
		return
	}
	v, err := p.Run(r.folding(), &Env{})
	if err != nil {
		r.fault(0, "the expression can never be evaluated: "+err.Error())
		return
	}
	p.Yields = function.KindOf(v)
	if cheap(v) {
		p.root = &node{op: opConst, value: v, kinds: p.Yields}
		p.code = p.encode(p.root)
	}
}

// DropTree gives up the tree of the Program, before others share it. What remains is Run: Exists,
// Lacks, Outcomes, Probes and Sources read the tree.
func (p *Program) DropTree() { p.root = nil }

func sorted(faults []Fault) []Fault {
	sort.SliceStable(faults, func(i, j int) bool { return faults[i].Offset < faults[j].Offset })
	return slices.Compact(faults)
}

// Run evaluates the program. The texts and lists of the result may be those of
// env or of the program's constants: do not change them, and do not keep those
// of env longer than env. Errors hold nothing of the alert, except what guest
// functions and Env.Let put into theirs.
func (p *Program) Run(m *Machine, env *Env) (alert.Value, error) {
	if p.code.op == opPath {
		return *env.at(int(p.code.index)), nil
	}
	outer, base, first := m.env, m.base, m.firstDelayed
	f := m.Enter()
	m.env = env
	if p.variables > 0 {
		m.declare(p.variables)
	}
	if p.delayed > 0 {
		m.delay(p.delayed)
	}
	v, err := m.eval(p.code)
	if err == nil && p.makes && v.Kind >= alert.List && function.Outward(&v) != nil {
		v, err = alert.Value{}, function.ErrBytes
	}
	m.env, m.base = outer, base
	if p.delayed > 0 {
		m.delayed, m.firstDelayed = m.delayed[:m.firstDelayed], first
	}
	m.Leave(f)
	return v, err
}
