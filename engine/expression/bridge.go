package expression

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	"github.com/sluice-lake/sluice/engine/alert"
)

// generator writes the resolved tree as a tree of expr's that holds nothing
// but constants, variables, conditions, predicates and calls of functions over
// any. expr's own operators, members and type checks never see a value, so
// none of their rules about nil, numbers and texts apply.
//
// Every call gets the machine as its first argument: functions bound when a
// program is compiled would be shared by all goroutines that run it, so what
// belongs to one evaluation has to come with it.
type generator struct {
	config *conf.Config
	names  map[*function]string
	extra  int // variables beyond those of the resolved tree
}

func generate(root *node) (*vm.Program, error) {
	g := &generator{config: conf.CreateNew(), names: map[*function]string{}}
	g.config.Optimize = false
	tree := g.node(root)
	return compiler.Compile(&parser.Tree{Node: tree, Source: file.NewSource("")}, g.config)
}

// node is one switch over the ops.
func (g *generator) node(n *node) ast.Node {
	switch n.op {
	case opConst:
		return &ast.ConstantNode{Value: toAny(n.value)}
	case opPath:
		return g.native("path", readPath, &ast.IntegerNode{Value: n.index})
	case opLet:
		return g.native("let", readLet, &ast.IntegerNode{Value: n.index})
	case opIt:
		return g.native("it", readIt)
	case opLine:
		return g.native("line", readLine)
	case opVar:
		return variableName(n.index)
	case opDeclare:
		return &ast.VariableDeclaratorNode{Name: variableName(n.index).Value, Value: g.node(n.args[0]), Expr: g.node(n.args[1])}
	case opCond:
		return &ast.ConditionalNode{Cond: g.test(n.args[0]), Exp1: g.node(n.args[1]), Exp2: g.node(n.args[2])}
	case opAnd:
		return &ast.BinaryNode{Operator: "&&", Left: g.test(n.args[0]), Right: g.test(n.args[1])}
	case opOr:
		return &ast.BinaryNode{Operator: "||", Left: g.test(n.args[0]), Right: g.test(n.args[1])}
	case opNot:
		return &ast.UnaryNode{Operator: "!", Node: g.test(n.args[0])}
	case opCoalesce:
		return &ast.BinaryNode{Operator: "??", Left: g.native("filled", filled, g.node(n.args[0])), Right: g.node(n.args[1])}
	case opList:
		return &ast.ArrayNode{Nodes: g.all(n.args)}
	case opCall:
		return g.call(n)
	case opEach:
		return g.each(n)
	case opItem:
		return &ast.PointerNode{}
	case opIndex:
		return &ast.PointerNode{Name: "index"}
	default:
		return &ast.PointerNode{Name: "acc"}
	}
}

func (g *generator) all(list []*node) []ast.Node {
	nodes := make([]ast.Node, len(list))
	for i, n := range list {
		nodes[i] = g.node(n)
	}
	return nodes
}

func variableName(index int) *ast.IdentifierNode {
	return &ast.IdentifierNode{Value: "v" + strconv.Itoa(index)}
}

// test makes what expr jumps on: a bool and nothing else.
func (g *generator) test(n *node) ast.Node {
	if n.kinds == Bool {
		return g.node(n)
	}
	return g.native("test", test, g.node(n))
}

// each keeps a predicate as expr has it, around a list that is one and a body
// that counts its rounds:
//
//	let x = items(list); absent(x) ? nil : filter(x, round(body))
func (g *generator) each(n *node) ast.Node {
	g.extra++
	x := "x" + strconv.Itoa(g.extra)
	held := &ast.IdentifierNode{Value: x}
	nothing := g.native("absent", absent, held)
	loop := &ast.BuiltinNode{Name: n.name}
	if n.name == "positions" {
		loop = &ast.BuiltinNode{Name: "filter", Map: &ast.PointerNode{Name: "index"}}
	}
	body := g.native("round", round, g.node(n.args[1]))
	if predicates[loop.Name].test {
		body = g.native("roundTest", roundTest, g.node(n.args[1]))
	}
	loop.Arguments = []ast.Node{held, &ast.PredicateNode{Node: body}}
	if n.name == "reduce" {
		if len(n.args) > 2 {
			loop.Arguments = append(loop.Arguments, g.node(n.args[2]))
		} else {
			nothing = g.native("empty", empty, held)
		}
	}
	return &ast.VariableDeclaratorNode{
		Name:  x,
		Value: g.native("items", loopItems, g.node(n.args[0])),
		Expr: &ast.ConditionalNode{
			Cond: nothing,
			Exp1: &ast.NilNode{},
			Exp2: loop,
		},
	}
}

// native calls one of the functions below, which know expr's own values.
func (g *generator) native(name string, f vm.Function, args ...ast.Node) ast.Node {
	if _, ok := g.config.Functions[name]; !ok {
		g.config.Functions[name] = &builtin.Function{Name: name, Func: f}
	}
	return &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: name},
		Arguments: append([]ast.Node{&ast.IdentifierNode{Value: "$env"}}, args...),
	}
}

func (g *generator) call(n *node) ast.Node {
	name, ok := g.names[n.fn]
	if !ok {
		name = fmt.Sprintf("f%d", len(g.names))
		g.names[n.fn] = name
	}
	return g.native(name, adapt(n.fn), g.all(n.args)...)
}

// carried takes an error of ours through the VM, which turns errors into texts
// that quote values.
type carried struct{ err error }

func (c *carried) Error() string { return c.err.Error() }

// execute runs code on a VM of its own depth: Env.Let may come back here.
func (m *Machine) execute(code *vm.Program) (alert.Value, error) {
	if m.depth == len(m.vms) {
		m.vms = append(m.vms, &vm.VM{MemoryBudget: 2 * maxItems})
	}
	machine := m.vms[m.depth]
	m.depth++
	rounds := m.rounds
	out, err := machine.Run(code, m)
	m.depth--
	if m.rounds-rounds > keepRounds {
		m.vms[m.depth] = &vm.VM{MemoryBudget: 2 * maxItems} // it keeps a scope for each round
	}
	if err == nil {
		return toValue(out), nil
	}
	var ours *carried
	var theirs *file.Error
	switch {
	case errors.As(err, &ours):
		return alert.Value{}, ours.err
	case errors.As(err, &theirs) && theirs.Message == "memory budget exceeded":
		return alert.Value{}, errBytes
	}
	return alert.Value{}, errInternal
}
