package verify

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

const (
	// rowsAtOnce is how many rows are taken out of a row group in one pass over it.
	rowsAtOnce = 4096
	// bytesAtOnce is how many bytes they may have together, longestRow a single one.
	bytesAtOnce = 16 << 20
	longestRow  = 32 << 20
)

var errMuch = errors.New("the rows have too many bytes") // never returned

var errLongRow = errors.New("a row has more than 32 MiB, which is not judged")

// rows judges the rows of a row group, each kind once.
func (o *object) rows(g int) error {
	first := map[uint64]int64{}
	for row, digest := range o.hashes {
		if _, good := o.plan.good[digest]; good {
			continue
		}
		if _, bad := o.bad[digest]; bad {
			continue
		}
		if _, seen := first[digest]; !seen {
			first[digest] = int64(row)
		}
	}
	want := make([]int64, 0, len(first))
	for _, row := range first {
		want = append(want, row)
	}
	slices.Sort(want)
	for len(want) > 0 {
		n := min(len(want), rowsAtOnce)
		if err := o.take(g, want[:n]); err != nil || o.ctx.Err() != nil {
			return err
		}
		want = want[n:]
	}
	if len(o.bad) > 0 {
		o.tally()
	}
	return nil
}

// tally counts the rows of kinds that have faults.
func (o *object) tally() {
	for row, digest := range o.hashes {
		for _, f := range o.bad[digest] {
			f.Times++
			if at := o.before + int64(row); f.Row < 0 || at < f.Row {
				f.Row = at
			}
		}
	}
}

// take takes rows out of a row group and judges them; fewer at a time if they are large.
func (o *object) take(g int, want []int64) error {
	rows, err := o.gather(g, want)
	switch {
	case err != nil || o.ctx.Err() != nil:
		return err
	case rows == nil && len(want) == 1:
		return &damage{place{g, "", o.before + want[0]}, errLongRow}
	case rows == nil:
		half := len(want) / 2
		if err := o.take(g, want[:half]); err != nil {
			return err
		}
		return o.take(g, want[half:])
	}
	for i, row := range rows {
		if err := o.judge(g, want[i], row); err != nil {
			return err
		}
	}
	return nil
}

// gather returns the values of rows, nil if they have too many bytes.
func (o *object) gather(g int, want []int64) ([]parquet.Row, error) {
	t := taker{want: want, rows: make([]parquet.Row, len(want)), left: bytesAtOnce}
	if len(want) == 1 {
		t.left = longestRow
	}
	for i := range o.plan.leaves {
		t.column, t.row, t.next = i, -1, -1
		t.flat = o.plan.leaves[i].maxRep == 0
		err := o.file.Again(g, i, t.page)
		if errors.Is(err, errMuch) || o.ctx.Err() != nil {
			return nil, nil
		}
		if err != nil && !errors.Is(err, errFound) {
			return nil, &damage{place{g, o.plan.leaves[i].path, -1}, err}
		}
	}
	return t.rows, nil
}

// taker takes the values of rows out of the pages of a column.
type taker struct {
	want   []int64 // ascending
	rows   []parquet.Row
	column int
	flat   bool  // each entry of the column is a row
	row    int64 // of the column, so far
	next   int   // the index in want of the row, or of the last one before it
	left   int   // bytes
	some   [1024]parquet.Value
}

// page fails with errMuch if the rows have too many bytes, and with errFound behind the last
// one.
func (t *taker) page(page parquet.Page) error {
	if n := page.NumValues(); t.flat && t.next+1 < len(t.want) && t.want[t.next+1] > t.row+n {
		t.row += n
		return nil
	}
	for r := page.Values(); ; {
		n, err := r.ReadValues(t.some[:])
		for _, v := range t.some[:n] {
			if v.RepetitionLevel() == 0 {
				if t.row++; t.next+1 < len(t.want) && t.want[t.next+1] == t.row {
					t.next++
				}
			}
			switch {
			case t.row > t.want[len(t.want)-1]:
				return errFound
			case t.next < 0 || t.want[t.next] != t.row:
				continue
			}
			if t.left -= weightOf(v); t.left < 0 {
				return errMuch
			}
			t.rows[t.next] = append(t.rows[t.next], v.Clone().Level(v.RepetitionLevel(), v.DefinitionLevel(), t.column))
		}
		if err != nil {
			return nil // its end
		}
	}
}

func weightOf(v parquet.Value) int {
	const boxed = 24
	if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
		return boxed + len(v.ByteArray())
	}
	return boxed
}

// judge judges a row, and remembers what is true of its kind.
func (o *object) judge(g int, row int64, values parquet.Row) error {
	digest := o.hashes[row]
	at := place{g, "", o.before + row}
	text, err := o.file.JSON(values)
	if err != nil {
		return &damage{at, err}
	}
	if o.plan.class == nil {
		o.remember(digest)
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var event map[string]any
	if err := d.Decode(&event); err != nil {
		return &damage{at, err}
	}
	found := o.plan.checker.Check(event)
	found = append(found, o.notUTF8(values)...)
	var all []*Fault
	for _, f := range found {
		if fault := o.finding(g, row, f); fault != nil && !slices.Contains(all, fault) {
			all = append(all, fault)
		}
	}
	if all == nil {
		o.remember(digest)
		return nil
	}
	o.bad[digest] = all
	return nil
}

func (o *object) remember(digest uint64) {
	if len(o.plan.good) == mostGood {
		clear(o.plan.good)
	}
	o.plan.good[digest] = struct{}{}
}

// finding is the fault of a finding, nil if it is none.
func (o *object) finding(g int, row int64, f ocsf.Finding) *Fault {
	path := columnOf(f.Path)
	for _, wrong := range o.plan.wrong {
		if path == wrong || strings.HasPrefix(path, wrong+".") {
			return nil
		}
	}
	demand, do := Events, "correct the mapping that made it, and run its input again"
	if f.Own {
		demand, do = Form, "correct what made it, and run its input again"
	}
	what := f.Message
	if f.Path != path && f.Path != "" {
		what = f.Path + " " + what
	}
	return o.of(demand, place{g, path, o.before + row}, shortest(what), do)
}

func shortest(what string) string {
	const most = 300
	if len(what) <= most {
		return what
	}
	return strings.ToValidUTF8(what[:most], "") + "…"
}

// columnOf is the path of an attribute without positions in lists and keys of maps.
func columnOf(path string) string {
	if at := strings.Index(path, `["`); at >= 0 {
		path = path[:at]
	}
	for {
		from := strings.IndexByte(path, '[')
		if from < 0 {
			return path
		}
		to := strings.IndexByte(path[from:], ']')
		if to < 0 {
			return path[:from]
		}
		path = path[:from] + path[from+to+1:]
	}
}

// notUTF8 finds texts that are not UTF-8, which JSON does not show.
func (o *object) notUTF8(values parquet.Row) (found []ocsf.Finding) {
	for _, v := range values {
		l := &o.plan.leaves[v.Column()]
		if v.Kind() == parquet.ByteArray && l.attribute != nil && !utf8.Valid(v.ByteArray()) {
			found = append(found, ocsf.Finding{Path: l.path, Message: "is not valid UTF-8"})
		}
	}
	slices.SortStableFunc(found, func(a, b ocsf.Finding) int { return cmp.Compare(a.Path, b.Path) })
	return found
}
