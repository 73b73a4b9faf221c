package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"

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
	r := trials(suites, regexp.MustCompile(""))
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

// A pipe, a file and anything else that is no terminal gets no colours, and a
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

// Law: a text that is safe has no character without a picture, except line ends,
// tabs and the colours of a paint that is on; and being safe changes nothing else.
func FuzzSafe(f *testing.F) {
	for _, text := range []string{"a\nb\tc ö 世", "\x1b[31mred\x1b[0m", "\x1b[2J", "\u009b31m\u202e\u200b\x7f\x00", "\xff\xfe", "\U000e0041", "\x1b[31"} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, on bool) {
		p := paint{on}
		got := p.safe(text)
		bare := got
		if on {
			bare = regexp.MustCompile("\x1b\\[[0-9]{1,2}m").ReplaceAllString(got, "")
		}
		for _, r := range bare {
			if r != '\n' && r != '\t' && r != unicode.ReplacementChar && !unicode.IsPrint(r) {
				t.Fatalf("%q became %q", text, got)
			}
		}
		if p.safe(got) != got {
			t.Fatalf("%q is not safe at once", text)
		}
		if !strings.Contains(got, `\u`) && strings.ToValidUTF8(text, "") != strings.ReplaceAll(got, "\ufffd", "") && !strings.Contains(text, "\ufffd") {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
