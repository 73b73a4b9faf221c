package syntax

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// expand puts parts in place of their uses in the event.
func (p *parser) expand(m *Mapping) {
	x := &expander{m: m, faults: &p.faults, nodes: p.nodes}
	x.check()
	if m.Event == nil || !x.uses {
		return
	}
	event := x.node(m.Event, nil, 0)
	if x.nodes > maxNodes {
		event = nil // what is cut would only have more faults
	}
	if event == nil || event.Kind != Object || event.From != nil {
		if event != nil {
			p.faults.Add(event.Pos, "`event` must hold the attributes of the event, not %s", event.kind())
		}
		event = &Node{Kind: Object, Broken: true}
	}
	event.Pos = m.Event.Pos
	if m.Event.Each == nil && event.Each != nil {
		p.faults.Add(event.Pos, eventIsNoItem)
	}
	if m.Event.When == nil && event.When != nil {
		p.faults.Add(event.When.Pos, whenOfEvent)
	}
	m.Event = event
}

// expander copies the parts to their uses.
type expander struct {
	m      *Mapping
	faults *Faults
	nodes  int      // of the mapping as it is written, and of the copies of its parts
	uses   bool     // of any part
	chain  []string // the parts around the node
}

// check reports what is wrong with uses wherever they are used, once, also in
// parts that nothing uses.
func (x *expander) check() {
	if x.m.Event != nil {
		x.refs(x.m.Event, x.reference)
	}
	for _, part := range x.m.Parts {
		x.refs(part.Value, x.reference)
	}
	done := map[string]bool{}
	for _, part := range x.m.Parts {
		x.recursion(part, nil, done)
	}
}

// refs visits the uses of parts at and below a node.
func (x *expander) refs(n *Node, visit func(*PartRef)) {
	if n == nil {
		return
	}
	if n.Part != nil {
		visit(n.Part)
	}
	for _, item := range n.Items {
		x.refs(item, visit)
	}
	for _, f := range n.Fields {
		x.refs(f.Value, visit)
	}
}

// reference checks the name and the number of arguments of a use.
func (x *expander) reference(ref *PartRef) {
	x.uses = true
	part, _ := x.m.partOf(ref.Name)
	switch {
	case part != nil && len(part.Params) != len(ref.Args):
		x.faults.Add(ref.Pos, "%s takes %s, not %d", signatureText(part.Name, part.Params), countOf(len(part.Params), "argument"), len(ref.Args))
	case part == nil && !x.m.Unread(ref.Name) && !x.m.Unread(""):
		var names []string
		for _, part := range x.m.Parts {
			names = append(names, part.Name)
		}
		advice := spelling.DidYouMean(ref.Name, names)
		if ref.Name == eventPart || strings.HasPrefix(ref.Name, eventPart+".") {
			advice = "; it is the event of a mapping that this one extends"
		} else if advice == "" {
			advice = "; define it under `parts`"
		}
		x.faults.Add(ref.Pos, "there is no part `%s`%s", ref.Name, advice)
	}
}

// recursion reports parts that contain themselves.
func (x *expander) recursion(part *Part, chain []string, done map[string]bool) {
	if done[part.Name] {
		return
	}
	chain = append(chain, part.Name)
	x.refs(part.Value, func(ref *PartRef) {
		inner, _ := x.m.partOf(ref.Name)
		if inner == nil {
			return
		}
		if i := slices.Index(chain, inner.Name); i >= 0 {
			x.faults.Add(ref.Pos, "part `%s` contains itself: %s: remove one of the uses", inner.Name, strings.Join(append(chain[i:], inner.Name), " → "))
			return
		}
		x.recursion(inner, chain, done)
	})
	done[part.Name] = true
}

// node returns a copy of a node for a use (nil for the event itself), with parts in
// place. It is nil for a part that has a fault.
func (x *expander) node(n *Node, use *Use, depth int) *Node {
	if use != nil {
		if x.nodes++; depth > maxDepth || x.nodes > maxNodes {
			x.tooLarge(n, use, depth)
			return nil
		}
	}
	out := *n
	out.Part = nil
	out.Pos.Use, out.RestPos.Use = use, use
	out.Expression, out.Each, out.When = n.Expression.copied(use), n.Each.copied(use), n.When.copied(use)
	out.From = n.From.copied(use)
	out.Fields, out.Items = nil, nil
	for _, f := range n.Fields {
		f.Pos.Use = use
		if f.Value != nil {
			f.Value = x.node(f.Value, use, depth+1)
		}
		out.Fields = append(out.Fields, f)
	}
	for _, item := range n.Items {
		items, whole := x.item(item, use, depth+1)
		out.Items, out.Broken = append(out.Items, items...), out.Broken || !whole
	}
	if n.Part != nil {
		return x.merged(&out, n.Part, use, depth)
	}
	return &out
}

// item returns the items that an item of a list stands for, those of the list that
// a part is, and whether all of them could be read.
func (x *expander) item(n *Node, use *Use, depth int) (items []*Node, whole bool) {
	out := x.node(n, use, depth)
	switch {
	case out == nil:
		return nil, false
	case n.Part != nil && out.Kind == List:
		return out.Items, !out.Broken
	}
	return []*Node{out}, true
}

func (x *expander) tooLarge(n *Node, use *Use, depth int) {
	if x.nodes > maxNodes+1 {
		return // already reported
	}
	if depth > maxDepth {
		at := n.Pos
		at.Use = use
		x.faults.Add(at, "nested deeper than %d levels", maxDepth)
		return
	}
	for use.Pos.Use != nil {
		use = use.Pos.Use
	}
	x.faults.Add(use.Pos, "the mapping has more than %d values with part `%s` in place of its uses: make the part smaller, or use it less often", maxNodes, use.Part.Name)
}

// merged puts a part in place of a `$part`. The lines beside it win.
func (x *expander) merged(own *Node, ref *PartRef, use *Use, depth int) *Node {
	part := x.part(ref, use, depth)
	alone := len(own.Fields) == 0 && own.Each == nil && !own.EachBroken && own.When == nil && !own.Rest
	switch {
	case part == nil && alone:
		return nil
	case part == nil:
		own.Broken = true
		return own
	case alone:
		return part
	case part.Kind != Object || part.From != nil:
		at := ref.Pos
		at.Use = use
		x.faults.Add(at, "part `%s` is %s: only a part that is an object can have lines beside `$part`", ref.Name, part.kind())
		own.Broken = true
		return own
	}
	fields := slices.DeleteFunc(part.Fields, func(f Field) bool { return own.field(f.Name) })
	own.Fields = append(fields, own.Fields...)
	if own.Each == nil && !own.EachBroken {
		own.Each, own.EachBroken = part.Each, part.EachBroken
	}
	if own.When == nil {
		own.When = part.When
	}
	if !own.Rest && part.Rest {
		own.Rest, own.RestPos = true, part.RestPos
	}
	own.Broken = own.Broken || part.Broken
	return own
}

func (n *Node) field(name string) bool {
	return slices.ContainsFunc(n.Fields, func(f Field) bool { return f.Name == name })
}

// part returns a copy of a part for one use; nil if the use has a fault, which is
// already reported.
func (x *expander) part(ref *PartRef, outer *Use, depth int) *Node {
	part, path := x.m.partOf(ref.Name)
	if part == nil {
		return nil
	}
	part.Used = true
	if len(part.Params) != len(ref.Args) || slices.Contains(x.chain, part.Name) {
		return nil
	}
	use := &Use{Part: part, Pos: ref.Pos}
	use.Pos.Use = outer
	x.m.Uses = append(x.m.Uses, use)
	for _, arg := range ref.Args {
		use.Args = append(use.Args, arg.copied(outer))
	}
	x.chain = append(x.chain, part.Name)
	n := x.node(part.Value, use, depth)
	x.chain = x.chain[:len(x.chain)-1]
	if n == nil || len(path) == 0 {
		return n
	}
	whole := n
	if n = whole.at(path); n == nil && !whole.Broken {
		at := ref.Pos
		at.Use = outer
		x.faults.Add(at, "the event of the mapping that this one extends has no `%s`: correct the path, or write the attribute itself", strings.Join(path, "."))
	}
	return n
}

// copied returns the expression of a part for one use; the expression itself
// outside of parts.
func (e *Expression) copied(use *Use) *Expression {
	if e == nil || use == nil {
		return e
	}
	out := *e
	out.Pos.Use, out.As.Pos.Use, out.Template = use, use, e
	return &out
}

// copied returns what `$from` says in a part for one use.
func (f *FromEvent) copied(use *Use) *FromEvent {
	if f == nil || use == nil {
		return f
	}
	out := &FromEvent{f.Pos, slices.Clone(f.Only), slices.Clone(f.Not)}
	out.Pos.Use = use
	for i := range out.Only {
		out.Only[i].Pos.Use = use
	}
	for i := range out.Not {
		out.Not[i].Pos.Use = use
	}
	return out
}

// kind names the kind of a node for messages.
func (n *Node) kind() string {
	switch {
	case n.From != nil:
		return "a list"
	case n.Kind == Object:
		return "an object"
	case n.Kind == List:
		return "a list"
	}
	return "a single value"
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
