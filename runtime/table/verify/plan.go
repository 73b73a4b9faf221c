package verify

import (
	"hash/maphash"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table/glue"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// plan says how the columns of a schema are judged, for events of one class.
type plan struct {
	class   *ocsf.Class // nil if it is not known: then the events are not judged
	checker *ocsf.Checker
	leaves  []leaf
	columns []glue.Column
	faults  []staticFault
	wrong   []string            // paths of columns that cannot hold their attribute
	good    map[uint64]struct{} // kinds of rows that have no fault
}

// staticFault is a fault that the schema alone has.
type staticFault struct{ demand, column, what, do string }

// mostGood bounds the kinds of rows that a plan remembers.
const mostGood = 1 << 18

// part is what a leaf is of the column that it is in.
type part uint8

const (
	single part = iota
	mapKey
	mapValue
)

// special columns are looked at row by row.
type special uint8

const (
	usual special = iota
	timeLeaf
	classLeaf
)

// leaf is one column of the file.
type leaf struct {
	path      string
	attribute *ocsf.Attribute // nil if there is none, or the column cannot hold it
	part      part
	special   special
	// told is set if the Checker looks at the value together with others.
	told           bool
	maxDef, maxRep byte
	kind           parquet.Kind
	bare           bool  // its values are judged without the Checker: text of any form
	low, high      int64 // of numbers; outside of these the Checker is asked
	order          order
	perMilli       int64 // of a time
	seed           maphash.Seed
}

// Judge judges objects. It belongs to one goroutine, and remembers what it has learned of
// schemas and kinds of rows.
type Judge struct {
	versions map[string]*version
	plans    map[string]*plan
	// hashes are the digests of the rows of a row group, entries those of their maps.
	hashes, entries []uint64
	tokens          []uint64
	largestGroup    int64        // bytes, compressed
	seed            maphash.Seed // keeps whoever makes an object from making kinds of rows that look alike
}

// NewJudge returns one that knows nothing yet.
func NewJudge() *Judge {
	return &Judge{versions: map[string]*version{}, plans: map[string]*plan{}, largestGroup: 256 << 20, seed: maphash.MakeSeed()}
}

type version struct {
	schema  *ocsf.Schema
	checker *ocsf.Checker
}

// usualVersion is by which events are judged that do not say their version.
const usualVersion = "1.1.0"

// mostPlans bounds the schemas that a Judge remembers.
const mostPlans = 64

// planOf returns the plan for a file whose rows are of a class.
func (j *Judge) planOf(c *inspect.Columns, class int64, named string) *plan {
	if named == "" {
		named = usualVersion
	}
	v := j.version(named)
	id := strconv.FormatInt(class, 10) + " " + named + "\n" + c.Schema
	if p := j.plans[id]; p != nil {
		return p
	}
	p := &plan{good: map[uint64]struct{}{}}
	var attributes []ocsf.Attribute
	if v != nil {
		if of, ok := v.schema.Class(strconv.FormatInt(class, 10)); ok {
			p.class, p.checker, attributes = of, v.checker, of.Attributes
		}
	}
	b := binder{plan: p, seed: j.seed, elements: c.File.Metadata().Schema, leaves: c.Leaves}
	p.columns = b.root(attributes)
	if len(j.plans) == mostPlans {
		clear(j.plans)
	}
	j.plans[id] = p
	return p
}

// version returns what is known of a version of OCSF, nil if that is nothing.
func (j *Judge) version(named string) *version {
	if v, ok := j.versions[named]; ok {
		return v
	}
	s, err := ocsf.Load(named)
	if err != nil {
		return nil
	}
	v := &version{s, ocsf.NewChecker(s)}
	j.versions[named] = v
	return v
}

func logical(e *format.SchemaElement) format.LogicalTypeValue { return e.LogicalType.Value }
