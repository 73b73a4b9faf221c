package mappingtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
)

// Bounds of what a Result keeps: a file has thousands of tests, and each event may have
// thousands of attributes and megabytes of text.
const (
	mostDifferences = 50
	longestText     = 4 << 10 // bytes of what is expected and of what there is
	longestValue    = 1 << 10 // bytes of a value that a rule read
	common          = 40      // bytes of the same beginning that stay in two long texts
)

// Shorten drops what a report does not need, and cuts what is long: of the Explanation the
// outcome stays, and the event of a test that failed.
func (r *Result) Shorten() {
	kept := engine.Explanation{Outcome: r.Explanation.Outcome, Reason: r.Explanation.Reason, Where: r.Explanation.Where}
	if len(r.Differences) > 0 {
		kept.Event = r.Explanation.Event
	}
	r.Explanation = kept
	for i := range r.Differences {
		d := &r.Differences[i]
		d.Expected, d.Got = shortenBoth(d.Expected, d.Got)
		d.Attribute = shortenAttribute(d.Attribute)
	}
}

// shortenBoth cuts two texts where they are equal, and at their ends.
func shortenBoth(a, b string) (string, string) {
	if max(len(a), len(b)) <= longestText {
		return a, b
	}
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	return shortenText(a, same), shortenText(b, same)
}

func shortenText(s string, same int) string {
	before, after := "", ""
	if same > common {
		before, s = "…", s[same-common:]
	}
	if len(s) > longestText {
		s, after = s[:longestText], "…"
	}
	return before + strings.ToValidUTF8(s, "") + after
}

// shortenAttribute returns a copy that holds nothing of the rest of the explanation.
func shortenAttribute(a *engine.Attribute) *engine.Attribute {
	if a == nil {
		return nil
	}
	short := *a
	short.Value, short.Lost = shortenJSON(a.Value), shortenJSON(a.Lost)
	f := &short.From
	f.Elements, f.Lets, f.Reads, f.Calls = slices.Clone(f.Elements), slices.Clone(f.Lets), slices.Clone(f.Reads), slices.Clone(f.Calls)
	for i := range f.Elements {
		f.Elements[i].Value = shortenJSON(f.Elements[i].Value)
	}
	for i := range f.Lets {
		f.Lets[i].Value = shortenJSON(f.Lets[i].Value)
	}
	for i := range f.Reads {
		f.Reads[i].Value = shortenJSON(f.Reads[i].Value)
	}
	for i := range f.Calls {
		c := &f.Calls[i]
		c.Args, c.Result = slices.Clone(c.Args), shortenJSON(c.Result)
		for j := range c.Args {
			c.Args[j] = shortenJSON(c.Args[j])
		}
	}
	return &short
}

// shortenJSON cuts JSON that is too long. What is left is the text of its beginning.
func shortenJSON(s string) string {
	if len(s) <= longestValue {
		return strings.Clone(s)
	}
	text, _ := json.Marshal(fmt.Sprintf("%s… (%d bytes of JSON)", strings.ToValidUTF8(s[:longestValue], ""), len(s))) // a text can always be marshalled
	return string(text)
}
