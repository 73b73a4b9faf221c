package syntax

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// yamlFault reports text that YAML cannot read, as one fault. The library
// names a line, often where a construct began and not where it broke; the
// commonest slips are looked for first, since they have a better place and a
// better sentence.
func (p *parser) yamlFault(err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	if at, advice := p.slip(line); advice != "" {
		p.faults.Add(at, "%s", advice)
		return
	}
	if at, ok := p.openQuote(); ok {
		p.faults.Add(at, "the file is not YAML: %s (this quote does not close on its line)", message)
		return
	}
	line = max(1, min(line, len(p.lines)))
	p.faults.Add(Pos{p.file, line, firstColumn(p.line(line))}, "the file is not YAML: %s%s", message, p.tabAdvice(line))
}

var yamlLine = regexp.MustCompile(`^line (\d+): (?s:(.*))$`)

var (
	// plainExpression finds an unquoted expression behind a key or a dash.
	plainExpression = regexp.MustCompile(`^(\s*(?:- )*\s*(?:[^\s:#"'{}\[\]]+:\s+)?)(=.*)$`)
	// flowExpression finds an unquoted expression inside flow style.
	flowExpression = regexp.MustCompile(`[\[{,:]\s*(=[^"']*?[\[\]{},])`)
)

// slip looks near the line that YAML names for an unquoted expression that it
// must have stumbled over.
func (p *parser) slip(near int) (Pos, string) {
	for _, n := range []int{near, near + 1, near - 1, near + 2} {
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

// openQuote finds the first quoted value that does not close on its line: text
// that YAML cannot read mostly has one.
func (p *parser) openQuote() (Pos, bool) {
	for i, line := range p.lines {
		m := quotedValue.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		text := strings.ReplaceAll(line[m[3]:], "''", "")
		if closing(text, line[m[2]]) < 0 {
			return p.column(i+1, m[2]), true
		}
	}
	return Pos{}, false
}

func (p *parser) column(line, offset int) Pos {
	return Pos{p.file, line, 1 + utf8.RuneCountInString(p.line(line)[:offset])}
}

func firstColumn(line string) int {
	return 1 + len(line) - len(strings.TrimLeft(line, " \t"))
}

// tabAdvice names the one mistake that cannot be seen.
func (p *parser) tabAdvice(line int) string {
	for _, n := range []int{line, line + 1} {
		if rest := strings.TrimLeft(p.line(n), " "); strings.HasPrefix(rest, "\t") {
			return " (line " + strconv.Itoa(n) + " is indented with a tab: YAML wants spaces)"
		}
	}
	return ""
}
