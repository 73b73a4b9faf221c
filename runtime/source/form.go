package source

import (
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// form is how an input holds its alerts. The first value decides, whatever the
// input is called.
type form uint8

// The forms.
const (
	inLines      form = iota // one value a line; also what has no form
	pretty                   // objects over several lines, one after another
	concatenated             // objects without line ends between them
	inArray                  // a JSON array
	inResponse               // a _search response: the alerts are its hits
	inBulk                   // a body of _bulk: a line with an action before each alert
)

// formOf reads the form off the beginning of an input. whole says that text is
// all of the input, or all that is looked at. Without that it is undecided as
// long as more text could change the result.
func formOf(text string, whole bool) (f form, decided bool) {
	i := jsontext.Blank(text, 0)
	if i == len(text) {
		return inLines, whole
	}
	switch text[i] {
	case '[':
		j := jsontext.Blank(text, i+1)
		if j == len(text) {
			return inLines, whole
		}
		if text[j] == '{' || text[j] == ']' {
			return inArray, true
		}
	case '{':
		return formOfObject(text, i, whole)
	}
	return inLines, true
}

// formAtLimit is for an input that is still undecided when text has the length
// of the longest line. Lines keep damage to one of them; where there are none, it
// ends at the next whole alert.
func formAtLimit(text string) form {
	f, _ := formOf(text, true)
	if f == inLines && !strings.Contains(text, "\n") && jsontext.ValueEnd(text, jsontext.Blank(text, 0)) != ^len(text) {
		return concatenated
	}
	return f
}

func formOfObject(text string, i int, whole bool) (f form, decided bool) {
	hits := hitsOf(text, i)
	if hits > 0 {
		return inResponse, true
	}
	if hits < 0 && !whole {
		return inLines, false
	}
	// Pretty-printers end the line behind the first bracket.
	after := jsontext.Blank(text, i+1)
	if after < len(text) && (text[after] == '"' || text[after] == '}') && strings.Contains(text[i:after], "\n") {
		return pretty, true
	}
	end := jsontext.ValueEnd(text, i)
	switch {
	case end == ^len(text):
		return inLines, whole
	case end < 0:
		return inLines, whole || strings.Contains(text[i:], "\n")
	case strings.Contains(text[i:end], "\n"):
		return pretty, true
	}
	next := end + len(text[end:]) - len(strings.TrimLeft(text[end:], " \t\r"))
	switch {
	case next == len(text):
		return inLines, whole
	case text[next] == '{':
		return concatenated, true
	case actionOf(text[i:end]) != noAction:
		return inBulk, true
	}
	return inLines, true
}

// hitsOf returns the position behind the bracket that opens the hits of a
// _search response, when one begins at text[i]. It is 0 for anything else, and
// ^len(text) when text ends before that is clear.
//
// A response has only members of its own before `hits`, which is an object with
// an array `hits`. No alert begins with one of these members.
func hitsOf(text string, i int) int {
	for inner := false; ; {
		i = jsontext.Blank(text, i+1) // behind a bracket or a comma
		value := jsontext.NameEnd(text, i)
		if value < 0 || value == len(text) {
			return undecided(text, value)
		}
		name := text[i+1 : i+1+strings.IndexByte(text[i+1:], '"')]
		switch {
		case name == "hits" && inner && text[value] == '[':
			return value + 1
		case name == "hits" && !inner && text[value] == '{':
			inner, i = true, value
			continue
		case name == "hits", !inner && !beforeHits(name):
			return 0
		}
		end := jsontext.ValueEnd(text, value)
		if end < 0 {
			return undecided(text, end)
		}
		i = jsontext.Blank(text, end)
		if i == len(text) {
			return ^len(text)
		}
		if text[i] != ',' {
			return 0
		}
	}
}

func undecided(text string, at int) int {
	if at == len(text) || at == ^len(text) {
		return ^len(text)
	}
	return 0
}

// beforeHits reports whether a _search response can have this member before
// its hits: in the order of Elasticsearch and OpenSearch, or sorted by name.
func beforeHits(name string) bool {
	switch name {
	case "took", "timed_out", "terminated_early", "num_reduce_phases", "phase_took", "_shards", "_clusters", "_scroll_id", "pit_id", "aggregations", "ext":
		return true
	}
	return false
}

// action is what a line of _bulk does with the document that follows.
type action uint8

const (
	noAction action = iota
	alone           // there is no document
	store           // the document is the next value
)

// actionOf judges one whole JSON value.
func actionOf(text string) action {
	var does action
	value := 0
	for _, name := range []string{"index", "create", "delete"} {
		head := `{"` + name + `"`
		if strings.HasPrefix(text, head) {
			value, does = jsontext.NameEnd(text, 1), store
			if name == "delete" {
				does = alone
			}
		}
	}
	if does == noAction || text[value] != '{' {
		return noAction
	}
	end := jsontext.ValueEnd(text, value)
	if end < 0 || jsontext.Blank(text, end) != len(text)-1 {
		return noAction
	}
	return does
}

// contents is what an input was found to hold.
type contents struct {
	form    form
	values  int64
	actions int64 // of _bulk, skipped
	over    bool  // there were line ends within or between the values
}

// String is a sentence without its full stop, "" for an input of lines.
func (c contents) String() string {
	what := ""
	switch c.form {
	case inLines:
		return ""
	case pretty:
		what = "JSON objects over many lines"
	case concatenated:
		what = "JSON objects without line ends between them"
	case inArray:
		what = "a JSON array"
	case inResponse:
		what = "a _search response"
	case inBulk:
		what = fmt.Sprintf("a _bulk body, %s skipped", counted(c.actions, "action"))
	}
	if c.over && c.form == inArray {
		what += " over many lines"
	}
	return what + ", " + counted(c.values, "alert")
}

func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
