package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// progress prints one line and renews it while the run goes on, if a person is
// watching. The returned funcs print another line above it, and end it and clear the line.
func (a *app) progress(f *runFlags, c *pipeline.Config) (say func(clean), end func()) {
	say = func(text clean) { printf(a.Err, "%s", text) }
	terminal, ok := file(a.Err)
	if _, moves := settings.Terminal(a.getenv); f.quiet || !moves || !ok || !isTerminal(terminal) {
		return say, func() {}
	}
	const clearLine = "\r\x1b[K"
	var line sync.Mutex
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				fmt.Fprint(terminal, clearLine)
				return
			case <-tick.C:
				line.Lock()
				fmt.Fprint(terminal, clearLine+fitted(progressLine(c.Progress, a.elapsed()), width(terminal)))
				line.Unlock()
			}
		}
	}()
	above := func(text clean) {
		line.Lock()
		defer line.Unlock()
		fmt.Fprint(terminal, clearLine)
		say(text)
	}
	return above, func() {
		close(stop)
		<-done
	}
}

func progressLine(p *pipeline.Progress, elapsed time.Duration) string {
	lines := p.Lines.Load()
	return fmt.Sprintf("%s read, %d lines, %d events, %d rejects, %.0f lines/s", size(p.BytesIn.Load()),
		lines, p.Events.Load(), p.Rejects.Load(), float64(lines)/elapsed.Seconds())
}

// fitted cuts a line of ASCII to the width of a terminal. A line that fills the
// width would wrap in some terminals and could not be cleared, so one column stays
// empty.
func fitted(line string, width int) string {
	return line[:max(0, min(len(line), width-1))]
}

// width is that of a terminal in columns, 80 where it is not known.
func width(w io.Writer) int {
	if f, ok := file(w); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return 80
}

func isTerminal(w io.Writer) bool {
	f, ok := file(w)
	return ok && term.IsTerminal(int(f.Fd()))
}

func isTerminalInput(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func file(w io.Writer) (*os.File, bool) {
	switch outer := w.(type) {
	case *pipe:
		w = outer.Writer
	case *messages:
		w = outer.to
	}
	f, ok := w.(*os.File)
	return f, ok
}
