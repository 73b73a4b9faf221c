package syntax

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
)

// yamlFault reports text that is not YAML, as one fault. The library often names
// the line where a construct begins and not the one that breaks it, so yamlFault
// looks for that line. The most common slips have messages of their own.
func (p *parser) yamlFault(err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := unknownAnchor().FindStringSubmatch(message); m != nil {
		p.faults.Add(p.aliasAt(m[1]), "there is no anchor `&%s` before this `*%s`: write one, or put a text that begins with `*` in quotes", m[1], m[1])
		return
	}
	named := 0 // the library leaves out the first line
	if m := yamlLine().FindStringSubmatch(message); m != nil {
		named, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	line := p.brokenLine(named, message)
	if strings.Contains(message, "incompatible YAML document") {
		p.faults.Add(posAt(p.file, line, 1), "the file is not YAML: a directive such as %%YAML 1.2 is not read: remove the line")
		return
	}
	if indent(p.line(line), "\t") {
		p.notYAML(line, message+" (this line is indented with a tab: use spaces)")
		return
	}
	for _, near := range []int{line, max(named, 1)} {
		if at, advice := p.slip(near); advice != "" {
			p.faults.Add(at, "%s", advice)
			return
		}
	}
	if at, ok := p.openQuote(line); ok {
		p.faults.Add(at, "the file is not YAML: %s (this quote does not close on its line)", message)
		return
	}
	if !inBrackets().MatchString(message) && p.misaligned(line) {
		message += " (the indentation of this line fits none above it: align it with the lines that it belongs to)"
	}
	p.notYAML(line, message)
}

func (p *parser) notYAML(line int, message string) {
	line = max(1, min(line, len(p.lines)))
	p.faults.Add(posAt(p.file, line, firstColumn(p.line(line))), "the file is not YAML: %s", message)
}

var (
	yamlLine      = lazyregexp.MustCompile(`^line (\d+): (?s:(.*))$`)
	inBrackets    = lazyregexp.MustCompile(`^did not find expected (',' or |node content)`)
	unknownAnchor = lazyregexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// aliasAt returns the place of the first alias of a name.
func (p *parser) aliasAt(name string) Pos {
	alias := regexp.MustCompile(`(?:^|[\s\[,{])(\*` + regexp.QuoteMeta(name) + `)(?:$|[\s\],}])`)
	for i, line := range p.lines {
		if at := alias.FindStringSubmatchIndex(line); at != nil {
			return posAt(p.file, i+1, 1+utf8.RuneCountInString(line[:at[2]]))
		}
	}
	return posAt(p.file, 1, 1)
}

// brokenLine finds the line that breaks the text. For faults of indentation the
// library names an earlier line, and it reads ahead. The line that breaks the text
// is the one after the longest part that can be read.
func (p *parser) brokenLine(named int, message string) int {
	last := p.linesRead()
	readAhead := strings.Contains(message, "did not find expected key") || strings.Contains(message, "did not find expected '-' indicator")
	switch {
	case strings.Contains(message, "tab character"):
		return last
	case inBrackets().MatchString(message), strings.Contains(message, "<document start>"):
		return p.withText(named + 1) // of these the library counts lines from 0
	case readAhead || named == 0:
		for line := last - 1; line >= max(named-1, last-4, 1); line-- {
			if p.readable(line) {
				return line + 1
			}
		}
	}
	if readAhead {
		return last
	}
	return max(named, 1)
}

// withText returns a line, or the last one before it that is not blank.
func (p *parser) withText(line int) int {
	for line > 1 && strings.TrimSpace(p.line(line)) == "" {
		line--
	}
	return line
}

// linesRead returns how many lines the library reads before it fails.
func (p *parser) linesRead() int {
	r := &lineReader{lines: p.lines}
	d := yaml.NewDecoder(r)
	for {
		if !decodes(d) {
			return r.next
		}
	}
}

// decodes reads one document. A panic of the library counts as an error.
func decodes(d *yaml.Decoder) (ok bool) {
	defer func() { ok = recover() == nil && ok }()
	return d.Decode(new(yaml.Node)) == nil
}

// readable reports whether the first n lines alone are YAML.
func (p *parser) readable(n int) bool {
	_, err := decode(strings.Join(p.lines[:min(n, len(p.lines))], "\n") + "\n")
	return err == nil || errors.Is(err, io.EOF)
}

// lineReader returns one line at each call, so that next is the number of lines
// read.
type lineReader struct {
	lines []string
	next  int
	rest  string
}

func (r *lineReader) Read(b []byte) (int, error) {
	if r.rest == "" {
		if r.next >= len(r.lines) {
			return 0, io.EOF
		}
		r.rest = r.lines[r.next] + "\n"
		r.next++
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// indent reports whether a line's indentation contains a text.
func indent(line, what string) bool {
	return strings.Contains(line[:len(line)-len(strings.TrimLeft(line, " \t"))], what)
}

// misaligned reports whether a line begins in a column in which no block begins
// that is still open: blocks begin at a key, a dash, or what follows a dash. The first line
// is not: it begins the first block.
func (p *parser) misaligned(line int) bool {
	var open []int
	first := true
	for n := 1; n <= line; n++ {
		text := p.line(n)
		rest := strings.TrimLeft(text, " ")
		if rest == "" || rest[0] == '#' {
			continue
		}
		col := len(text) - len(rest)
		for len(open) > 0 && open[len(open)-1] > col {
			open = open[:len(open)-1]
		}
		known := len(open) > 0 && open[len(open)-1] == col
		if n == line {
			return !known && !first
		}
		first = false
		if !known {
			open = append(open, col)
		}
		for strings.HasPrefix(rest, "- ") {
			rest = strings.TrimLeft(rest[1:], " ")
			open = append(open, len(text)-len(rest))
		}
	}
	return false
}
