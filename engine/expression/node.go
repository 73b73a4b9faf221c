package expression

import "github.com/sluice-lake/sluice/engine/alert"

// op is what a node of the resolved tree does.
type op uint8

const (
	opConst    op = iota // value
	opPath               // Reads[index]
	opLet                // let number index
	opIt                 // the element of $each
	opLine               // the raw line
	opVar                // variable number index of the expression's own `let`
	opDeclare            // variable index is args[0] within args[1]
	opCond               // args[0] ? args[1] : args[2]
	opAnd                // args[0] and args[1]
	opOr                 // args[0] or args[1]
	opNot                // not args[0]
	opCoalesce           // args[0] ?? args[1]
	opPresent            // args[0] is neither nil nor the empty text
	opTry                // args[0], or nil if it fails
	opList               // a list of args
	opCall               // fn(args)
	opEach               // loop over args[0] with the body args[1] and perhaps args[2]
	opItem               // the item of the iteration
	opIndex              // its position
	opAcc                // the accumulator of reduce
)

// node is one node of the resolved tree, in which names are resolved and
// operators are calls.
type node struct {
	op    op
	args  []*node
	value alert.Value
	index int
	fn    *function
	loop  *predicate
	flow  flow   // of a call
	table string // of a constant: the table that it is, or ""
	kinds Kinds
	at    int // byte offset in the text
}

// mayFail reports whether evaluating a node can be an error.
func (n *node) mayFail() bool {
	switch n.op {
	case opConst, opPath, opIt, opLine, opVar, opItem, opIndex, opAcc:
		return false
	}
	return true
}

// function is one operator or function of the language. call is pure: it keeps
// nothing of args, changes none of their lists, and uses m only for limits and
// scratch memory.
type function struct {
	name     string
	min, max int // number of arguments; max < 0 means any
	yields   Kinds
	lenient  bool // handles nil arguments itself; otherwise any nil argument gives nil
	guest    bool // never folded
	numbers  bool // takes numbers only, but no texts to join
	flow     flow
	call     func(m *Machine, args []alert.Value) (alert.Value, error)
	test     func(m *Machine, a, b *alert.Value) (bool, error) // call, for operators that are true or false
	prepare  func(args []*node) (*function, *Fault)            // specialises for constant arguments; may be nil
}

// invoke returns nil for nil arguments, unless the function is lenient.
func (f *function) invoke(m *Machine, args []alert.Value) (alert.Value, error) {
	if !f.lenient {
		for i := range args {
			if args[i].Kind == alert.Nil {
				return alert.Value{}, nil
			}
		}
	}
	return f.call(m, args)
}
