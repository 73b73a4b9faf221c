package table

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

func mapSchema() *Schema {
	return NewSchema(layout(scalar("time", ocsf.Timestamp), scalar("unmapped", ocsf.Open)))
}

func mapEvent(s *Schema, pairs ...ocsf.Pair) *ocsf.Event {
	ev := ocsf.NewEvent(s.Layout)
	c := &ev.Cells[at(s.Layout.Fields, "unmapped").Cell]
	c.Set, c.Pairs = true, pairs
	return ev
}

// Entries of a map that came together before are not looked at, whatever came before them.
func TestPairsAgain(t *testing.T) {
	s := NewSchema(layout(scalar("time", ocsf.Timestamp), scalar("unmapped", ocsf.Open)))
	f, b := s.NewFiller(), s.NewBatch()
	ev := ocsf.NewEvent(s.Layout)
	c := &ev.Cells[s.Layout.Fields[1].Cell]
	for i := range 2 {
		c.Set, c.Pairs = true, []ocsf.Pair{{Key: "of one", Value: strconv.Itoa(i)}, {Group: &ocsf.Group{ID: 7, Leaves: []ocsf.Pair{{Key: "a", Value: strconv.Itoa(i)}, {Key: "b", Value: strconv.Itoa(i)}}}}}
		f.Append(b, ev)
	}
	got := eventJSON(s.NewEventReader().Read(Row{b, 1}))
	if want := `"unmapped":{"of one":"1","a":"0","b":"0"}`; !strings.Contains(got, want) {
		t.Errorf("the row is %s", got)
	}
}

// What a group leaves to guess decides whether a text that is not looked up is kept again. It is what
// the same entries leave one by one: when a text is long, when texts are looked up no more, and when
// rows are loaded behind it.
func TestGuessesOfGroups(t *testing.T) {
	s := mapSchema()
	group := ocsf.Pair{Group: &ocsf.Group{ID: 7, Leaves: []ocsf.Pair{{Key: "a", Value: "short"}, {Key: "b", Value: "short"}}}}
	long, single := ocsf.Pair{Key: "a", Value: strings.Repeat("long", longestShared)}, ocsf.Pair{Key: "a", Value: "single"}
	one := s.NewBatch()
	one.Append(mapEvent(s, long))
	file := fileOf(t, write(t, s, allRows(one), 1, Options{}))
	for name, fill := range map[string]func(row func(...ocsf.Pair), load func()){
		"long": func(row func(...ocsf.Pair), _ func()) {
			row(group)
			row(long)
			row(single, group)
			row(single, group, single)
			row(long, group, long)
		},
		"alone": func(row func(...ocsf.Pair), _ func()) {
			row(group)
			for i := range trialRows - 3 {
				row(ocsf.Pair{Key: "c", Value: strconv.Itoa(i)})
			}
			row(single)
			row(group)
			row(single)
		},
		"loaded": func(row func(...ocsf.Pair), load func()) {
			row(group)
			row(group)
			load()
			row(long)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, found, plain := s.NewFiller(), s.NewBatch(), s.NewBatch()
			row := func(pairs ...ocsf.Pair) {
				f.Append(found, mapEvent(s, pairs...))
				plain.Append(mapEvent(s, pairs...))
			}
			fill(row, func() {
				if err := errors.Join(found.AppendGroup(file, 0), plain.AppendGroup(file, 0)); err != nil {
					t.Fatal(err)
				}
			})
			sameBatches(t, s, found, plain)
		})
	}
}

// A group has the same numbers in all batches of its source. Those of another source, and those
// of a batch that has several, have others under the same ID.
func TestGroupsOfSources(t *testing.T) {
	s := NewSchema(layout(scalar("time", ocsf.Timestamp), scalar("unmapped", ocsf.Open), scalar("another", ocsf.Open)))
	fillers := []*Filler{s.NewFiller(), s.NewFiller()}
	var found, plain []Row
	for _, sources := range [][]int{{0}, {1}, {0}, {1, 0}, {0, 1}, {0}} {
		one, other := s.NewBatch(), s.NewBatch()
		for i := range 8 {
			source := sources[i%len(sources)]
			var pairs []ocsf.Pair
			for id := range uint32(3) {
				pairs = append(pairs, ocsf.Pair{Group: &ocsf.Group{ID: 1 + id, Leaves: []ocsf.Pair{{Key: "k", Value: fmt.Sprint("of ", source, id)}, {Key: "of all", Value: "same"}}}})
			}
			pairs = append(pairs[i%3:], ocsf.Pair{Key: "k", Value: fmt.Sprint("of ", i%2, 1)})
			ev := mapEvent(s, pairs...)
			another := &ev.Cells[at(s.Layout.Fields, "another").Cell]
			another.Set, another.Pairs = true, append([]ocsf.Pair{{Key: "another", Value: "map"}}, pairs...)
			fillers[source].Append(one, ev)
			other.Append(ev)
		}
		found, plain = append(found, allRows(one)...), append(plain, allRows(other)...)
	}
	if !bytes.Equal(write(t, s, found, len(found), Options{}), write(t, s, plain, len(plain), Options{})) {
		t.Error("the files differ")
	}
}

// The dictionary of values is given up where it is without groups: here the value by which that
// is decided is in one that comes again.
func TestHopelessGroup(t *testing.T) {
	s := mapSchema()
	group := ocsf.Pair{Group: &ocsf.Group{ID: 7, Leaves: []ocsf.Pair{{Key: "a", Value: "of all"}}}}
	f, found, plain := s.NewFiller(), s.NewBatch(), s.NewBatch()
	row := func(pairs ...ocsf.Pair) {
		f.Append(found, mapEvent(s, pairs...))
		plain.Append(mapEvent(s, pairs...))
	}
	var unlike []ocsf.Pair
	for i := range trialValues - 2 {
		unlike = append(unlike, ocsf.Pair{Key: "b", Value: strconv.Itoa(i)})
	}
	row(group)
	row(unlike...)
	row(group)
	row(slices.Repeat([]ocsf.Pair{{Key: "c", Value: "again and again"}}, 10*trialValues)...)
	sameBatches(t, s, found, plain)
}

// An entry that goes on with a map behind none is kept as it is.
func TestMapThatGoesOn(t *testing.T) {
	s := mapSchema()
	b := s.NewBatch()
	b.Append(mapEvent(s, ocsf.Pair{Key: "k", Value: "v"}))
	l := &b.lists[0]
	l.pieces, l.ends = []piece{{base: 1}, {n: 1, rep: 1}}, []uint32{2}
	data := write(t, s, allRows(b), 1, Options{})
	again := schemaOf(t, data)
	rows, _ := loadAll(t, data, again, 1)
	if got := write(t, again, rows, 1, Options{}); !bytes.Equal(got, data) {
		t.Error("loaded and written again, the file differs")
	}
}

// A map that lacks a key or a value is an error, and not another map.
func TestMapsThatLackSomething(t *testing.T) {
	text := parquet.Optional(parquet.String())
	schema := parquet.NewSchema("row", parquet.Group{"key_value": parquet.Repeated(parquet.Group{"key": text, "value": text})})
	key, value := parquet.ValueOf("k").Level(0, 2, 0), parquet.ValueOf("v").Level(0, 2, 1)
	noKey, noValue := parquet.Value{}.Level(0, 1, 0), parquet.Value{}.Level(0, 1, 1)
	for name, row := range map[string]parquet.Row{
		"no value":      {key, noValue},
		"no key":        {noKey, value},
		"one and other": {key, noKey.Level(1, 1, 0), noValue, value.Level(1, 2, 1)},
	} {
		var out bytes.Buffer
		w := parquet.NewWriter(&out, schema)
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		err := schemaOf(t, out.Bytes()).NewBatch().AppendGroup(fileOf(t, out.Bytes()), 0)
		if !errors.Is(err, errLacks) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestGroupsLikeMaps: what is named like the entries of a map, and is something else, is read as that.
func TestGroupsLikeMaps(t *testing.T) {
	type numbers struct {
		Entries []struct {
			Key   int64  `parquet:"key"`
			Value string `parquet:"value"`
		} `parquet:"key_value"`
	}
	type single struct {
		Entry struct {
			Key   string `parquet:"key"`
			Value string `parquet:"value"`
		} `parquet:"key_value"`
	}
	type lists struct {
		Entries []struct {
			Key   string   `parquet:"key"`
			Value []string `parquet:"value"`
		} `parquet:"key_value"`
	}
	type groups struct {
		Entries []struct {
			Key   string `parquet:"key"`
			Value struct {
				A string `parquet:"a"`
			} `parquet:"value"`
		} `parquet:"key_value"`
	}
	var entries numbers
	entries.Entries = slices.Grow(entries.Entries, 2)[:2]
	sameAgain(t, []numbers{{}, entries})
	sameAgain(t, make([]single, 2))
	sameAgain(t, make([]lists, 2))
	sameAgain(t, make([]groups, 2))
}

// sameAgain writes rows, loads and writes them again, and compares what is read.
func sameAgain[T any](t *testing.T, rows []T) {
	t.Helper()
	var out bytes.Buffer
	if err := parquet.Write(&out, rows); err != nil {
		t.Fatal(err)
	}
	s := schemaOf(t, out.Bytes())
	loaded, _ := loadAll(t, out.Bytes(), s, 1)
	data := write(t, s, loaded, len(loaded), Options{})
	got, err := parquet.Read[T](bytes.NewReader(data), int64(len(data)))
	if diff := cmp.Diff(rows, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%T: %v: %s", rows, err, diff)
	}
}

func fileOf(t *testing.T, data []byte) *File {
	t.Helper()
	f, err := inspect.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return NewFile(f)
}
