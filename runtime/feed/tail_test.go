package feed

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Law: a range is as many whole lines as fit into its bound, wherever it begins, and one line at
// least.
func TestRangesAreFilled(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	path := filepath.Join(t.TempDir(), "alerts.json")
	var text strings.Builder
	ends := []int64{0}
	for range 200 {
		text.WriteString(strings.Repeat("x", random.IntN(120)) + "\n")
		ends = append(ends, int64(text.Len()))
	}
	must(t, os.WriteFile(path, []byte(text.String()), 0o600))
	for _, most := range []int64{1, 50, 100, 1000} {
		c := Config{}
		c.defaults(1)
		tail := &tail{lane: lane{name: path, config: &c}, cursor: &Cursor{}, most: most}
		for i := 0; i < len(ends)-1; {
			tail.makeDue()
			r, err := tail.next(t.Context())
			must(t, err)
			next := i + 1
			for next+1 < len(ends) && ends[next+1]-ends[i] <= most {
				next++
			}
			if r == nil || r.From != ends[i] || r.To != ends[next] {
				t.Fatalf("of %d bytes at most: %+v, want %d to %d", most, r, ends[i], ends[next])
			}
			tail.move(r)
			i = next
		}
	}
}

// A line that is still being written waits for its end, however long it gets, and what was
// looked through is not read again.
func TestALineThatIsBeingWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.json")
	f, err := os.Create(path)
	must(t, err)
	defer f.Close()
	c := Config{}
	c.defaults(1)
	tail := &tail{lane: lane{name: path, config: &c}, cursor: &Cursor{}, most: 1000}
	write := func(text string) *Range {
		t.Helper()
		_, err := f.WriteString(text)
		must(t, err)
		tail.makeDue()
		r, err := tail.next(t.Context())
		must(t, err)
		return r
	}
	size := int64(0)
	for _, text := range []string{`{"giant":"`, strings.Repeat("x", 5000), strings.Repeat("y", 700_000)} {
		if r := write(text); r != nil {
			t.Fatalf("bytes %d to %d are a range before the line ends", r.From, r.To)
		}
		size += int64(len(text))
	}
	if tail.searched != size {
		t.Errorf("%d bytes of %d were looked through", tail.searched, size)
	}
	_, err = f.WriteAt([]byte("\n"), 3000)
	must(t, err)
	if r := write(`"}`); r != nil {
		t.Fatalf("what was looked through was read again, up to %d", r.To)
	}
	r := write("\n{\"next\":")
	if r == nil || r.From != 0 || r.To != size+3 {
		t.Fatalf("the range of the line is %+v", r)
	}
	tail.move(r)
	if r := write("1}\n"); r == nil || r.From != size+3 || r.To != size+3+int64(len("{\"next\":1}\n")) {
		t.Errorf("the range of the next line is %+v", r)
	}
}
