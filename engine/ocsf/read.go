package ocsf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// ReadJSON sets the event from a JSON object such as AppendJSON writes. The order
// of the attributes does not matter, and null is absence. It allocates, and the
// event owns its texts: the caller may reuse b.
//
// An attribute that the Layout does not have, a value of another type than the
// attribute's, a number outside its type's range, an attribute or key that
// appears twice, bytes that are not UTF-8, and anything after the object are
// errors that say where (attacks[1].technique.uid). After an error the event is
// empty. It does not check patterns, lengths, enums and requirements: Check does.
func (e *Event) ReadJSON(b []byte) error {
	e.Reset()
	err := e.read(b)
	if err != nil {
		e.Reset()
		return fmt.Errorf("reading an event of class %s: %w", e.Layout.Class.Name, err)
	}
	return nil
}

func (e *Event) read(b []byte) error {
	// encoding/json would silently replace other bytes with U+FFFD.
	if !utf8.Valid(b) {
		return errors.New("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	r := reader{d}
	token, err := r.next("")
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return errors.New("it is not a JSON object")
	}
	if err := r.record("", e.Layout.Fields, e.Cells); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the object at byte %d", d.InputOffset())
	}
	return nil
}

// reader reads one value after the other into cells.
type reader struct{ *json.Decoder }

// next returns the next token; path is the place, for the error.
func (r reader) next(path string) (json.Token, error) {
	token, err := r.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("%sat byte %d: %w", colon(path), r.InputOffset(), err)
	}
	return token, nil
}

func colon(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// record reads the rest of an object, whose brace is read, into the cells of fields.
func (r reader) record(path string, fields []*Field, cells []Cell) error {
	for {
		token, err := r.next(path)
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return nil // the closing brace: Token accepts nothing else here
		}
		here := join(path, name)
		i, ok := slices.BinarySearchFunc(fields, name, compareField)
		if !ok {
			return fmt.Errorf("%s: the mapping's events have no such attribute", here)
		}
		if cells[fields[i].Cell].Set {
			return fmt.Errorf("%s: appears twice", here)
		}
		if err := r.field(here, fields[i], cells); err != nil {
			return err
		}
	}
}

func (r reader) field(path string, f *Field, cells []Cell) error {
	c := &cells[f.Cell]
	if !f.List && f.Attribute.Object == nil {
		return r.scalar(path, f.Attribute.Type, c)
	}
	token, err := r.next(path)
	if err != nil || token == nil {
		return err
	}
	c.Set = true
	switch {
	case f.List && token == json.Delim('['):
		return r.items(path, f, c)
	case f.List:
		return mismatch(path, f.Attribute.TypeName(), "a list", token)
	case token == json.Delim('{'):
		return r.record(path, f.Children, cells)
	}
	return mismatch(path, f.Attribute.TypeName(), "an object", token)
}

func (r reader) items(path string, f *Field, c *Cell) error {
	for r.More() {
		here := at(path, len(c.Items))
		item := c.Add(f.ItemCells)
		if f.Attribute.Object == nil {
			if err := r.scalar(here, f.Attribute.Type, &item.Cells[0]); err != nil {
				return err
			}
			if !item.Cells[0].Set {
				return fmt.Errorf("%s: a list cannot hold null", here)
			}
			continue
		}
		token, err := r.next(here)
		if err != nil {
			return err
		}
		if token != json.Delim('{') {
			return mismatch(here, f.Attribute.Object.Name, "an object", token)
		}
		if err := r.record(here, f.Children, item.Cells); err != nil {
			return err
		}
	}
	_, err := r.next(path)
	return err
}

// scalar reads a value that is neither a list nor a group; null leaves the cell absent.
func (r reader) scalar(path string, t *Type, c *Cell) error {
	if t.Kind == JSON {
		var raw json.RawMessage
		if err := r.Decode(&raw); err != nil {
			return fmt.Errorf("%s: at byte %d: %w", path, r.InputOffset(), err)
		}
		c.Text, c.Set = string(raw), string(raw) != "null"
		return nil
	}
	token, err := r.next(path)
	if err != nil || token == nil {
		return err
	}
	c.Set = true
	switch v := token.(type) {
	case bool:
		if t.Kind == Boolean {
			if v {
				c.Num = 1
			}
			return nil
		}
	case json.Number:
		return readNumber(path, t, c, v)
	case string:
		return readText(path, t, c, v)
	case json.Delim:
		if v == '{' && t.Kind == Open {
			return r.pairs(path, c)
		}
	}
	return mismatch(path, t.Name, t.Kind.String(), token)
}

func readNumber(path string, t *Type, c *Cell, v json.Number) error {
	switch t.Kind {
	case Float:
		f, err := v.Float64()
		if err != nil {
			return fmt.Errorf("%s: %s is not a number that fits 64 bits", path, show(v))
		}
		c.Num = int64(math.Float64bits(f))
		return nil
	case Integer, Long, Timestamp:
		n, ok := integer(v)
		low, high := t.bounds()
		if !ok || n < low || n > high {
			return fmt.Errorf("%s: %s is not an integer from %d to %d (%s)", path, show(v), low, high, t.Name)
		}
		c.Num = n
		return nil
	}
	return mismatch(path, t.Name, t.Kind.String(), v)
}

func readText(path string, t *Type, c *Cell, v string) error {
	switch t.Kind {
	case String:
		c.Text = v
		return nil
	case Datetime:
		at, err := time.Parse(time.RFC3339, v)
		if n := at.UnixMilli(); err == nil && n >= firstTime && n <= lastTime {
			c.Num = n
			return nil
		}
		return fmt.Errorf("%s: %s is not an RFC 3339 time in the years 1970 to 9999", path, show(v))
	}
	return mismatch(path, t.Name, t.Kind.String(), v)
}

// pairs reads the rest of an open object, in its own order.
func (r reader) pairs(path string, c *Cell) error {
	seen := map[string]bool{}
	for r.More() {
		token, err := r.next(path)
		if err != nil {
			return err
		}
		key, _ := token.(string)
		here := path + "[" + strconv.Quote(key) + "]"
		if seen[key] {
			return fmt.Errorf("%s: appears twice", here)
		}
		seen[key] = true
		if token, err = r.next(here); err != nil {
			return err
		}
		value, ok := token.(string)
		if !ok {
			return mismatch(here, "an open object", "text", token)
		}
		c.Pairs = append(c.Pairs, Pair{Key: key, Value: value})
	}
	_, err := r.next(path)
	return err
}

func mismatch(path, name, want string, token json.Token) error {
	got := show(token)
	switch token {
	case json.Delim('['):
		got = "a list"
	case json.Delim('{'):
		got = "an object"
	}
	return fmt.Errorf("%s: must be %s (%s), is %s", path, want, name, got)
}
