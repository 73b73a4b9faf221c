package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readerOf(text string) func(context.Context) (io.ReadCloser, error) {
	return func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// Events as a stream come in the order of the input, and nothing goes to a lake.
func TestEventsStreamInOrder(t *testing.T) {
	var want bytes.Buffer
	for _, workers := range []int{1, 8} {
		var out bytes.Buffer
		res, files := runTo(t, func(c *Config) { c.Events, c.Out, c.Workers = &out, nil, workers }, stream("stdin", alerts(3000, orders()["shuffled"])))
		for name := range files {
			if !strings.HasPrefix(name, "rejects/") {
				t.Errorf("there is %s", name)
			}
		}
		last, n := -1, int64(0)
		for d := json.NewDecoder(bytes.NewReader(out.Bytes())); d.More(); n++ {
			var r row
			if err := d.Decode(&r); err != nil {
				t.Fatal(err)
			}
			if number(t, r) <= last {
				t.Fatalf("event %s comes after %d", r.Finding.UID, last)
			}
			last = number(t, r)
		}
		if n != res.Events || n == 0 {
			t.Errorf("%d events of %d", n, res.Events)
		}
		if want.Len() > 0 && !bytes.Equal(want.Bytes(), out.Bytes()) {
			t.Error("8 workers write other bytes than 1")
		}
		want.Write(out.Bytes())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errBroken }

func TestAStreamThatBreaksEndsTheRun(t *testing.T) {
	c := setup(t, filepath.Join(t.TempDir(), "lake"), 2, inputs(t, write(t, "a.json", alerts(3000, ascending))))
	c.Events = full{}
	if _, err := Run(t.Context(), c); !errors.Is(err, errBroken) {
		t.Errorf("the error is %v", err)
	}
	closeAll(t, c)
}

// Rejects and unmatched alerts keep the order of the input whether they come as
// one object, packed or in parts, and run again they are the same lines.
func TestKeptLinesCanBeRunAgain(t *testing.T) {
	text := alerts(4000, ascending)
	path := write(t, "a.json", text)
	for _, c := range []struct {
		gzip bool
		part int64
	}{{false, 0}, {true, 0}, {false, 1000}, {true, 1000}} {
		name := fmt.Sprint(c)
		root := filepath.Join(t.TempDir(), "lake")
		config := setup(t, root, 8, inputs(t, path))
		config.GzipRejects, config.RejectBytes = c.gzip, c.part
		res, err := Run(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		closeAll(t, config)
		in := res.Inputs[0]
		if (len(in.Rejects) > 1) != (c.part > 0) {
			t.Errorf("%s: rejects in %d objects", name, len(in.Rejects))
		}
		var again []string
		for _, key := range append(in.Rejects, in.Unmatched...) {
			if strings.HasSuffix(key, ".gz") != c.gzip {
				t.Errorf("%s: key %s", name, key)
			}
			again = append(again, filepath.Join(root, "rejects", key))
		}
		var out bytes.Buffer
		config = setup(t, t.TempDir(), 2, inputs(t, again...))
		config.Events = &out
		second, err := Run(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		want := Counts{Lines: res.Rejects + res.Unmatched, Rejects: res.Rejects, Unmatched: res.Unmatched}
		if diff := cmp.Diff(want, second.Counts); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A reject says where the line was and what it was.
func TestARejectKeepsItsLine(t *testing.T) {
	path := write(t, "a.json", "\n"+alert(1, startMillis)+"\n{\"broken\"\n")
	root := filepath.Join(t.TempDir(), "lake")
	c := setup(t, root, 1, inputs(t, path))
	res, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, c)
	text, err := os.ReadFile(filepath.Join(root, "rejects", res.Inputs[0].Rejects[0]))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Origin, Reason, Raw string
		Line                int
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Origin != path || got.Line != 3 || got.Raw != `{"broken"` || got.Reason == "" {
		t.Errorf("the reject is %s", text)
	}
}
