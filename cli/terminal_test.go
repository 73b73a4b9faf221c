package cli

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// Law: the progress line is shorter than the terminal is wide, and cut nowhere
// else.
func TestTheProgressLineFits(t *testing.T) {
	p := new(pipeline.Progress)
	p.BytesIn.Store(1 << 40)
	p.Lines.Store(1e12)
	line := progressLine(p, time.Second)
	if strings.IndexFunc(line, func(r rune) bool { return r > 126 }) >= 0 {
		t.Errorf("%q is not ASCII, so its bytes are not columns", line)
	}
	for width := range 200 {
		got := fitted(line, width)
		if len(got) >= max(width, 1) || !strings.HasPrefix(line, got) || width > len(line) && got != line {
			t.Errorf("width %d: %q", width, got)
		}
	}
}

func TestWhatIsNoTerminal(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if isTerminal(f) || isTerminal(&pipe{Writer: f}) || isTerminal(new(strings.Builder)) {
		t.Error("the null device or a buffer counts as a terminal")
	}
	if width(f) != 80 {
		t.Errorf("the null device is %d columns wide", width(f))
	}
}

func TestWrap(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "aa bb cc": "aa bb\ncc", "aaaaaaaaaa b": "aaaaaaaaaa\nb", " a  b\n c ": "a b c",
	} {
		if got := wrap(text, 5); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
