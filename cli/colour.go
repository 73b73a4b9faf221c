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

// in cleans a value, unless it is clean, and colours it.
func (p paint) in(code string, v any) clean {
	s := sprintf("%s", v)
	if !p.on {
		return s
	}
	return "\x1b[" + clean(code) + "m" + s + "\x1b[0m"
}

func (p paint) bold(v any) clean   { return p.in("1", v) }
func (p paint) dim(v any) clean    { return p.in("2", v) }
func (p paint) red(v any) clean    { return p.in("31", v) }
func (p paint) green(v any) clean  { return p.in("32", v) }
func (p paint) yellow(v any) clean { return p.in("33", v) }
