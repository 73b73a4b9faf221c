package lake

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// memory is a sink that shows what a reader would see.
type memory struct {
	mu      sync.Mutex
	visible map[string]string
	open    int // objects created and not yet closed or aborted
	most    int // of these at one time
}

type memoryObject struct {
	sink   *memory
	buf    bytes.Buffer
	closed bool
}

func newMemory() *memory { return &memory{visible: map[string]string{}} }

func (m *memory) Create(context.Context, string) (Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open++
	m.most = max(m.most, m.open)
	return &memoryObject{sink: m}, nil
}

func (m *memory) Remove(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.visible, key)
	return nil
}

func (o *memoryObject) Keep() {}

func (o *memoryObject) NameBy(func() (string, error)) {}

func (o *memoryObject) Write(p []byte) (int, error) { return o.buf.Write(p) }

func (o *memoryObject) Close() error {
	o.sink.mu.Lock()
	defer o.sink.mu.Unlock()
	if !o.closed {
		o.sink.open--
	}
	o.closed = true
	return nil
}

func (o *memoryObject) Commit(_ context.Context, key string) error {
	if !o.closed {
		return errors.New("committed before it was closed")
	}
	o.sink.mu.Lock()
	defer o.sink.mu.Unlock()
	o.sink.visible[key] = o.buf.String()
	return nil
}

func (o *memoryObject) Abort() error { return o.Close() }

// store puts an input through Appender, Encoder and Store.
func store(t *testing.T, limits Limits, out, copies *memory, times []int64, namer *Namer) []Written {
	t.Helper()
	tables := []Table{testTable(t, "wazuh")}
	c := StoreConfig{Limits: limits, Tables: tables, Out: out, Names: NewNames(nil)}
	if namer != nil {
		c.Names.Set(Named{Namer: *namer})
	}
	if copies != nil {
		c.JSON = copies
	}
	a, e, s := NewAppender(limits, "us-east-1", "external", tables), NewEncoder(tables, table.Options{}, copies != nil), NewStore(c)
	put := func(groups []*Group) {
		for _, g := range groups {
			encoded, err := e.Encode(g)
			if err == nil {
				err = s.Write(t.Context(), g, encoded)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	const chunk = 100
	for first := 0; first < len(times); first += chunk {
		groups, _ := a.Add(0, Runs(tables[0].batchOf(times[first:min(first+chunk, len(times))], first, 300)))
		put(groups)
	}
	put(a.Finish())
	if namer == nil && len(out.visible) > 0 {
		t.Error("objects are visible before the identity is known")
	}
	c.Names.Set(Named{Namer: Namer{Identity: "input"}})
	written, err := s.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// check holds the objects against what Finish says of them, and counts rows.
func (m *memory) check(t *testing.T, written []Written, rows int) {
	t.Helper()
	sum := int64(0)
	for _, w := range written {
		data := m.visible[w.Key]
		facts, err := inspect.File(strings.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatalf("%s: %v", w.Key, err)
		}
		if facts.Rows != w.Rows || int64(len(data)) != w.Bytes || !facts.Time.Sorted || len(facts.Time.Days) != 1 {
			t.Errorf("%+v has %d rows, %d bytes, sorted %v", w, facts.Rows, len(data), facts.Time.Sorted)
		}
		if !strings.Contains(w.Key, "eventDay="+facts.Time.Days[0]+"/") {
			t.Errorf("%s holds rows of %s", w.Key, facts.Time.Days[0])
		}
		sum += w.Rows
	}
	if sum != int64(rows) || len(m.visible) != len(written) {
		t.Errorf("%d rows of %d in %d objects, %d of them known", sum, rows, len(m.visible), len(written))
	}
}

func TestObjectsStayWithinTheirBounds(t *testing.T) {
	for _, p := range patterns()[:11] {
		for _, l := range []Limits{
			{RowGroupRows: 200, ObjectRows: 500},
			{RowGroupRows: 100, ObjectBytes: 150_000},
			{RowGroupRows: 100, OpenObjects: 3},
		} {
			t.Run(fmt.Sprint(p, l), func(t *testing.T) {
				out := newMemory()
				written := store(t, l, out, nil, p.times(1200, random(1)), nil)
				out.check(t, written, 1200)
				for _, w := range written {
					if l.ObjectRows > 0 && w.Rows > l.ObjectRows || l.ObjectBytes > 0 && w.Bytes > l.ObjectBytes {
						t.Errorf("%+v exceeds its bound", w)
					}
				}
				// Those being closed come on top of those being written.
				if l.OpenObjects > 0 && out.most > l.OpenObjects+atOnce+1 {
					t.Errorf("%d objects were open at one time", out.most)
				}
				if out.open > 0 {
					t.Errorf("%d objects were never closed", out.open)
				}
			})
		}
	}
}

// Whatever its size without it, an object does not grow over its bound by its
// footer; and no object has more row groups than memory has room for.
func TestTheFooterCounts(t *testing.T) {
	times := patterns()[0].times(1000, random(1))
	for bound := int64(60_000); bound < 76_000; bound += 1000 {
		out := newMemory()
		for _, w := range store(t, Limits{RowGroupRows: 50, ObjectBytes: bound, OpenObjects: 2}, out, nil, times, nil) {
			data := out.visible[w.Key]
			facts, err := inspect.File(strings.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			if w.Bytes > bound {
				t.Errorf("an object has %d bytes, over %d", w.Bytes, bound)
			}
			if len(facts.Groups) > 2*groupsPerObject {
				t.Errorf("an object has %d row groups", len(facts.Groups))
			}
		}
	}
	out := newMemory()
	written := store(t, Limits{RowGroupRows: 10, OpenObjects: 2}, out, nil, times, nil)
	if want := 100 / (2 * groupsPerObject); len(written) < want {
		t.Errorf("100 row groups are in %d objects, want at least %d", len(written), want)
	}
}

// The JSON copy has the rows of its object, in their order, under its key.
func TestJSONCopyHasTheSameRows(t *testing.T) {
	out, copies := newMemory(), newMemory()
	times := patterns()[3].times(1500, random(1))
	for _, w := range store(t, Limits{RowGroupRows: 300}, out, copies, times, nil) {
		packed := copies.visible[strings.TrimSuffix(w.Key, "parquet")+"json.gz"]
		z, err := gzip.NewReader(strings.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		var rows bytes.Buffer
		data := out.visible[w.Key]
		for row, err := range inspect.Rows(strings.NewReader(data), int64(len(data)), -1) {
			if err != nil {
				t.Fatal(err)
			}
			rows.Write(append(row, '\n'))
		}
		if w.JSONBytes != int64(len(packed)) || !bytes.Equal(rows.Bytes(), plain) {
			t.Errorf("the copy of %s has other rows (%d bytes of %d)", w.Key, len(packed), w.JSONBytes)
		}
	}
	if len(copies.visible) != len(out.visible) || len(out.visible) == 0 {
		t.Errorf("%d objects, %d copies", len(out.visible), len(copies.visible))
	}
}

// Knowing the name from the beginning changes nothing but when objects appear.
func TestEarlyNamesAreTheLateOnes(t *testing.T) {
	late, early := newMemory(), newMemory()
	times := patterns()[5].times(1500, random(1))
	limits := Limits{RowGroupRows: 100, ObjectRows: 300}
	store(t, limits, late, nil, times, nil)
	store(t, limits, early, nil, times, &Namer{Identity: "input"})
	if diff := cmp.Diff(late.visible, early.visible); diff != "" {
		t.Error(diff)
	}
}
