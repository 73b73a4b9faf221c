package syntax

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	// plainExpression finds an unquoted expression after a key or a dash.
	plainExpression = regexp.MustCompile(`^(\s*(?:- )*\s*(?:[^\s:#"'{}\[\]]+:\s+)?)(=.*)$`)
	// flowExpression finds an unquoted expression inside flow style.
	flowExpression = regexp.MustCompile(`[\[{,:]\s*(=[^"']*?[\[\]{},])`)
)

// slip looks near a line for an unquoted expression that YAML cannot read.
func (p *parser) slip(near int) (Pos, string) {
	lines := []int{near, near + 1, near - 1, near + 2}
	for _, n := range lines {
		if at := cutInFlow(p.line(n)); at >= 0 {
			return p.column(n, at), adviceFlow
		}
	}
	for _, n := range lines {
		line := p.line(n)
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if m := plainExpression.FindStringSubmatchIndex(line); m != nil {
			if strings.Contains(line[m[4]:], ": ") || strings.HasSuffix(strings.TrimSpace(line), ":") {
				return p.column(n, m[4]), adviceColon
			}
		}
		if m := flowExpression.FindStringSubmatchIndex(line); m != nil && strings.ContainsAny(line[:m[2]], "[{") {
			return p.column(n, m[2]), adviceFlow
		}
	}
	return p.flowSlip(near)
}

// cutInFlow returns where on a line an unquoted expression begins that flow style on the same line
// cuts off in its middle, or -1.
func cutInFlow(line string) int {
	var open []byte
	before := byte(' ') // the last character that is not blank
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case '#':
			if i == 0 || line[i-1] == ' ' {
				return -1
			}
		case '"', '\'':
			i += 1 + closing(line[i+1:], c)
		case '[', '{':
			open = append(open, c)
		case ']', '}':
			open = open[:max(len(open)-1, 0)]
		case '=':
			if len(open) == 0 || !strings.ContainsRune("[{,:", rune(before)) {
				break
			}
			end := strings.IndexAny(line[i:], ",?[]{}")
			if end < 0 {
				return -1 // it may go on
			}
			if !endsWell(line[i:i+end], line[i+end], open[len(open)-1]) {
				return i
			}
			i += end - 1
		}
		if i < len(line) && line[i] != ' ' {
			before = line[i]
		}
	}
	return -1
}

// endsWell reports whether a text in flow style may be a whole expression, with what ends it and the
// bracket that it is in.
func endsWell(text string, end, open byte) bool {
	for _, quote := range []string{"'", "\"", "`"} {
		if strings.Count(text, quote)%2 != 0 {
			return false
		}
	}
	return strings.Count(text, "(") == strings.Count(text, ")") && (end == ',' || end == ']' && open == '[' || end == '}' && open == '{')
}

// flowSlip looks for an expression in flow style that began on a line before.
func (p *parser) flowSlip(near int) (Pos, string) {
	for _, n := range []int{near, near + 1, near - 1, near + 2} {
		if m := flowExpression.FindStringSubmatchIndex(p.line(n)); m != nil && !strings.HasPrefix(strings.TrimSpace(p.line(n)), "#") {
			return p.column(n, m[2]), adviceFlow
		}
	}
	return Pos{}, ""
}

// quotedValue finds a value that starts with a quote.
var quotedValue = regexp.MustCompile(`^\s*(?:- )*(?:[^\s:#"'{}\[\]]+:\s+)?(["'])`)

// openQuote finds a quoted value that is not closed, if it is the reason that the
// text cannot be read beyond the broken line. If a value is closed on a later line,
// the text up to that line can be read.
func (p *parser) openQuote(broken int) (Pos, bool) {
	tries := 50 // each try parses the text again
	for i, line := range p.lines[:max(0, min(broken, len(p.lines)))] {
		m := quotedValue.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		text := strings.ReplaceAll(line[m[3]:], "''", "")
		if closing(text, line[m[2]]) >= 0 {
			continue
		}
		closes := false
		for n := i + 1; n < broken && !closes && tries > 0; n++ {
			tries--
			closes = p.readable(n)
		}
		if !closes {
			return p.column(i+1, m[2]), true
		}
	}
	return Pos{}, false
}

func (p *parser) column(line, offset int) Pos {
	return posAt(p.file, line, 1+utf8.RuneCountInString(p.line(line)[:offset]))
}

func firstColumn(line string) int {
	return 1 + len(line) - len(strings.TrimLeft(line, " \t"))
}
