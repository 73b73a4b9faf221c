package plan

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// json reads a table that is an object of entries by their keys, a list of objects
// with a member that is the key of each, or without `key` any list.
func (r *tableReader) json() {
	d := &jsonTable{tableReader: r, Decoder: json.NewDecoder(strings.NewReader(r.text))}
	d.UseNumber()
	at := d.next()
	v, ok := d.value(0)
	if !ok {
		return
	}
	if end := d.next(); end < len(r.text) {
		r.fault(end, "more text follows the value: a file holds one table")
		return
	}
	key := r.file.Key.Value
	switch {
	case v.Kind == alert.Object && key != "":
		r.wrong = append(r.wrong, wrongColumn{false, "`key` is for a list of objects, and " + r.file.File.Value + " is an object, whose names are the keys: remove the line"})
	case v.Kind == alert.Object:
		r.value = alert.OfTable(d.top)
	case v.Kind == alert.List && key == "" && r.file.Value.Value == "":
		r.value = v
	case v.Kind == alert.List:
		d.keyed(v)
	default:
		r.fault(at, "a table is an object, or a list of objects, not %s", jsonKind(v))
	}
	if v.Kind == alert.Object && r.file.Value.Value != "" {
		r.wrong = append(r.wrong, wrongColumn{true, "`value` is for a list of objects with `key`: take the member in the expression, as tables." + r.file.Name + "[…]." + r.file.Value.Value})
	}
}

// jsonTable reads values and remembers where those of the first level begin.
type jsonTable struct {
	*tableReader
	*json.Decoder
	starts []int          // of the items of the outermost list
	top    []alert.Member // of the outermost object
}

// next returns the offset of the next token.
func (d *jsonTable) next() int {
	at := int(d.InputOffset())
	for at < len(d.text) && strings.IndexByte(" \t\r\n,:", d.text[at]) >= 0 {
		at++
	}
	return at
}

// value reads a value. It returns false after a fault.
func (d *jsonTable) value(depth int) (alert.Value, bool) {
	at := d.next()
	token, err := d.Token()
	if err != nil {
		d.jsonFault(err)
		return alert.Value{}, false
	}
	if depth > maxTableDepth {
		d.fault(at, "nested deeper than %d levels", maxTableDepth)
		return alert.Value{}, false
	}
	switch token {
	case json.Delim('{'):
		return d.object(depth)
	case json.Delim('['):
		return d.list(depth)
	}
	return alert.From(token), true
}

func (d *jsonTable) list(depth int) (alert.Value, bool) {
	items := []alert.Value{}
	for d.More() {
		at := d.next()
		if depth == 0 && len(items) == maxTableRows {
			d.fault(at, "the table has more than %d rows: leave out those that no rule looks up", maxTableRows)
			return alert.Value{}, false
		}
		if depth == 0 {
			d.starts = append(d.starts, at)
		}
		v, ok := d.value(depth + 1)
		if !ok {
			return alert.Value{}, false
		}
		items = append(items, v)
	}
	return alert.OfList(items), d.end()
}

func (d *jsonTable) object(depth int) (alert.Value, bool) {
	var members []alert.Member
	var all *rows
	if depth == 0 {
		all = d.newRows()
	}
	for d.More() {
		at := d.next()
		token, err := d.Token()
		if err != nil {
			d.jsonFault(err)
			return alert.Value{}, false
		}
		name, _ := token.(string) // the decoder demands it
		v, ok := d.value(depth + 1)
		switch {
		case !ok, depth == 0 && !all.add(name, v, tablePlace{offset: at}):
			return alert.Value{}, false
		case depth > 0:
			members = append(members, alert.Member{Name: name, Value: v})
		}
	}
	if depth == 0 {
		d.top = all.members
		return alert.Value{Kind: alert.Object}, d.end()
	}
	return alert.OfObject(members), d.end()
}

// end reads the bracket that ends a list or an object.
func (d *jsonTable) end() bool {
	if _, err := d.Token(); err != nil {
		d.jsonFault(err)
		return false
	}
	return true
}

// keyed makes a table of a list of objects.
func (d *jsonTable) keyed(list alert.Value) {
	if d.file.Key.Value == "" {
		d.wrong = append(d.wrong, wrongColumn{true, "`value` needs `key`, the member of each object whose values are looked up"})
		return
	}
	items, _ := list.Made()
	all := d.newRows()
	for i, item := range items {
		at := d.starts[i]
		if item.Kind != alert.Object {
			if !d.fault(at, "a table with `key` is a list of objects, and this is %s", jsonKind(item)) {
				return
			}
			continue
		}
		key, _ := item.Member(d.file.Key.Value)
		if key.Kind >= alert.List {
			if !d.fault(at, "the key `%s` of this row is %s, and a key is text or a number", d.file.Key.Value, jsonKind(key)) {
				return
			}
			continue
		}
		text := string(key.AppendText(nil))
		if text == "" {
			continue // nothing could find it
		}
		v := item
		if name := d.file.Value.Value; name != "" {
			v, _ = item.Member(name)
		}
		if !all.add(text, v, tablePlace{offset: at}) {
			return
		}
	}
	if len(items) > 0 && len(all.members) == 0 && len(d.faults) == 0 {
		d.wrong = append(d.wrong, wrongColumn{false, "no object of " + d.file.File.Value + " has `" + d.file.Key.Value + "`: name the member whose values are looked up"})
	}
	d.tableReader.value = alert.OfTable(all.members)
}

// jsonFault reports where the text is not JSON. The rest cannot be read then.
func (d *jsonTable) jsonFault(err error) {
	var at *json.SyntaxError
	switch {
	case errors.As(err, &at):
		d.fault(d.faultOffset(at), "the file is not JSON: %v", at)
	case errors.Is(err, io.EOF) && strings.TrimSpace(d.text) == "":
		d.fault(0, "the file is empty: a table is an object, or a list of objects")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		d.fault(len(d.text), "the file is not JSON: it ends too early")
	default:
		d.fault(d.next(), "the file is not JSON: %v", err)
	}
}

// faultOffset is where a syntax error is. Its Offset is that of the character, or of
// what follows it.
func (d *jsonTable) faultOffset(err *json.SyntaxError) int {
	at := min(int(err.Offset), len(d.text))
	if c, _, ok := strings.Cut(strings.TrimPrefix(err.Error(), "invalid character '"), "'"); ok && c != "" && strings.HasPrefix(d.text[at:], c) {
		return at
	}
	return max(at-1, 0)
}

// jsonKind names the kind of a value for messages.
func jsonKind(v alert.Value) string {
	switch v.Kind {
	case alert.Nil:
		return "null"
	case alert.Bool:
		return "true or false"
	case alert.Text:
		return "a text"
	case alert.List:
		return "a list"
	case alert.Object:
		return "an object"
	}
	return "a number"
}
