package pipeline

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func openFile(path string) func(context.Context) (io.ReadCloser, error) {
	return func(context.Context) (io.ReadCloser, error) { return os.Open(path) }
}

// Every line is answered for, and the same input gives the same tree for any
// number of workers.
func TestWorkersDoNotChangeWhatIsWritten(t *testing.T) {
	for name, ms := range orders() {
		t.Run(name, func(t *testing.T) {
			const lines = 2500
			path := write(t, "alerts.json", alerts(lines, ms))
			var first map[string][]byte
			for _, workers := range []int{1, 2, 8} {
				root := filepath.Join(t.TempDir(), "lake")
				c := setup(t, root, workers, inputs(t, path))
				c.JSON = sink(t, filepath.Join(root, "json"))
				res, err := Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				closeAll(t, c)
				want := Counts{Lines: lines, Taken: 2424, Events: 2424, Rejects: 25, Unmatched: 25, Blank: 26}
				if diff := cmp.Diff(want, res.Counts); diff != "" {
					t.Errorf("%d workers: %s", workers, diff)
				}
				got := tree(t, root)
				if first == nil {
					first = got
					checkTree(t, root, res)
				} else if d := differ(first, got); d != "" {
					t.Errorf("%d workers: %s", workers, d)
				}
			}
		})
	}
}

func orders() map[string]func(int) int64 {
	return map[string]func(int) int64{
		"ascending":     ascending,
		"jitter":        func(i int) int64 { return ascending(i) + int64(i*7919%5000) },
		"descending":    func(i int) int64 { return startMillis - int64(i)*1000 },
		"two halves":    func(i int) int64 { return ascending(i % 1250) },
		"shuffled":      func(i int) int64 { return ascending(i * 7919 % 2503) },
		"60 days mixed": func(i int) int64 { return startMillis + int64(i%60)*86_400_000 + int64(i) },
	}
}

func TestNothingGivesNothing(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "blank": "\n \n\n"} {
		root := filepath.Join(t.TempDir(), "lake")
		c := setup(t, root, 2, inputs(t, write(t, "in.json", text)))
		res, err := Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		closeAll(t, c)
		if _, err := os.Stat(root); !os.IsNotExist(err) {
			t.Errorf("%s input: the output folder has %v", name, tree(t, root))
		}
		if res.Objects != 0 || !res.Inputs[0].Done {
			t.Errorf("%s input: %+v", name, res)
		}
	}
	c := setup(t, t.TempDir(), 2, nil)
	if res, err := Run(t.Context(), c); err != nil || len(res.Inputs) != 0 {
		t.Errorf("without inputs: %+v, %v", res, err)
	}
}

// A line that nobody answers for ends the run.
func TestCountsThatDoNotAgreeAreAnError(t *testing.T) {
	c := setup(t, t.TempDir(), 1, inputs(t, write(t, "a.json", "")))
	c.Sources, c.Warm = []string{"wazuh"}, new(Warm)
	r := newRun(&c, nil)
	r.plan(t.Context())
	u := r.newUnit(r.inputs)
	u.result.Lines, u.counts = 3, Counts{Taken: 1, Events: 1, Blank: 1}
	if err := r.endUnit(t.Context(), &item{unit: u, end: true}); err == nil || !strings.Contains(err.Error(), "3 lines") {
		t.Errorf("the error is %v", err)
	}
}

// What comes before the cut of a stream is written, and the cut is one reject.
func TestACutStreamIsAccountedFor(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, alerts(2000, ascending)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := write(t, "a.gz", string(packed.Bytes()[:packed.Len()*2/3]))
	res, _ := runTo(t, nil, inputs(t, path)...)
	if !res.agree() || res.Events < 500 || res.Rejects < 2 || !res.Inputs[0].Done {
		t.Errorf("%+v", res.Counts)
	}
}

// Lines longer than a chunk take the room of many, and all of them at most.
func TestLongLinesGoThrough(t *testing.T) {
	long := strings.Replace(alert(1, startMillis), "line 1", strings.Repeat("long ", 60_000), 1)
	text := strings.Repeat(long+"\n"+alert(2, startMillis)+"\n", 9)
	for _, workers := range []int{1, 8} {
		res, _ := runTo(t, func(c *Config) { c.Workers = workers }, inputs(t, write(t, "a.json", text))...)
		if res.Events != 18 {
			t.Errorf("%d workers: %+v", workers, res.Counts)
		}
	}
}
