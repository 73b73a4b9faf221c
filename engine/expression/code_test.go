package expression

import (
	"testing"
	"unsafe"
)

// A node of the code of an expression fills one line of a cache.
func TestCodeIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(code{}); size != 64 {
		t.Errorf("a node takes %d bytes, not 64", size)
	}
}

// The code of an expression lies together in memory, in the order of its tree: what is encoded is
// the tree, node by node.
func TestCodeIsTheTree(t *testing.T) {
	p, faults := Compile(`a.b ?? (let n = len(c); n > 2 ? [n, "x", {"k": c}] : map(d, # + n)) ?? upper(a)`, sampleScope)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var same func(c *code, n *node)
	same = func(c *code, n *node) {
		if c.op != n.op || c.fn != n.fn || c.loop != n.loop || c.nothing != n.nothing || c.flow != n.flow || c.steer != n.steer || len(c.args) != len(n.args) {
			t.Fatalf("%+v is the code of %+v", c, n)
		}
		switch {
		case n.op == opConst && c.value.JSON() != n.value.JSON(), n.op == opEach && int(c.index) != n.steps, n.op != opEach && int(c.index) != n.index:
			t.Fatalf("%+v is the code of %+v", c, n)
		}
		for i := range c.args {
			same(&c.args[i], n.args[i])
		}
	}
	same(p.code, p.root)
}
