package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// printRows shows rows as a table on its side, an attribute a line and a row a
// column: events are wider than any screen.
func printRows(w io.Writer, rows [][]byte) error {
	const width = 44
	var names []string
	values := make([]map[string]string, len(rows))
	longest := 0
	for i, row := range rows {
		values[i] = map[string]string{}
		at := 0
		err := flatten(json.NewDecoder(bytes.NewReader(row)), "", func(name, value string) {
			values[i][name] = value
			longest = max(longest, len(name))
			if k := slices.Index(names, name); k >= 0 {
				at = k + 1
				return
			}
			names = slices.Insert(names, at, name)
			at++
		})
		if err != nil {
			return fmt.Errorf("row %d is not JSON: %w", i, err)
		}
	}
	longest = min(longest, width)
	for _, name := range names {
		printf(w, "  %-*s", longest, shortened(name, width))
		for _, v := range values {
			printf(w, "  %-*s", width, shortened(v[name], width))
		}
		printf(w, "\n")
	}
	return nil
}

// flatten calls each for the scalars of a JSON value in their order, with dotted names.
func flatten(d *json.Decoder, name string, each func(name, value string)) error {
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := t.(json.Delim)
	if !nested {
		each(name, fmt.Sprint(t))
		return nil
	}
	for i := 0; d.More(); i++ {
		key := strconv.Itoa(i)
		if open == '{' {
			k, err := d.Token()
			if err != nil {
				return err
			}
			key = fmt.Sprint(k)
		}
		if name != "" {
			key = name + "." + key
		}
		if err := flatten(d, key, each); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
