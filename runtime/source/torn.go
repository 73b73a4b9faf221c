package source

import (
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// A text is torn where a write was cut short and another followed, or where a
// disk returned other bytes. Reading continues after the tear with an object that
//
//   - begins a line; or begins like an alert or like the first object of the
//     input, right at the tear or right behind the end of another object. The tear
//     is the first byte that JSON cannot have there.
//   - is whole, and is followed by the end or by another object.
//
// Nothing that a log line brings into an alert can pass for one: its quotes and
// line ends are escaped, and what it is decoded to is within another object,
// so that a comma or a bracket follows.

// maxGap is how many bytes can lie between the first byte at fault and the tear:
// those of an escape or a word that was torn. Zeros, which a crash leaves in a
// file, do not count.
const maxGap = len(`\u000`)

// restart finds the place to continue after the damage at text[tear] of the value
// that begins at text[from]. name is what the first object of the input has
// first. Without whole, more says that text ends before it is clear.
func restart(text, name string, from, tear int, whole bool) (begin int, found, more bool) {
	// Where an object begins inside a torn string, its first quote ends that.
	for i := min(max(from+1, tear-2), len(text)); ; {
		begin = nextBeginning(text, i, tear, name)
		if begin < 0 {
			return 0, false, !whole
		}
		end := jsontext.ValueEnd(text, begin)
		switch {
		case end == ^len(text):
			return 0, false, !whole
		case end < 0:
			i, tear = max(begin+1, ^end-2), ^end
			continue
		}
		i, tear = jsontext.Blank(text, end), len(text)
		switch {
		case i == len(text):
			return begin, whole, !whole
		case text[i] == '{':
			return begin, true, false
		}
	}
}

// nextBeginning is the first place from text[i] on, which has text before it, where an
// object can begin that is not within another, or -1. name is that of beginsLikeAlert.
func nextBeginning(text string, i, tear int, name string) int {
	reach := tear // the last place that is at the tear
	for gap := 0; reach < len(text) && (text[reach] == 0 || gap < maxGap); reach++ {
		if text[reach] != 0 {
			gap++
		}
	}
	for {
		n := strings.IndexByte(text[i:], '{')
		if n < 0 {
			return -1
		}
		i += n
		before := text[i-1]
		atTear := i >= tear-2 && i <= reach
		if before == '\n' || (atTear || before == '}') && beginsLikeAlert(text[i:], name) {
			return i
		}
		i++
	}
}

// beginsLikeAlert reports whether an object begins with the member name, in
// quotes, or with what Wazuh, Logstash or the indexer writes first.
func beginsLikeAlert(text, name string) bool {
	switch first := firstName(text); first {
	case "":
		return false
	case name, `"timestamp"`, `"@timestamp"`, `"_index"`:
		return true
	}
	return false
}

// firstName is the name of an object's first member, in quotes, or "".
func firstName(object string) string {
	if object == "" || object[0] != '{' {
		return ""
	}
	i := jsontext.Blank(object, 1)
	if i == len(object) || object[i] != '"' {
		return ""
	}
	end, _ := jsontext.StringEnd(object, i+1)
	if end < 0 {
		return ""
	}
	return object[i : end+1]
}

// tornReason says what is wrong with a text that has no JSON at the offset at,
// and what became of what is behind it.
func tornReason(at int, found bool) string {
	if found {
		return fmt.Sprintf("column %d: the text is torn or damaged here; the whole alert behind it was read", at+1)
	}
	return fmt.Sprintf("column %d: the text is torn or damaged here, and no whole alert follows it", at+1)
}

// Split takes a line apart that is not one JSON value: one that holds several
// objects, one that is torn and ends with whole alerts, and one that begins with the
// byte order mark of a file that was appended to another. The parts are lines
// with the same number: the objects, and what is torn (Line.Torn). It returns
// nil for any other line. No byte but the mark and white space is lost between the parts.
func (l Line) Split() []Line {
	text := l.Text
	i := jsontext.Blank(text, 0)
	marked := strings.HasPrefix(text[i:], string(utf8BOM))
	if marked {
		i = jsontext.Blank(text, i+len(utf8BOM))
	}
	if l.Bad != nil || l.Long != nil || l.Torn != "" || i == len(text) || text[i] != '{' && text[i] != 0 {
		return nil
	}
	var parts []Line
	name := firstName(text[i:])
	whole, rest := 0, i // parts, and where they end, before the first tear
	for i < len(text) {
		end := objectEnd(text, i)
		next := jsontext.Blank(text, max(end, 0))
		untorn := whole == len(parts)
		if end >= 0 && (untorn || next == len(text) || text[next] == '{') {
			parts = append(parts, l.part(text[i:end], ""))
			if i = next; untorn {
				whole, rest = len(parts), i
			}
			continue
		}
		if end >= 0 {
			end = ^next // it is within another
		}
		begin, found, _ := restart(text, name, i, ^end, true)
		if !found {
			return l.cutOff(parts[:whole], text[rest:])
		}
		parts = append(parts, l.part(text[i:begin], tornReason(min(^end, begin)-i, true)))
		i = begin
	}
	if len(parts) < 2 && !marked {
		return nil
	}
	return parts
}

func objectEnd(text string, i int) int {
	if text[i] != '{' {
		return ^i
	}
	return jsontext.ValueEnd(text, i)
}

// cutOff is for a line that ends torn: the whole objects at its beginning, and
// the rest, if that begins like one.
func (l Line) cutOff(objects []Line, rest string) []Line {
	if len(objects) == 0 || rest == "" || rest[0] != '{' {
		return nil
	}
	return append(objects, l.part(rest, tornReason(^objectEnd(rest, 0), false)))
}

func (l Line) part(text, torn string) Line {
	l.Text, l.Torn = strings.TrimRight(text, " \t\r\n"), torn
	return l
}
