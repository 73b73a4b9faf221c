package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// textRows makes rows of a single text column beside their time.
func textRows(texts []string) (*Schema, []Row) { return batchedRows(texts, len(texts)) }

// batchedRows is textRows with so many rows in a batch.
func batchedRows(texts []string, perBatch int) (*Schema, []Row) {
	l := layout(scalar("raw_data", ocsf.String), scalar("time", ocsf.Timestamp), scalar("unmapped", ocsf.Open))
	s := NewSchema(l)
	b, ev, rows := s.NewBatch(), ocsf.NewEvent(l), []Row{}
	for i, text := range texts {
		if b.Rows() == perBatch {
			b = s.NewBatch()
		}
		ev.Reset()
		setText(&ev.Record, at(l.Fields, "raw_data"), text)
		setNum(&ev.Record, at(l.Fields, "time"), int64(i))
		c := &ev.Cells[at(l.Fields, "unmapped").Cell]
		c.Set = true
		c.Pairs = append(c.Pairs, ocsf.Pair{Key: "a", Value: strconv.Itoa(i)}, ocsf.Pair{Key: "full_log", Value: text}, ocsf.Pair{Key: "z", Value: "z"})
		b.Append(ev)
		rows = append(rows, Row{b, b.Rows() - 1})
	}
	return s, rows
}

// Law: the bytes follow from the rows, however they are divided into batches, of long texts and
// of those in columns of which nobody looks texts up any more, too.
func TestBatchesDoNotShow(t *testing.T) {
	long, differing, few := []string{}, []string{}, []string{}
	for i := range 3 * trialRows {
		long = append(long, noise(longestShared+1+i%7))
		differing = append(differing, noise(20+max(i-2*trialRows, i%trialRows, i/2)))
		few = append(few, noise(i%11))
	}
	for name, texts := range map[string][]string{"long": long, "differing": differing, "few": few} {
		s, rows := textRows(texts)
		one := write(t, s, rows, len(rows), Options{})
		for _, perBatch := range []int{1, 100, trialRows + 1} {
			s, rows := batchedRows(texts, perBatch)
			if !bytes.Equal(one, write(t, s, rows, len(rows), Options{})) {
				t.Errorf("%s: in batches of %d rows the bytes are others", name, perBatch)
			}
		}
	}
}

func noise(n int) string {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(r.IntN(26))
	}
	return string(b)
}

func factsOf(t testing.TB, data []byte) *inspect.Facts {
	t.Helper()
	facts, err := inspect.File(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// TestPageBound: every data page is within the bound, levels and all, but for
// pages of one value. The texts are about a page long, so that each way of
// cutting occurs.
func TestPageBound(t *testing.T) {
	texts := []string{}
	for i := range 3000 {
		texts = append(texts, noise(i%700))
	}
	for i := range 40 {
		texts = append(texts, noise(49_000+100*i))
	}
	s, rows := textRows(texts)
	for _, bound := range []int{1000, 50_000, 0} {
		facts := factsOf(t, write(t, s, rows, len(rows), Options{PageBytes: bound, DictionaryBytes: bound}))
		for _, c := range facts.Columns {
			limit, dictionary := int64(bound), int64(bound)
			if bound == 0 {
				limit, dictionary = 1_000_000, DefaultDictionaryBytes
			}
			if c.LargestPage > limit && c.LargestPageValues > 1 {
				t.Errorf("bound %d: column %s has a page of %d bytes and %d values", bound, c.Path, c.LargestPage, c.LargestPageValues)
			}
			if c.LargestDictionary > dictionary {
				t.Errorf("bound %d: column %s has a dictionary of %d bytes", bound, c.Path, c.LargestDictionary)
			}
		}
	}
}

// TestLargeValue: a value of 5 MB has a page of its own and is in no statistics.
func TestLargeValue(t *testing.T) {
	texts := []string{"before", noise(5_000_000), "after"}
	s, rows := textRows(texts)
	data := write(t, s, rows, 3, Options{})
	facts := factsOf(t, data)
	// The row with the large value is a page, or in the map the page before the
	// value, its own and the one after it; so are the rows before and after.
	for path, pages := range map[string]int{"raw_data": 3, "unmapped.key_value.value": 5} {
		c := facts.Columns[slices.IndexFunc(facts.Columns, func(c inspect.Column) bool { return c.Path == path })]
		if c.LargestPage < 5_000_000 || c.LargestPageValues != 1 {
			t.Errorf("column %s: the largest page has %d bytes and %d values", path, c.LargestPage, c.LargestPageValues)
		}
		if c.DataPages != pages {
			t.Errorf("column %s has %d pages", path, c.DataPages)
		}
	}
	pages := int64(0)
	for _, g := range facts.Groups {
		pages += g.CompressedBytes
	}
	if rest := int64(len(data)) - pages; rest > 10_000 {
		t.Errorf("the file has %d bytes beside its pages", rest)
	}
	got, _ := arrowRows(t, data)
	for i, row := range got {
		if !strings.Contains(row, texts[i]) {
			t.Errorf("row %d lost its text", i)
		}
	}
}

// TestDictionaryOverflow: texts that come again fill a small dictionary; the
// rows after that are plain, and all is read as it was.
func TestDictionaryOverflow(t *testing.T) {
	texts := []string{}
	for i := range 5000 {
		texts = append(texts, fmt.Sprintf("%s %d", noise(30), i%(50+i/10)))
	}
	s, rows := textRows(texts)
	data := write(t, s, rows, len(rows), Options{DictionaryBytes: 8000})
	c := factsOf(t, data).Columns[0]
	if want := []string{"PLAIN", "RLE", "RLE_DICTIONARY"}; !cmp.Equal(c.Encodings, want) || c.DictionaryPages != 1 || c.DataPages < 2 {
		t.Errorf("encodings %v, %d dictionaries, %d pages", c.Encodings, c.DictionaryPages, c.DataPages)
	}
	if c.LargestDictionary > 8000 || c.LargestDictionary < 7000 {
		t.Errorf("the dictionary has %d bytes", c.LargestDictionary)
	}
	got, _ := arrowRows(t, data)
	for i, row := range got {
		if !strings.Contains(row, `"raw_data":"`+texts[i]+`"`) {
			t.Fatalf("row %d is %s", i, row)
		}
	}
}

// TestSameRowsSameBytes: neither the number of goroutines, nor what they did
// before, nor the batches that the rows lie in show in the bytes.
func TestSameRowsSameBytes(t *testing.T) {
	l := findingLayout()
	evs := findings(l, 3000)
	want := concurrently(t, NewSchema(l), evs, len(evs), 1)
	for _, workers := range []int{1, 2, 8} {
		for _, perBatch := range []int{7, 512, 3000} {
			s := NewSchema(l) // and so another seed of its hashes
			for range 2 {
				if got := concurrently(t, s, evs, perBatch, workers); !bytes.Equal(got, want) {
					t.Errorf("%d workers, batches of %d: other bytes", workers, perBatch)
				}
			}
		}
	}
}

// concurrently writes the events as row groups of 500 rows.
func concurrently(t *testing.T, s *Schema, evs []*ocsf.Event, perBatch, workers int) []byte {
	rows := []Row{}
	var b *Batch
	for i, ev := range evs {
		if i%perBatch == 0 {
			b = s.NewBatch()
		}
		b.Append(ev)
		rows = append(rows, Row{b, b.Rows() - 1})
	}
	var out bytes.Buffer
	w := NewWriter(&out, s, Options{})
	const perGroup = 500
	groups, errs := make([]*RowGroup, len(rows)/perGroup), make([]error, len(rows)/perGroup)
	var wait sync.WaitGroup
	for k := range workers {
		wait.Go(func() {
			for i := len(groups) - 1 - k; i >= 0; i -= workers {
				groups[i], errs[i] = s.Encode(rows[i*perGroup:(i+1)*perGroup], Options{})
			}
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if err := w.Commit(g); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestAppendAllocates nothing once a batch is warm.
func TestAppendAllocates(t *testing.T) {
	l := findingLayout()
	evs := findings(l, 200)
	b := NewSchema(l).NewBatch()
	fill := func() {
		b.Reset()
		for _, ev := range evs {
			b.Append(ev)
		}
	}
	fill()
	if n := testing.AllocsPerRun(10, fill); n > 0 {
		t.Errorf("%v allocations for %d rows", n, len(evs))
	}
}

type brokenWriter struct{ left int }

func (w *brokenWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// TestWriteFails: the first failure is kept, and Close does not hide it.
func TestWriteFails(t *testing.T) {
	s, rows := textRows([]string{noise(1000)})
	for left := range 1500 {
		w := NewWriter(&brokenWriter{left}, s, Options{})
		g, err := s.Encode(rows, Options{})
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Commit(g)
		if err := w.Close(); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("after %d bytes Close says %v", left, err)
		}
	}
}

func TestMisuse(t *testing.T) {
	s, rows := textRows([]string{"a"})
	other, _ := textRows([]string{"a"})
	w := NewWriter(io.Discard, other, Options{})
	if _, err := other.Encode(rows, Options{}); !errors.Is(err, ErrOtherSchema) {
		t.Errorf("Encode of other rows: %v", err)
	}
	g, err := s.Encode(rows, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(g); !errors.Is(err, ErrOtherSchema) {
		t.Errorf("Commit of another row group: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := w.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("a second Close: %v", err)
	}
}
