package plan

import (
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Bounds of an explanation: a rule below `$each` runs for each of thousands of elements,
// and each of them may read all of the others.
const (
	mostExplained = 100       // elements of one list
	mostEntries   = 10_000    // of Attributes, and of Unmapped
	longestText   = 512 << 10 // bytes of one value; a text attribute fits
	mostTexts     = 16 << 20  // bytes of all values; then each is cut to shortText
	shortText     = 200
)

func newTrace(w *Worker) *trace {
	return &trace{worker: w, kept: map[int]*target{}, held: map[int][]Attribute{}, read: map[*program]bool{}, known: map[int]Read{}}
}

// text is a value as JSON, within the bounds.
func (t *trace) text(v alert.Value) string { return t.bounded(jsonText(v)) }

// bounded cuts JSON that is too long. What is left is the text of its beginning.
func (t *trace) bounded(json string) string {
	most := longestText
	if t.spent > mostTexts {
		most = shortText
	}
	if len(json) > most {
		json = jsonText(alert.OfText(fmt.Sprintf("%s… (%d bytes of JSON)", strings.ToValidUTF8(json[:most], ""), len(json))))
	}
	t.spent += len(json)
	return json
}

// more records how many elements of a list are not explained.
func (t *trace) more(s *step, n int) {
	if t != nil && n > 0 {
		t.hidden += n
		t.add(Attribute{Path: join(t.at, s.field.Name) + "[]", Rule: &s.target.Rule, Absent: fmt.Sprintf("%d more elements are not explained", n)})
	}
}

func (t *trace) end() { t.out.Hidden = t.hidden }
