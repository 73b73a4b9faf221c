package profile

import (
	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
)

// field is what is known of the leaves at one path.
type field struct {
	alerts   int64 // that have a leaf here
	last     int64 // number of the last of them
	kinds    [len(kindNames)]int64
	leaves   Leaves
	distinct distinct
	frequent frequent
}

// kindNames name what a leaf can be; the last three are of leaves without contents.
var kindNames = [...]string{alert.Nil: "null", alert.Bool: "boolean", alert.Int: "integer", alert.Float: "float", alert.Text: "text",
	alert.List: "empty_list", alert.Object: "empty_object", emptyText: "empty_text"}

const emptyText = alert.Object + 1

// add counts one leaf of an alert, given by its number.
func (f *field) add(v *alert.Value, number int64, scratch []byte) {
	if f.last != number {
		f.last = number
		f.alerts++
	}
	kind := v.Kind
	if kind == alert.Text && v.Text == "" {
		kind = emptyText
	}
	f.kinds[kind]++
	if kind == alert.Nil || kind > alert.Text {
		return
	}
	text := v.Text
	if kind == alert.Bool {
		text = string(v.AppendText(scratch[:0]))
	}
	hash := hashOf(text)
	f.distinct.add(hash)
	f.frequent.add(hash, text)
}

func (f *field) merge(o *field) {
	f.alerts += o.alerts
	f.last = max(f.last, o.last)
	for kind, n := range o.kinds {
		f.kinds[kind] += n
	}
	f.leaves.merge(&o.leaves)
	f.distinct.merge(&o.distinct)
	f.frequent.merge(&o.frequent)
}

// Leaves counts what became of leaves. Only those of alerts that were taken, and that
// have contents, are among them.
type Leaves struct {
	Leaves  int64 `json:"leaves"`  // the sum of the others
	Written int64 `json:"written"` // in an attribute
	Failed  int64 `json:"failed"`  // an attribute or an expression could not take the value
	Kept    int64 `json:"kept"`    // under unmapped, because nothing read it into an attribute
	Lost    int64 `json:"lost"`    // nowhere, because the mapping has no `$rest`
}

func (l *Leaves) add(f engine.Fate) {
	switch f {
	case engine.Written:
		l.Written++
	case engine.Failed:
		l.Failed++
	case engine.Kept:
		l.Kept++
	case engine.Lost:
		l.Lost++
	default:
		return
	}
	l.Leaves++
}

func (l *Leaves) merge(o *Leaves) {
	l.Leaves += o.Leaves
	l.Written += o.Written
	l.Failed += o.Failed
	l.Kept += o.Kept
	l.Lost += o.Lost
}

// Share is a part of the leaves, from 0 to 1; 0 if there are none.
func (l *Leaves) Share(part int64) float64 {
	if l.Leaves == 0 {
		return 0
	}
	return float64(part) / float64(l.Leaves)
}
