package table

import (
	"errors"

	"github.com/parquet-go/parquet-go"
)

// rowJSON puts rows of any schema together as JSON, from their levels.
type rowJSON struct {
	nodes []jsonNode
	cols  [][]parquet.Value // of the row at hand; entries are taken from the front
	buf   []byte
}

var errLevels = errors.New("the levels of its columns contradict each other")

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
	j.buf = j.object(j.buf[:0], j.nodes)
	return j.buf, nil
}

// object writes the nodes that are there as the members of an object.
func (j *rowJSON) object(dst []byte, nodes []jsonNode) []byte {
	dst = append(dst, '{')
	empty := true
	for i := range nodes {
		n := &nodes[i]
		if !j.there(n) {
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

// there tells whether a node's next entry has it. An empty list is there, but a
// bare repeated column has no such thing.
func (j *rowJSON) there(n *jsonNode) bool {
	level := j.level(n)
	if n.shape == jsonList || n.shape == jsonMap {
		return level >= n.outer
	}
	return level >= n.def
}

func (j *rowJSON) level(n *jsonNode) int { return j.cols[n.first][0].DefinitionLevel() }

// skip passes one entry in each column of a node.
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
		return n.scalar(dst, v)
	case jsonObject:
		return j.object(dst, n.children)
	case jsonMap:
		return j.entries(dst, n)
	}
	return j.items(dst, n)
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

// entries writes a map as an object; its keys become text.
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
			dst = appendQuoted(dst[:at], key)
		}
		dst = append(dst, ':')
		dst = j.element(dst, &n.children[1])
	}
	return append(dst, '}')
}

// element writes an item, which a list has to have: null where it is absent.
func (j *rowJSON) element(dst []byte, n *jsonNode) []byte {
	if j.there(n) {
		return j.value(dst, n)
	}
	j.skip(n)
	return append(dst, "null"...)
}

// more tells whether the list goes on with another item.
func (j *rowJSON) more(n *jsonNode) bool {
	c := j.cols[n.first]
	return len(c) > 0 && c[0].RepetitionLevel() == n.rep
}
