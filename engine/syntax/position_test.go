package syntax

import (
	"strings"
	"testing"
)

// expressions lists every expression of a mapping.
func expressions(m *Mapping) []*Expression {
	var out []*Expression
	add := func(e *Expression) {
		if e != nil {
			out = append(out, e)
		}
	}
	var walk func(n *Node)
	walk = func(n *Node) {
		if n == nil {
			return
		}
		add(n.Expression)
		add(n.Each)
		add(n.When)
		if n.Part != nil {
			for _, arg := range n.Part.Args {
				add(arg)
			}
		}
		for _, f := range n.Fields {
			walk(f.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	add(m.When)
	for _, l := range m.Let {
		walk(l.Value)
	}
	for _, f := range m.Functions {
		add(f.Body)
	}
	for _, part := range m.Parts {
		walk(part.Value)
	}
	walk(m.Event) // with copies of the parts
	for _, use := range m.Uses {
		for _, arg := range use.Args {
			add(arg)
		}
	}
	return out
}

// checkPlaces holds every character of every expression against the file. A
// character that is written as an escape is held against nothing but the line.
func checkPlaces(t *testing.T, src string, m *Mapping) {
	t.Helper()
	lines := Lines(src)
	for _, e := range expressions(m) {
		for offset, want := range e.Text {
			pos := e.At(offset)
			if pos.Line < 1 || pos.Line > len(lines) {
				t.Fatalf("%q at %d: line %d of %d", e.Text, offset, pos.Line, len(lines))
			}
			line := []rune(lines[pos.Line-1])
			switch {
			case want == '\n' && pos.Col == len(line)+1:
			case pos.Col < 1 || pos.Col > len(line):
				t.Errorf("%q at %d: column %d of %q", e.Text, offset, pos.Col, string(line))
			case line[pos.Col-1] != want && line[pos.Col-1] != '\\':
				t.Errorf("%q at %d: %q stands at %d:%d, want %q", e.Text, offset, line[pos.Col-1], pos.Line, pos.Col, want)
			}
		}
	}
}

const styles = `mapping: m
schema: 1.1.0
class: c
when: =rule.level >= 3
let:
  block: |
    =rule.level >= 15 ? "é" :
      rule.level >= 4

     ? 2 : 1
  indented: |2
      =a +
     b
  kept: |+
    =x

event:
  plain: =timestamp ?? alert["@timestamp"]   # a comment
  wide: "=ä.ö + 'ü'"
  double: "=a \"quoted\" \x41 \u00e9 \\ b"
  single: '=it''s ''two'' x'
  flow: {a: "=it[0]", b: =x, c: ['=y', =z]}
  list:
    - $each: =zip(a, b)
      $when: =it[0] != nil
      name: =it[1]
    - $each: |
        =zip(a, b)
         as both
      $part: "two( =x, \"ä,)\" + b , [c, {\"d\": e}] )"
    - {$part: 'two(''it,s'', "x", f(g(h), i))'}
    - $part: |
        two(a +
          b, c,
         d)
    - $part: two(ä.b, 'c', d)
parts:
  "two(a, b, c)": {name: =a, value: '=b + ''"''', labels: ["=c[0]", =it]}
functions:
  f(x): |
    =x +
      1
  g(x, y): =x ?? y
`

func TestEveryCharacterOfAnExpressionHasItsPlace(t *testing.T) {
	for name, src := range map[string]string{
		"as it is": styles, "with CRLF": strings.ReplaceAll(styles, "\n", "\r\n"), "with a BOM": "\ufeff" + styles,
	} {
		t.Run(name, func(t *testing.T) {
			m, faults := Parse("m.yaml", NewDocument([]byte(src)), nil)
			if err := faults.Err(); err != nil {
				t.Fatal(err)
			}
			if n := len(expressions(m)); n != 49 {
				t.Fatalf("%d expressions", n)
			}
			checkPlaces(t, strings.TrimPrefix(src, "\ufeff"), m)
		})
	}
}

// Law: whatever YAML is made of, a character of an expression stands in the
// file where At says.
func FuzzPlaces(f *testing.F) {
	f.Add(styles)
	f.Add("event: {a: \"=\\t\\\"x\", b: '=''', c: =d#e}")
	f.Add("event:\n  a: |-\n\n     =b\n      c\n")
	f.Fuzz(func(t *testing.T, src string) {
		if m, _ := Parse("m.yaml", NewDocument([]byte(src)), nil); m != nil {
			checkPlaces(t, strings.TrimPrefix(src, "\ufeff"), m)
		}
	})
}
