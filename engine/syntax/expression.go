package syntax

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Expression is the text of one expression, without its `=`, with the position of
// every byte.
type Expression struct {
	Pos  Pos // of the `=`
	Text string
	// places maps offsets of Text to positions in the file: each holds from its
	// offset on, byte for byte, until the next.
	places []place
	// Advice is what to add to a syntax error if YAML's reading of the text may have
	// caused it, else "".
	Advice string
	// Template is the expression of the part that this one is a copy of, nil outside
	// of parts.
	Template *Expression
	// As names the element of a `$each`: what follows ` as `. It is zero without
	// one.
	As Text
}

// Source returns the text as it is in the file, with its `=`.
func (e *Expression) Source() string {
	if e.As.Value != "" {
		return "=" + e.Text + " as " + e.As.Value
	}
	return "=" + e.Text
}

var asName = regexp.MustCompile(`\s+as\s+([A-Za-z_][A-Za-z0-9_]*)\s*$`)

// cutName separates the name of the element from a list.
func (e *Expression) cutName() {
	if m := asName.FindStringSubmatchIndex(e.Text); m != nil {
		e.As = Text{e.At(m[2]), e.Text[m[2]:m[3]]}
		e.Text = e.Text[:m[0]]
	}
}

type place struct {
	offset int
	pos    Pos
}

// At returns the position in the file of the byte at an offset of Text.
func (e *Expression) At(offset int) Pos {
	offset = max(0, min(offset, len(e.Text)))
	at := place{0, e.Pos}
	for _, p := range e.places {
		if p.offset > offset {
			break
		}
		at = p
	}
	at.pos.Col += utf8.RuneCountInString(e.Text[at.offset:offset])
	at.pos.Use = e.Pos.Use
	return at.pos
}

// expression reads a scalar node as an expression. It returns nil, after adding a
// fault, if positions in it cannot be determined: in folded blocks, and in plain
// or quoted text over several lines.
func (p *parser) expression(n *yaml.Node, inFlow bool) *Expression {
	e := p.located(n, inFlow, 1)
	if e == nil {
		return nil
	}
	if strings.TrimSpace(e.Text) == "" {
		p.faults.Add(e.Pos, "the expression is empty: write something after `=`, or remove the line")
		return nil
	}
	return e
}

// located reads the text of a scalar, but for the first bytes that the caller has
// understood, with the position of every byte.
func (p *parser) located(n *yaml.Node, inFlow bool, lead int) *Expression {
	n = p.behindProperties(n)
	e := &Expression{Pos: p.pos(n), Text: strings.TrimRight(unblank(n)[lead:], " \t\n")}
	ok := true
	switch {
	case n.Style&yaml.FoldedStyle != 0:
		p.faults.Add(e.Pos, "an expression cannot be in a folded block (`>`), which joins its lines: use `|`")
		return nil
	case n.Style&yaml.LiteralStyle != 0:
		p.literalPlaces(e, n, lead)
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		ok = p.quotedPlaces(e, n, lead)
	default:
		ok = p.plainPlaces(e, n, inFlow, lead)
	}
	if !ok {
		return nil
	}
	return e
}

// behindProperties returns a scalar with the position of its text, which has an anchor or
// a tag before it: `&name =rule.id`.
func (p *parser) behindProperties(n *yaml.Node) *yaml.Node {
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return n
	}
	line, at := p.characters(n.Line).runes, n.Column-1
	for at < len(line) && (line[at] == '&' || line[at] == '!') {
		for at < len(line) && line[at] != ' ' && line[at] != '\t' {
			at++
		}
		for at < len(line) && (line[at] == ' ' || line[at] == '\t') {
			at++
		}
	}
	behind := *n
	behind.Column = at + 1
	return &behind
}

// literalPlaces determines the lines of a `|` block. The position of the yaml node
// is that of the indicator; the text begins on the next line.
func (p *parser) literalPlaces(e *Expression, n *yaml.Node, lead int) {
	indent, first := -1, true
	offset := -lead // of the line's first character in Text
	value := unblank(n)
	blank := len(n.Value) - len(value)
	for i, line := range strings.SplitAfter(value, "\n") {
		row := n.Line + 1 + blank + i
		text := strings.TrimRight(line, "\r\n")
		if indent < 0 && text != "" {
			indent = strings.Index(p.line(row), text)
		}
		col := 1 + min(max(indent, 0), len(p.line(row))) // an empty line may have no indent
		if first && text != "" {
			e.Pos = posAt(p.file, row, col)
			e.places = append(e.places, place{0, posAt(p.file, row, col+lead)})
			first = false
		} else if offset <= len(e.Text) {
			e.places = append(e.places, place{max(offset, 0), posAt(p.file, row, col)})
		}
		offset += len(line)
	}
}

// quotedPlaces follows the quoted source text, whose escapes are longer than their
// values.
func (p *parser) quotedPlaces(e *Expression, n *yaml.Node, lead int) bool {
	double := n.Style&yaml.DoubleQuotedStyle != 0
	src := p.characters(n.Line).runes
	i := n.Column // after the quote
	e.Pos.Col = n.Column + 1
	straight := false // the character before was as long as its value
	for offset := -lead; offset < len(e.Text); {
		if i >= len(src) {
			p.faults.Add(p.pos(n), "a quoted expression must be on one line: put a long one in a `|` block")
			return false
		}
		if offset >= 0 && (!straight || len(e.places) == 0) {
			e.places = append(e.places, place{offset, posAt(p.file, n.Line, i+1)})
		}
		width, size := 1, utf8.RuneLen(src[i])
		switch {
		case !double && src[i] == '\'':
			width = 2
		case double && src[i] == '\\' && i+1 < len(src):
			width, size = escape(src[i:], e.Text[max(offset, 0):])
		}
		i, offset, straight = i+width, offset+size, width == 1
	}
	return true
}

// escape returns how many characters a YAML escape takes in the source, and how
// many bytes in the value.
func escape(src []rune, value string) (width, size int) {
	width = 2
	switch src[1] {
	case 'x':
		width = 4
	case 'u':
		width = 6
	case 'U':
		width = 10
	}
	_, size = utf8.DecodeRuneInString(value)
	return width, size
}

// plainPlaces handles an unquoted expression: it is on one line, and YAML ends it
// at ` #` and, in flow style, at `,` and brackets.
func (p *parser) plainPlaces(e *Expression, n *yaml.Node, inFlow bool, lead int) bool {
	starts := p.characters(n.Line).starts
	rest := p.line(n.Line)[starts[min(n.Column, len(starts))-1]:]
	if len(rest) < lead || !strings.HasPrefix(rest[lead:], e.Text) {
		p.faults.Add(e.Pos, "an unquoted expression must be on one line: put a long one in a `|` block")
		return false
	}
	e.places = []place{{0, posAt(p.file, n.Line, n.Column+lead)}}
	comment := strings.HasPrefix(strings.TrimLeft(rest[lead+len(e.Text):], " \t"), "#")
	switch whole := balanced(e.Text); {
	case inFlow && !whole && !comment:
		p.faults.Add(e.Pos, "%s", adviceFlow)
		return false
	case comment && !whole:
		p.faults.Add(e.Pos, "%s", adviceComment)
		return false
	case comment:
		e.Advice = adviceComment
	}
	return true
}

// What messages say about the most common slips.
const (
	adviceFlow    = "inside `[ ]` and `{ }` an unquoted expression ends at the first `,`, `?` or bracket: quote the expression or put it in a `|` block"
	adviceComment = "YAML reads ` #` as the start of a comment, which ends the expression: quote the expression or put it in a `|` block"
	adviceColon   = "an unquoted expression cannot contain `: `, which YAML reads as a key: quote the expression or put it in a `|` block"
)

// balanced reports whether all brackets and quotes of an expression are closed.
func balanced(text string) bool {
	var open []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != opener(c) {
				return false
			}
			open = open[:len(open)-1]
		case '"', '\'', '`':
			end := closing(text[i+1:], c)
			if end < 0 {
				return false
			}
			i += end + 1
		}
	}
	return len(open) == 0
}

func opener(c byte) byte {
	switch c {
	case ')':
		return '('
	case ']':
		return '['
	}
	return '{'
}

func closing(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && quote != '`' {
			i++
		} else if s[i] == quote {
			return i
		}
	}
	return -1
}
