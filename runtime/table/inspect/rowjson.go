package inspect

import (
	"fmt"

	"github.com/parquet-go/parquet-go"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// rowJSON assembles rows of any schema as JSON from their levels.
type rowJSON struct {
	nodes []jsonNode
	cols  [][]parquet.Value // of the current row; entries are taken from the front
	buf   []byte
	long  bool // the row is longer than it may be, and what follows is left out
}

// longestRow is how long the values of a row may be together, in bytes. A value may
// be in a row many times, and in its column once.
const longestRow = 32 << 20

var errLongRow = fmt.Errorf("%w: a row has more than 32 MiB, which is not shown; read it with a query engine", ErrNotParquet)

var errLevels = fmt.Errorf("%w: the levels of its columns contradict each other; write it again from its source", ErrNotParquet)

func newRowJSON(root *parquet.Column) rowJSON {
	var j rowJSON
	leaves := 0
	for _, c := range root.Columns() {
		j.nodes = append(j.nodes, newJSONNode(c, &leaves))
	}
	j.cols = make([][]parquet.Value, leaves)
	return j
}

func (j *rowJSON) row(row parquet.Row) ([]byte, error) {
	clear(j.cols)
	for from := 0; from < len(row); {
		to := from + 1
		for to < len(row) && row[to].Column() == row[from].Column() {
			to++
		}
		j.cols[row[from].Column()] = row[from:to]
		from = to
	}
	for i := range j.cols {
		if len(j.cols[i]) == 0 {
			return nil, errLevels
		}
	}
	j.long = false
	j.buf = j.object(j.buf[:0], j.nodes)
	if j.long {
		return nil, errLongRow
	}
	return j.buf, nil
}

// object writes the nodes that are present as the members of an object.
func (j *rowJSON) object(dst []byte, nodes []jsonNode) []byte {
	dst = append(dst, '{')
	empty := true
	for i := range nodes {
		n := &nodes[i]
		if !j.present(n) {
			j.skip(n)
			continue
		}
		if !empty {
			dst = append(dst, ',')
		}
		empty = false
		dst = append(dst, n.name...)
		dst = j.value(dst, n)
	}
	return append(dst, '}')
}

// present reports whether the node is present in its next entry. An empty list is;
// an empty bare repeated column cannot be.
func (j *rowJSON) present(n *jsonNode) bool {
	level := j.level(n)
	if n.shape == jsonList || n.shape == jsonMap {
		return level >= n.outer
	}
	return level >= n.def
}

func (j *rowJSON) level(n *jsonNode) int { return j.cols[n.first][0].DefinitionLevel() }

// skip drops one entry of each column of a node.
func (j *rowJSON) skip(n *jsonNode) {
	for i := n.first; i < n.first+n.leaves; i++ {
		j.cols[i] = j.cols[i][1:]
	}
}

func (j *rowJSON) value(dst []byte, n *jsonNode) []byte {
	switch n.shape {
	case jsonValue:
		v := j.cols[n.first][0]
		j.skip(n)
		j.long = j.long || len(dst)+valueLength(v) > longestRow
		if j.long {
			return append(dst, "null"...)
		}
		return n.scalar(dst, v)
	case jsonObject:
		return j.object(dst, n.children)
	case jsonMap:
		return j.entries(dst, n)
	}
	return j.items(dst, n)
}

func valueLength(v parquet.Value) int {
	if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
		return len(v.ByteArray())
	}
	return 0
}

func (j *rowJSON) items(dst []byte, n *jsonNode) []byte {
	dst = append(dst, '[')
	if j.level(n) < n.def { // no items
		j.skip(n)
		return append(dst, ']')
	}
	for first := true; first || j.more(n); first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = j.element(dst, &n.children[0])
	}
	return append(dst, ']')
}

// entries writes a map as an object, its keys as text.
func (j *rowJSON) entries(dst []byte, n *jsonNode) []byte {
	dst = append(dst, '{')
	if j.level(n) < n.def {
		j.skip(n)
		return append(dst, '}')
	}
	for first := true; first || j.more(n); first = false {
		if !first {
			dst = append(dst, ',')
		}
		at := len(dst)
		dst = j.element(dst, &n.children[0])
		if dst[at] != '"' {
			key := string(dst[at:])
			dst = jsontext.AppendString(dst[:at], key)
		}
		dst = append(dst, ':')
		dst = j.element(dst, &n.children[1])
	}
	return append(dst, '}')
}

// element writes an item of a list, null if it is absent.
func (j *rowJSON) element(dst []byte, n *jsonNode) []byte {
	if j.present(n) {
		return j.value(dst, n)
	}
	j.skip(n)
	return append(dst, "null"...)
}

// more reports whether the list has another item.
func (j *rowJSON) more(n *jsonNode) bool {
	c := j.cols[n.first]
	return len(c) > 0 && c[0].RepetitionLevel() == n.rep
}
