package alert

import (
	"strconv"
	"strings"
	"testing"
)

// One object with very many names costs the objects after it nothing.
func TestAHugeObjectLeavesNoMap(t *testing.T) {
	object := func(names int) string {
		var b strings.Builder
		for i := range names {
			b.WriteString(`,"n` + strconv.Itoa(i) + `":1`)
		}
		return "{" + b.String()[1:] + "}"
	}
	var b builder
	for _, x := range []struct{ names, kept int }{{keepNames, 1}, {keepNames + 1, 0}} {
		tree := b.build(object(x.names))
		if tree == nil || len(tree.kids) != x.names || len(b.names) != x.kept {
			t.Errorf("%d names leave %d maps, want %d", x.names, len(b.names), x.kept)
		}
	}
}
