package plan

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// json reads a table that is an object of entries by their keys, a list of objects
// with a member that is the key of each, or without `key` any list.
func (r *tableReader) json() {
	entries := make([]alert.Entry, 0, len(r.text)/entryBytes)
	all := r.newRows()
	at := len(r.text) - len(strings.TrimLeft(r.text, " \t\r\n"))
	object := at < len(r.text) && r.text[at] == '{'
	top, end, err := alert.Entries(r.text, maxTableDepth, func(e *alert.Entry) bool {
		switch {
		case object:
			return all.add(e.Name, e.Value, tablePlace{offset: e.At})
		case len(entries) == maxTableRows:
			r.fault(e.At, "the table has more than %d rows: leave out those that no rule looks up", maxTableRows)
			return false
		}
		entries = append(entries, *e)
		return true
	})
	key := r.file.Key.Value
	switch {
	case err != nil:
		r.jsonFault(err)
	case len(r.faults) > 0:
	case end < len(r.text):
		r.fault(end, "more text follows the value: a file holds one table")
	case object && key != "":
		r.wrong = append(r.wrong, wrongColumn{false, "`key` is for a list of objects, and " + r.file.File.Value + " is an object, whose names are the keys: remove the line"})
	case object:
		r.value = alert.OfTable(all.members)
	case top.Kind == alert.List && key == "" && r.file.Value.Value == "":
		r.value = listOf(entries)
	case top.Kind == alert.List:
		r.keyed(entries)
	default:
		r.fault(at, "a table is an object, or a list of objects, not %s", jsonKind(top))
	}
	if object && r.file.Value.Value != "" {
		r.wrong = append(r.wrong, wrongColumn{true, "`value` is for a list of objects with `key`: take the member in the expression, as tables." + r.file.Name + "[…]." + r.file.Value.Value})
	}
}

// entryBytes is about what an entry of a list takes of the text.
const entryBytes = 128

func listOf(entries []alert.Entry) alert.Value {
	items := make([]alert.Value, len(entries))
	for i := range entries {
		items[i] = entries[i].Value
	}
	return alert.OfList(items)
}

// keyed makes a table of a list of objects.
func (r *tableReader) keyed(entries []alert.Entry) {
	if r.file.Key.Value == "" {
		r.wrong = append(r.wrong, wrongColumn{true, "`value` needs `key`, the member of each object whose values are looked up"})
		return
	}
	all := r.newRows()
	all.members, all.places = make([]alert.Member, 0, len(entries)), make(map[string]tablePlace, len(entries))
	for i := range entries {
		at, item := entries[i].At, entries[i].Value
		if item.Kind != alert.Object {
			if !r.fault(at, "a table with `key` is a list of objects, and this is %s", jsonKind(item)) {
				return
			}
			continue
		}
		key, _ := item.Member(r.file.Key.Value)
		if key.Kind >= alert.List {
			if !r.fault(at, "the key `%s` of this row is %s, and a key is text or a number", r.file.Key.Value, jsonKind(key)) {
				return
			}
			continue
		}
		text := string(key.AppendText(nil))
		if text == "" {
			continue // nothing could find it
		}
		v := item
		if name := r.file.Value.Value; name != "" {
			v, _ = item.Member(name)
		}
		if !all.add(text, v, tablePlace{offset: at}) {
			return
		}
	}
	if len(entries) > 0 && len(all.members) == 0 && len(r.faults) == 0 {
		r.wrong = append(r.wrong, wrongColumn{false, "no object of " + r.file.File.Value + " has `" + r.file.Key.Value + "`: name the member whose values are looked up"})
	}
	r.value = alert.OfTable(all.members)
}

// jsonFault reports where the text cannot be read.
func (r *tableReader) jsonFault(err *alert.Error) {
	switch {
	case strings.TrimSpace(r.text) == "":
		r.fault(0, "the file is empty: a table is an object, or a list of objects")
	case err.Offset >= len(r.text):
		r.fault(err.Offset, "the JSON cannot be read: it ends too early")
	default:
		r.fault(err.Offset, "the JSON cannot be read: %s", err.Reason)
	}
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
