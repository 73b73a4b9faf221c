package cli

import (
	"encoding/json"
	"io"

	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// The JSON of `sluice inspect --json`. Names are part of the command line's
// contract. Sizes are in bytes, times in milliseconds since 1970 UTC.
type inspectionJSON struct {
	File  string            `json:"file"`
	Facts factsJSON         `json:"facts"`
	Rows  []json.RawMessage `json:"rows"`
}

type factsJSON struct {
	Bytes     int64          `json:"bytes"`
	Schema    string         `json:"schema"`
	CreatedBy string         `json:"created_by"`
	Version   int32          `json:"version"`
	KeyValues []keyValueJSON `json:"key_values"`
	Rows      int64          `json:"rows"`
	RowGroups []groupJSON    `json:"row_groups"`
	Columns   []columnJSON   `json:"columns"`
	Codecs    []string       `json:"codecs"`
	Time      *timeJSON      `json:"time,omitempty"`
}

type keyValueJSON struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type groupJSON struct {
	Rows              int64  `json:"rows"`
	CompressedBytes   int64  `json:"compressed_bytes"`
	PlainBytes        int64  `json:"plain_bytes"`
	DataPages         int    `json:"data_pages"`
	LargestPage       int64  `json:"largest_page"`
	LargestDictionary int64  `json:"largest_dictionary"`
	LargestPageColumn string `json:"largest_page_column"`
}

type columnJSON struct {
	Path              string   `json:"path"`
	Type              string   `json:"type"`
	Codecs            []string `json:"codecs"`
	Encodings         []string `json:"encodings"`
	Values            int64    `json:"values"`
	Nulls             int64    `json:"nulls"`
	CompressedBytes   int64    `json:"compressed_bytes"`
	PlainBytes        int64    `json:"plain_bytes"`
	DataPages         int      `json:"data_pages"`
	DictionaryPages   int      `json:"dictionary_pages"`
	LargestPage       int64    `json:"largest_page"`
	LargestDictionary int64    `json:"largest_dictionary"`
	LargestPageValues int64    `json:"largest_page_values"`
}

type timeJSON struct {
	Min    int64    `json:"min"`
	Max    int64    `json:"max"`
	Nulls  int64    `json:"nulls"`
	Sorted bool     `json:"sorted"`
	Days   []string `json:"days"`
}

// printFactsJSON prints one object on one line, the rows in it as they are.
func printFactsJSON(w io.Writer, name string, f *inspect.Facts, rows [][]byte) error {
	out := inspectionJSON{File: name, Rows: make([]json.RawMessage, len(rows)), Facts: factsJSON{
		Bytes: f.Bytes, Schema: f.Schema, CreatedBy: f.CreatedBy, Version: f.Version, Rows: f.Rows, Codecs: f.Codecs,
		KeyValues: []keyValueJSON{}, RowGroups: []groupJSON{}, Columns: []columnJSON{}, Time: (*timeJSON)(f.Time),
	}}
	for i, r := range rows {
		out.Rows[i] = r
	}
	for _, kv := range f.KeyValues {
		out.Facts.KeyValues = append(out.Facts.KeyValues, keyValueJSON(kv))
	}
	for _, g := range f.Groups {
		out.Facts.RowGroups = append(out.Facts.RowGroups, groupJSON(g))
	}
	for _, c := range f.Columns {
		out.Facts.Columns = append(out.Facts.Columns, columnJSON(c))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
