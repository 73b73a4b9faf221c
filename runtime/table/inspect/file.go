package inspect

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// ErrNotParquet is wrapped by every error about a file that is not Parquet or is
// damaged.
var ErrNotParquet = errors.New("not a readable Parquet file")

// Facts describe a Parquet file.
type Facts struct {
	Bytes     int64
	Schema    string // the message text
	CreatedBy string
	Version   int32
	KeyValues []KeyValue // ascending by key
	Rows      int64
	Groups    []Group
	Columns   []Column // in the order of the schema
	Codecs    []string // ascending
	// Time is nil when there is no top-level column `time` of 64-bit integers.
	Time *Time
}

// KeyValue is an entry of the file's key-value metadata.
type KeyValue struct{ Key, Value string }

// Group describes a row group. Its bytes are those of all pages with their headers.
type Group struct {
	Rows                           int64
	CompressedBytes, PlainBytes    int64
	DataPages                      int
	LargestPage, LargestDictionary int64 // bytes before compression
	LargestPageColumn              string
}

// Column describes a leaf column over all row groups.
type Column struct {
	Path, Type                     string
	Codecs, Encodings              []string // ascending
	Values, Nulls                  int64
	CompressedBytes, PlainBytes    int64
	DataPages, DictionaryPages     int
	LargestPage, LargestDictionary int64 // bytes before compression
	// LargestPageValues is the number of entries in the largest data page. A page
	// of one entry may exceed a bound, since a value cannot be divided.
	LargestPageValues int64
}

// Time describes the column `time`, in milliseconds since 1970 UTC.
type Time struct {
	Min, Max int64
	Nulls    int64
	// Sorted is true if no row is earlier than the row before it.
	Sorted bool
	Days   []string // the UTC days of the rows as YYYYMMDD, ascending
}

// File reads the footer, all page headers and the column `time` of a Parquet file
// of size bytes.
func File(r io.ReaderAt, size int64) (facts *Facts, err error) {
	defer func() { err = short(err) }()
	defer recoverCorrupt(&err)
	f, err := open(r, size)
	if err != nil {
		return nil, err
	}
	m := f.Metadata()
	facts = &Facts{Bytes: size, CreatedBy: m.CreatedBy, Version: m.Version, Rows: m.NumRows}
	if facts.Schema, err = schemaText(m.Schema); err != nil {
		return nil, err
	}
	for _, kv := range m.KeyValueMetadata {
		facts.KeyValues = append(facts.KeyValues, KeyValue{kv.Key, kv.Value})
	}
	slices.SortStableFunc(facts.KeyValues, func(a, b KeyValue) int { return strings.Compare(a.Key, b.Key) })
	leaves := leafColumns(f.Root(), nil)
	for _, c := range leaves {
		facts.Columns = append(facts.Columns, Column{Path: strings.Join(c.Path(), "."), Type: c.Type().String()})
	}
	if err := facts.groups(r, size, m); err != nil {
		return nil, err
	}
	if facts.Time, err = inspectTime(r, size, f, leaves); err != nil {
		return nil, err
	}
	return facts, nil
}

// shortError is an error whose text, which may quote the file, is cut.
type shortError struct {
	text string
	err  error
}

func (e *shortError) Error() string { return e.text }
func (e *shortError) Unwrap() error { return e.err }

// short cuts the text of an error.
func short(err error) error {
	const most = 300
	if err == nil || len(err.Error()) <= most {
		return err
	}
	return &shortError{strings.ToValidUTF8(err.Error()[:most], "") + "…", err}
}

// recoverCorrupt turns a panic into an error. parquet-go trusts some lengths and
// levels of a file, and indexes out of range if they are wrong.
func recoverCorrupt(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: its contents contradict each other (%v); write it again from its source", ErrNotParquet, p)
	}
}

// Open opens a Parquet file of size bytes. Only its footer is read and checked.
func Open(r io.ReaderAt, size int64) (f *parquet.File, err error) {
	defer func() { err = short(err) }()
	defer recoverCorrupt(&err)
	return open(r, size)
}

// open checks as much of a file's ends as parquet-go relies on, and opens it.
func open(r io.ReaderAt, size int64) (*parquet.File, error) {
	if size < 12 {
		return nil, fmt.Errorf("%w: it has %d bytes, and the smallest possible has 12; check that it is not empty or still being written", ErrNotParquet, size)
	}
	var ends [12]byte
	if _, err := r.ReadAt(ends[:4], 0); err != nil {
		return nil, fmt.Errorf("reading the first bytes of a Parquet file: %w", err)
	}
	if n, err := r.ReadAt(ends[4:], size-8); n < 8 {
		return nil, fmt.Errorf("reading the last bytes of a Parquet file: %w", err)
	}
	if string(ends[:4]) != "PAR1" || string(ends[8:]) != "PAR1" {
		return nil, fmt.Errorf("%w: it does not begin and end with PAR1; check that it is a Parquet file and complete", ErrNotParquet)
	}
	footer := int64(ends[4]) | int64(ends[5])<<8 | int64(ends[6])<<16 | int64(ends[7])<<24
	if footer > size-12 {
		return nil, fmt.Errorf("%w: its footer claims %d bytes of a file of %d, so it is damaged; copy it again", ErrNotParquet, footer, size)
	}
	if err := checkFooter(r, size, footer); err != nil {
		return nil, fmt.Errorf("%w: its footer is damaged: %w", ErrNotParquet, err)
	}
	f, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotParquet, err)
	}
	return f, nil
}

// groups describes the row groups and walks the pages of each column chunk.
func (f *Facts) groups(r io.ReaderAt, size int64, m *format.FileMetaData) error {
	codecs := []string{}
	for i := range m.RowGroups {
		rg := &m.RowGroups[i]
		if len(rg.Columns) != len(f.Columns) {
			return fmt.Errorf("%w: row group %d has %d columns and the schema %d", ErrNotParquet, i, len(rg.Columns), len(f.Columns))
		}
		g := Group{Rows: rg.NumRows}
		for j := range rg.Columns {
			c := &f.Columns[j]
			p, err := walkPages(r, size, &rg.Columns[j].MetaData, func(*format.PageHeader, int64) error { return nil })
			if err != nil {
				return fmt.Errorf("%w: row group %d, column %s: %w", ErrNotParquet, i, c.Path, err)
			}
			c.add(p, &rg.Columns[j].MetaData)
			g.add(p, &rg.Columns[j].MetaData, c.Path)
			codecs = insert(codecs, rg.Columns[j].MetaData.Codec.String())
		}
		f.Groups = append(f.Groups, g)
	}
	f.Codecs = codecs
	return nil
}

func (c *Column) add(p pageFacts, m *format.ColumnMetaData) {
	c.Values += m.NumValues
	c.Nulls += m.Statistics.NullCount
	c.CompressedBytes += m.TotalCompressedSize
	c.PlainBytes += m.TotalUncompressedSize
	c.DataPages += p.data
	c.DictionaryPages += p.dictionaries
	if p.largest > c.LargestPage {
		c.LargestPage, c.LargestPageValues = p.largest, p.largestValues
	}
	c.LargestDictionary = max(c.LargestDictionary, p.largestDictionary)
	c.Codecs = insert(c.Codecs, m.Codec.String())
	for _, e := range m.Encoding {
		c.Encodings = insert(c.Encodings, e.String())
	}
}

func (g *Group) add(p pageFacts, m *format.ColumnMetaData, path string) {
	g.CompressedBytes += m.TotalCompressedSize
	g.PlainBytes += m.TotalUncompressedSize
	g.DataPages += p.data
	if p.largest > g.LargestPage {
		g.LargestPage, g.LargestPageColumn = p.largest, path
	}
	g.LargestDictionary = max(g.LargestDictionary, p.largestDictionary)
}

// insert adds s to an ascending list that does not have it yet.
func insert(list []string, s string) []string {
	at, found := slices.BinarySearch(list, s)
	if found {
		return list
	}
	return slices.Insert(list, at, s)
}

// leafColumns lists the leaves below a column in the order of the schema.
func leafColumns(c *parquet.Column, to []*parquet.Column) []*parquet.Column {
	if c.Leaf() {
		return append(to, c)
	}
	for _, child := range c.Columns() {
		to = leafColumns(child, to)
	}
	return to
}
