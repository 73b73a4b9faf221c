package indexer

import (
	"fmt"
	"strconv"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// hit is one document, as JSON texts of the answer.
type hit struct {
	index, id, source string // source is "" where the index keeps none
	seqNo, term       int64
	time              int64 // the first value of sort
}

// page is the answer of a search.
type page struct {
	hits     []hit
	total    int64 // documents, -1 where they were not counted
	timedOut bool
	failed   int64  // shards
	pit      string // the point in time has this name from now on, "" for the old one
}

// parsePage reads an answer. The hits are parts of it: it is read once, and no document
// is decoded.
func parsePage(body string) (page, error) {
	p := page{total: -1}
	err := members(body, func(name, value string) error {
		switch name {
		case "timed_out":
			p.timedOut = value == "true"
		case "pit_id":
			p.pit, _, _ = jsontext.Unquote(value)
		case "_shards":
			return members(value, func(name, value string) error { return number(name == "failed", value, &p.failed) })
		case "hits":
			return members(value, p.hitsMember)
		}
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("the answer of the search cannot be read: %w", err)
	}
	return p, nil
}

func (p *page) hitsMember(name, value string) error {
	switch name {
	case "total":
		return members(value, func(name, value string) error { return number(name == "value", value, &p.total) })
	case "hits":
		return elements(value, func(value string) error {
			h := hit{}
			err := members(value, h.member)
			p.hits = append(p.hits, h)
			return err
		})
	}
	return nil
}

func (h *hit) member(name, value string) error {
	switch name {
	case "_index":
		h.index = value
	case "_id":
		h.id = value
	case "_source":
		h.source = value
	case "_seq_no":
		return number(true, value, &h.seqNo)
	case "_primary_term":
		return number(true, value, &h.term)
	case "sort":
		first := true
		return elements(value, func(value string) error {
			err := number(first && value != "null", value, &h.time)
			first = false
			return err
		})
	}
	return nil
}

func number(wanted bool, text string, to *int64) (err error) {
	if wanted {
		*to, err = strconv.ParseInt(text, 10, 64)
	}
	return err
}

// appendLine appends the document as one line. A line end in JSON is white space.
func (h *hit) appendLine(line []byte) []byte {
	line = append(append(line, `{"_index":`...), h.index...)
	line = append(append(line, `,"_id":`...), h.id...)
	line = append(line, `,"_source":`...)
	from := len(line)
	line = append(line, h.source...)
	for i, b := range line[from:] {
		if b == '\n' || b == '\r' {
			line[from+i] = ' '
		}
	}
	return append(line, "}\n"...)
}

// members calls each for every member of the object at the start of s, with its name as
// it is written, without quotes.
func members(s string, each func(name, value string) error) error {
	return values(s, '{', func(i int) (string, int) {
		quote, _ := jsontext.StringEnd(s, i+1)
		if quote < 0 {
			return "", quote
		}
		return s[i+1 : quote], jsontext.NameEnd(s, i)
	}, each)
}

// elements calls each for every element of the list at the start of s.
func elements(s string, each func(value string) error) error {
	return values(s, '[', func(i int) (string, int) { return "", i }, func(_, value string) error { return each(value) })
}

// values walks through an object or a list, which opens with a bracket. Name returns the
// name of what begins at a position, and where its value begins.
func values(s string, bracket byte, name func(i int) (string, int), each func(name, value string) error) error {
	i := jsontext.Blank(s, 0)
	if i == len(s) || s[i] != bracket {
		return fmt.Errorf("byte %d: %q is missing", i, bracket)
	}
	for i = jsontext.Blank(s, i+1); i < len(s) && s[i] != bracket+2; { // ] and } are two behind [ and {
		of, at := name(i)
		if at < 0 {
			return fmt.Errorf("byte %d: a name is missing", ^at)
		}
		end := jsontext.ValueEnd(s, at)
		if end < 0 {
			return fmt.Errorf("byte %d: not JSON", ^end)
		}
		if err := each(of, s[at:end]); err != nil {
			return err
		}
		if i = jsontext.Blank(s, end); i < len(s) && s[i] == ',' {
			i = jsontext.Blank(s, i+1)
		}
	}
	if i == len(s) {
		return fmt.Errorf("byte %d: it ends too early", i)
	}
	return nil
}
