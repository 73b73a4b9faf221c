package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

var escapes = regexp.MustCompile("\x1b\\[[0-9]+m")

// Law: colour only adds escapes: without them the text is what a pipe gets.
func TestColourOnlyAddsEscapes(t *testing.T) {
	a := &app{Streams: Streams{Out: io.Discard, Err: io.Discard}, getenv: func(string) string { return "" }}
	suites, err := a.suites(context.Background(), []string{"testdata/failing"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := trials(suites, regexp.MustCompile(""))
	if err != nil {
		t.Fatal(err)
	}
	e := suites[0].engine
	x := e.NewWorker().Explain(suites[0].files[0].alerts[0])
	for name, write := range map[string]func(w io.Writer, p paint) error{
		"test":    r.text,
		"explain": func(w io.Writer, p paint) error { return explainText(w, p, e, oneAlert{}, x) },
	} {
		var plain, coloured bytes.Buffer
		if err := errors.Join(write(&plain, paint{}), write(&coloured, paint{on: true})); err != nil {
			t.Fatal(err)
		}
		if n := len(escapes.FindAllString(coloured.String(), -1)); n < 4 {
			t.Errorf("%s: only %d escapes", name, n)
		}
		if got := escapes.ReplaceAllString(coloured.String(), ""); got != plain.String() {
			t.Errorf("%s: without its escapes it is\n%s\nand piped\n%s", name, got, plain.String())
		}
		if strings.Contains(plain.String(), "\x1b") {
			t.Errorf("%s: colours in a pipe", name)
		}
	}
	if x.Outcome != engine.Event || r.failed != 1 {
		t.Errorf("outcome %d, %d failed: the fixture shows less than it should", x.Outcome, r.failed)
	}
}

// A pipe, a file and anything else that is not a terminal gets no colours, and a
// terminal none either where NO_COLOR is set.
func TestPaint(t *testing.T) {
	a := &app{getenv: func(string) string { return "1" }}
	if a.paint(&bytes.Buffer{}).on {
		t.Error("colours for a buffer")
	}
}

func TestContrastShowsTheDifference(t *testing.T) {
	long := strings.Repeat("x", 500)
	a, b := contrast(long+"one", long+"two")
	if !strings.HasSuffix(a, "xone") || !strings.HasSuffix(b, "xtwo") || len(a) > 40 {
		t.Errorf("%q and %q", a, b)
	}
	if a, b := contrast("one", "two"); a != "one" || b != "two" {
		t.Errorf("%q and %q", a, b)
	}
}
