package expression

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// op is what a node of the resolved tree does.
type op uint8

const (
	opConst    op = iota // value
	opPath               // Reads[index]
	opLet                // let number index
	opElement            // the element of the $each number index
	opPosition           // the position of that element
	opLine               // the raw line
	opVar                // variable number index of the expression's own `let`
	opDeclare            // variable index is args[0] within args[1]
	opDelay              // argument index is args[0] within args[1], evaluated at its first use
	opDelayed            // argument number index
	opCond               // args[0] ? args[1] : args[2]
	opAnd                // args[0] and args[1]
	opOr                 // args[0] or args[1]
	opNot                // not args[0]
	opCoalesce           // args[0] ?? args[1] ?? …
	opElse               // args[0], or args[1] if that is nil
	opPresent            // args[0] is neither nil nor the empty text
	opTry                // args[0], or nil if it fails
	opList               // a list of args
	opCall               // fn(args)
	opGuest              // guest number index of args
	opEach               // loop over args[0] with the body args[1] and perhaps args[2]
	opItem               // the item of the iteration
	opIndex              // its position
	opAcc                // the accumulator of reduce
)

// node is one node of the resolved tree, in which names are resolved and
// operators are calls. See code for what is evaluated.
type node struct {
	op    op
	args  []*node
	value alert.Value
	index int
	fn    *function.Function
	loop  *predicate
	steps int   // of a loop: of an iteration
	bound *node // of opDelayed: the argument
	// inPlace is what an evaluation reads in place of a let, nil if it needs the let.
	inPlace *node
	plus    *node         // of opDelayed and opVar: what joined finds in it; of opLet: itself, if Scope.Sums has it
	flow    function.Flow // of a call
	// nothing says of a call whether it compares args[0] with nil.
	nothing nothing
	steer   uint64 // of a call: its arguments that only steer
	probe   bool   // of a path: nobody says that the alert has such a field
	table   string // of a constant: the table that it is, or ""
	kinds   Kinds
	at      int // byte offset in the text of the expression
	// place is its offset in its own text, if it is located.
	place   Place
	located bool
}

type nothing uint8

const (
	isNothing   nothing = 1 + iota // == nil
	isSomething                    // != nil
)

// mayFail reports whether evaluating a node can be an error.
func (n *node) mayFail() bool {
	switch n.op {
	case opConst, opPath, opElement, opPosition, opLine, opVar, opItem, opIndex, opAcc:
		return false
	}
	return true
}
