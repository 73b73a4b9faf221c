package lake

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// notes is a Ledger that has notes alone.
type notes struct {
	Ledger
	texts map[string][]byte
}

func (n notes) Note(_ context.Context, key string, text []byte) ([]byte, error) {
	if there, ok := n.texts[key]; ok {
		return there, nil
	}
	n.texts[key] = text
	return text, nil
}

func (n notes) Load(context.Context, string) (*Manifest, error) { return nil, nil }

func (n notes) Notes(context.Context, string) (map[string][]byte, error) { return n.texts, nil }

// Law: digests of rows come back as they were noted, and of a text that was cut, or has more
// behind it, none do.
func TestRowDigests(t *testing.T) {
	c := &Compaction{Plan: Plan{Folder: "ext/s/eventDay=20260314/", Names: []string{"a", "b", "c"}}}
	want := RowDigests{"a": {1, 2, 1 << 63}, "b": {}, "c": {7}}
	n := notes{texts: map[string][]byte{}}
	if err := c.NoteRows(t.Context(), n, want); err != nil {
		t.Fatal(err)
	}
	got, err := c.Rows(t.Context(), n)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	text := n.texts[c.rows()+"/000"]
	for i := range text {
		if rows, err := parseRows(text[:i], c.Names); err == nil {
			t.Errorf("%d bytes of %d give %v", i, len(text), rows)
		}
	}
	if rows, err := parseRows(slices.Concat(text, []byte{0}), c.Names); err == nil {
		t.Errorf("a byte more gives %v", rows)
	}
	if rows, err := c.Rows(t.Context(), notes{}); rows != nil || err != nil {
		t.Errorf("without notes: %v, %v", rows, err)
	}
}
