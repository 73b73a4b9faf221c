package expression

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// Bounds of one expression's text and tree.
const (
	maxSource = 16 << 10 // bytes
	maxNodes  = 2000     // nodes of the tree, which bounds its depth too
	maxPlaced = 4000     // with functions in place of their calls
)

// source is the text of an expression. It converts expr's positions, which count
// characters, to bytes.
type source struct {
	text  string
	runes []int // byte offset of each character; nil when the text is ASCII
}

func newSource(text string) source {
	s := source{text: text}
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			for at := range text {
				s.runes = append(s.runes, at)
			}
			break
		}
	}
	return s
}

func (s source) offset(runes int) int {
	switch {
	case runes < 0:
		return 0
	case s.runes == nil:
		return min(runes, len(s.text))
	case runes >= len(s.runes):
		return len(s.text)
	}
	return s.runes[runes]
}

// Trees remembers the trees of texts, so that a text that occurs in several mappings of a
// set, or in a part that is used in several places, is parsed once. It belongs to one
// goroutine; a nil Trees remembers nothing.
type Trees map[string]parsed

type parsed struct {
	src   source
	tree  ast.Node // which nobody changes
	fault *Fault
}

func (t Trees) of(text string) *parsed {
	p, ok := t[text]
	if !ok {
		p.src = newSource(text)
		if p.tree, p.fault = parse(p.src); p.fault != nil {
			p.fault.Syntax = true
		}
		if t != nil {
			t[text] = p
		}
	}
	return &p
}

// parse returns expr's tree, or a fault: expr stops at the first.
func parse(s source) (tree ast.Node, fault *Fault) {
	switch {
	case len(s.text) > maxSource:
		return nil, &Fault{Offset: 0, Message: fmt.Sprintf("the expression has %d bytes, more than the %d allowed; split it into several `let`", len(s.text), maxSource)}
	case !utf8.ValidString(s.text):
		return nil, &Fault{Offset: 0, Message: "the expression is not valid UTF-8; save the mapping as UTF-8"}
	case strings.TrimSpace(s.text) == "":
		return nil, &Fault{Offset: 0, Message: "the expression is empty; write one after `=`"}
	}
	defer func() {
		if recover() != nil {
			tree, fault = nil, &Fault{Offset: 0, Message: "the expression cannot be parsed; check its brackets and quotes"}
		}
	}()
	// Not conf.CreateNew, which makes a map of expr's functions for its compiler: for each
	// expression, that takes longer than to parse it.
	parsed, err := parser.ParseWithConfig(s.text, &conf.Config{MaxNodes: maxNodes})
	if err == nil {
		return parsed.Node, nil
	}
	var at *file.Error
	if !errors.As(err, &at) {
		return nil, &Fault{Offset: 0, Message: "the expression cannot be parsed; check its brackets and quotes"}
	}
	offset := s.offset(at.From)
	if strings.Contains(at.Message, "token EOF") || strings.Contains(at.Message, "unexpected end") {
		offset = len(s.text)
	}
	if fault := s.mixedDash(at.Message); fault != nil {
		return nil, fault
	}
	if message := s.atSign(offset, at.Message); message != "" {
		return nil, &Fault{Offset: offset, Message: message}
	}
	return nil, &Fault{Offset: s.start(offset, at.Message), Message: plainSyntax(at.Message)}
}

// atSign recognises a name that begins with @ and shows how to write it; "" if
// there is none at the offset.
func (s source) atSign(offset int, message string) string {
	if !strings.HasPrefix(message, "unrecognized character") || offset >= len(s.text) || s.text[offset] != '@' {
		return ""
	}
	end := offset + 1
	for end < len(s.text) && isWordByte(s.text[end]) && s.text[end] != '.' {
		end++
	}
	if end == offset+1 {
		return ""
	}
	before := s.text[:offset]
	from := len(before) - len(wordBytes.FindString(before))
	object := strings.TrimSuffix(before[from:], ".")
	if object == "" {
		object = "alert"
	}
	return fmt.Sprintf("a name with @ is written in brackets: %s[%q]", object, s.text[offset:end])
}

var wordBytes = regexp.MustCompile(`[A-Za-z0-9_.]*\.$`)

// start finds the beginning of a malformed text or number, because expr reports
// the place where it gave up.
func (s source) start(offset int, message string) int {
	switch {
	case strings.HasPrefix(message, "literal not terminated"):
		return s.openQuote(offset)
	case malformedNumber(message):
		for offset > 0 && isWordByte(s.text[offset-1]) {
			offset--
		}
	}
	return offset
}

// malformedNumber reports whether a message of expr is about a malformed number.
func malformedNumber(message string) bool {
	return strings.HasPrefix(message, "bad number") || strings.Contains(message, " literal: ") || strings.HasSuffix(message, "literal is too large")
}

func isWordByte(c byte) bool {
	return c == '.' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// openQuote finds the quote that is not closed.
func (s source) openQuote(otherwise int) int {
	open, quote := -1, byte(0)
	for i := 0; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case open >= 0 && c == '\\' && quote != '`':
			i++
		case open >= 0 && c == quote:
			open = -1
		case open < 0 && (c == '"' || c == '\'' || c == '`'):
			open, quote = i, c
		}
	}
	if open < 0 {
		return otherwise
	}
	return open
}

var token = regexp.MustCompile(`(?:Identifier|Number|String|Bytes|Operator|Bracket)\("((?:[^"\\]|\\.)*)"\)`)

// plainSyntax rewords the messages of expr's parser.
func plainSyntax(message string) string {
	message = strings.TrimSpace(message)
	switch {
	case strings.Contains(message, "maximum allowed nodes"):
		return fmt.Sprintf("the expression has more than %d parts; split it into several `let`", maxNodes)
	case strings.HasPrefix(message, "unexpected token EOF"), strings.HasPrefix(message, "unexpected end"):
		return "the expression ends too early; something is missing after it"
	case strings.Contains(message, "coalesce expressions"):
		return "`??` and other operators cannot be mixed; put brackets around one of them"
	case strings.HasPrefix(message, "literal not terminated"):
		return "a text is not closed; end it with the quote it began with, on the same line"
	case strings.HasPrefix(message, "invalid char escape"), strings.Contains(message, "unescape"):
		return `a text has a bad escape; write \\ for a backslash, or use backquotes`
	case strings.HasPrefix(message, "unrecognized character"):
		return message + "; put texts in quotes"
	case strings.HasPrefix(message, "wrap predicate"):
		return "wrap the predicate in { and } to use `;` in it"
	case strings.HasPrefix(message, "expected at least"):
		return "an argument is missing here"
	case strings.HasPrefix(message, "expected name"):
		return "a name must follow the dot; write other names as [\"…\"]"
	case malformedNumber(message):
		return "the number is malformed or does not fit into 64 bits; write it as text, or as a float with a decimal point"
	case strings.HasPrefix(message, `unexpected token Operator("=")`):
		return "unexpected `=`; to compare write `==`, to name a value write `let x = …;` in front"
	case strings.HasPrefix(message, `unexpected token Identifier("as")`):
		return "unexpected `as`; only a $each names its element, at the end and with letters, digits and _: `=list as name`"
	case strings.HasPrefix(message, `unexpected token Operator("&")`):
		return "unexpected `&`; write `and`, or bitand(a, b) for bits"
	}
	message = token.ReplaceAllStringFunc(message, func(t string) string {
		return "`" + token.FindStringSubmatch(t)[1] + "`"
	})
	return strings.Replace(strings.ReplaceAll(message, "unexpected token", "unexpected"), "unexpected String", "unexpected text", 1)
}
