package cli

import (
	"io"

	"github.com/sluice-lake/sluice/runtime/settings"
)

// paint colours words for a terminal. The zero paint leaves them as they are.
type paint struct{ on bool }

// paint is on when w is a terminal and nobody objects (https://no-color.org).
func (a *app) paint(w io.Writer) paint {
	colours, _ := settings.Terminal(a.getenv)
	return paint{colours && isTerminal(w)}
}

func (p paint) in(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string   { return p.in("1", s) }
func (p paint) dim(s string) string    { return p.in("2", s) }
func (p paint) red(s string) string    { return p.in("31", s) }
func (p paint) green(s string) string  { return p.in("32", s) }
func (p paint) yellow(s string) string { return p.in("33", s) }
