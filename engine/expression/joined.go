package expression

import (
	"fmt"
	"slices"

	"github.com/sluice-lake/sluice/engine/function"
)

// plus returns the function of a +. It adds what can only be numbers. Else it
// joins texts as soon as one side is text, and Wazuh writes many numbers as text.
func plus(a, b *node) *function.Function {
	if (a.kinds|b.kinds)&^(function.Number|Nil) == 0 {
		return &function.Plus
	}
	return function.Operator("+")
}

// joined finds a + whose result is the tree's and may be joined text, or a let that has
// such a result.
func (n *node) joined() *node {
	switch n.op {
	case opCall:
		if n.fn.Name == "+" && len(n.args) == 2 && n.kinds&Text != 0 && !slices.ContainsFunc(n.args, isText) {
			return n
		}
	case opCond:
		for _, branch := range n.args[1:] {
			if found := branch.joined(); found != nil {
				return found
			}
		}
	case opCoalesce, opElse:
		for _, side := range n.args {
			if found := side.joined(); found != nil {
				return found
			}
		}
	case opDelayed, opVar, opLet:
		return n.plus
	case opDeclare, opDelay:
		return n.args[1].joined()
	}
	return nil
}

// isText reports whether a node gives nothing but text, beside which a + is meant to join.
func isText(n *node) bool { return n.kinds&^(Text|Nil) == 0 && n.kinds&Text != 0 }

// sum is that of Sums for a let, or "".
func (s *Scope) sum(let int) string {
	if let < len(s.Sums) {
		return s.Sums[let]
	}
	return ""
}

// noSum says what is wrong with a + that may join texts where a number belongs.
func (r *resolver) noSum(n *node) string {
	if n.op == opLet {
		return r.scope.sum(n.index)
	}
	whole, plain := [2]string{}, [2]string{}
	for i, a := range n.args {
		plain[i] = "…"
		switch {
		case a.op == opPath && len(r.program.Reads[a.index]) > 0:
			plain[i] = r.program.Reads[a.index].String()
		case a.op == opConst && a.kinds&function.Number != 0:
			plain[i] = string(a.value.AppendText(nil))
		}
		whole[i] = plain[i]
		if a.kinds&^function.Number != 0 {
			whole[i] = "int(" + plain[i] + ")"
		}
	}
	return fmt.Sprintf("`+` joins texts, also numbers that are written as text; for a sum write `%s + %s` or `sum(%s, %s)`", whole[0], whole[1], plain[0], plain[1])
}

// Joined is where in the text there is a + whose result is the program's and may be
// two texts joined, with what to write for a sum; no message where there is none.
type Joined struct {
	Offset  int
	Message string
}

// looksAtItems reports whether a body reads the items of its list.
func (n *node) looksAtItems() bool {
	switch n.op {
	case opItem, opIndex, opAcc:
		return true
	case opEach: // its body looks at its own items
		return n.args[0].looksAtItems() || slices.ContainsFunc(n.args[2:], (*node).looksAtItems)
	}
	return slices.ContainsFunc(n.args, (*node).looksAtItems)
}
