package syntax

import "strings"

// Alone reads an expression that is in no mapping: one given in a call. Positions
// in it count from the start of text, and name file. Its `=` may be left out.
func Alone(file, text string) *Expression {
	blank := len(text) - len(strings.TrimLeft(text, " \t"))
	e := &Expression{Pos: posAt(file, 1, blank+1)}
	at := posAt(file, 1, 1)
	if strings.HasPrefix(text[blank:], "=") {
		text, at.Col = text[blank+1:], blank+2
	}
	for line := range strings.SplitAfterSeq(text, "\n") {
		e.places = append(e.places, place{len(e.Text), at})
		e.Text += line
		at = posAt(file, at.Line+1, 1)
	}
	return e
}
