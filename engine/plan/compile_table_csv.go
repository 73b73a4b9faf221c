package plan

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// csv reads a table whose first line names the columns. Each row is an object of
// its cells that are not empty, or the cell of one column.
func (r *tableReader) csv() {
	in := csv.NewReader(strings.NewReader(r.text))
	in.ReuseRecord, in.FieldsPerRecord = true, -1
	columns := r.header(in)
	if columns == nil {
		return
	}
	if r.file.Key.Value == "" {
		r.wrong = append(r.wrong, wrongColumn{false, "a table from a CSV file needs `key`, the column whose values are looked up: " + quotedList(columns)})
		return
	}
	key, value := r.column(r.file.Key.Value, columns, false), -1
	if r.file.Value.Value != "" {
		value = r.column(r.file.Value.Value, columns, true)
	}
	if len(r.wrong) > 0 {
		return
	}
	all := r.newRows()
	order := byColumnName(columns)
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			r.value = alert.OfTable(all.members)
			return
		}
		if err != nil {
			r.csvFault(err)
			return
		}
		if len(cells) != len(columns) {
			if !r.otherLength(tablePlaceOf(in, 0), len(cells), len(columns)) {
				return
			}
			continue
		}
		if cells[key] == "" {
			continue // nothing could find it
		}
		v := alert.OfText(cells[max(value, 0)])
		if value < 0 {
			v = rowOf(columns, cells, order)
		}
		if !all.add(cells[key], v, tablePlaceOf(in, key)) {
			return
		}
	}
}

// otherLength adds the fault of a row that has not as many cells as there are columns. It reports
// whether to go on.
func (r *tableReader) otherLength(at tablePlace, cells, columns int) bool {
	plural := "s"
	if cells == 1 {
		plural = ""
	}
	return r.fault(r.offset(at), "the row has %d value%s, the first line names %d columns: quote values that contain commas", cells, plural, columns)
}

// tablePlaceOf is where a cell of the row that was read last begins.
func tablePlaceOf(in *csv.Reader, cell int) tablePlace {
	line, col := in.FieldPos(cell)
	return tablePlace{line: line, col: col}
}

// header reads the names of the columns. It returns nil after a fault.
func (r *tableReader) header(in *csv.Reader) []string {
	cells, err := in.Read()
	switch {
	case errors.Is(err, io.EOF):
		r.fault(0, "the file is empty: the first line of a table names its columns")
		return nil
	case err != nil:
		r.csvFault(err)
		return nil
	}
	columns := slices.Clone(cells)
	ok := true
	for i, name := range columns {
		if first := slices.Index(columns, name); name != "" && first < i {
			ok = false
			r.fault(r.offset(tablePlaceOf(in, i)), "column `%s` is there twice: rename one of them", name)
		}
	}
	if !ok {
		return nil
	}
	if len(columns) == 1 && strings.ContainsAny(columns[0], ";\t") {
		r.fault(0, "the first line has one column, `%s`: separate columns with commas", columns[0])
		return nil
	}
	return columns
}

// byColumnName returns the columns that have a name, in the order of the names.
func byColumnName(columns []string) []int {
	var order []int
	for i, name := range columns {
		if name != "" {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(columns[a], columns[b]) })
	return order
}

func rowOf(columns, cells []string, order []int) alert.Value {
	filled := 0
	for _, i := range order {
		if cells[i] != "" {
			filled++
		}
	}
	members := make([]alert.Member, 0, filled)
	for _, i := range order {
		if cells[i] != "" {
			members = append(members, alert.Member{Name: columns[i], Value: alert.OfText(cells[i])})
		}
	}
	return alert.OfObject(members)
}

// csvFault reports where quoting goes wrong. The rest cannot be read then.
func (r *tableReader) csvFault(err error) {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		r.fault(0, "the file cannot be read as CSV: %v", err)
		return
	}
	message := "a quote is inside an unquoted value: quote the whole value, and write each quote in it twice"
	if errors.Is(at.Err, csv.ErrQuote) {
		message = "a quoted value does not end where its quote does: write each quote in it twice, and close it"
	}
	r.fault(r.lineAt(at.Line)+max(at.Column-1, 0), "%s", message)
}
