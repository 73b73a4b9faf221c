package pipeline

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// runTo runs inputs into a folder and returns the result and the tree.
func runTo(t *testing.T, change func(*Config), ins ...source.Input) (*Result, map[string][]byte) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "lake")
	c := setup(t, root, 2, ins)
	plain := c
	if change != nil {
		change(&c)
	}
	res, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, plain)
	return res, tree(t, root)
}

// stream is an input of unknown size, whose content only its end tells.
func stream(name, text string) source.Input {
	in := breaking(name, text)
	in.Open = readerOf(text)
	return in
}

func TestNamesFollowTheContent(t *testing.T) {
	text := alerts(800, ascending)
	_, fromFile := runTo(t, nil, inputs(t, write(t, "a.json", text))...)
	_, fromElsewhere := runTo(t, nil, inputs(t, write(t, "b.txt", text))...)
	_, fromStream := runTo(t, nil, stream("stdin", text))
	// The name of the input is in the names of its rejects, and in them.
	for _, other := range []map[string][]byte{fromElsewhere, fromStream} {
		if diff := cmp.Diff(names(fromFile), names(other)); diff != "" {
			t.Error(diff)
		}
	}
	_, other := runTo(t, nil, stream("stdin", text+alert(900, startMillis)))
	for name := range other {
		if _, same := fromFile[name]; same {
			t.Errorf("other content has an object of the same name: %s", name)
		}
	}
}

// names are the names of files. Of those of kept lines the part counts that does not
// depend on what the input is called.
func names(files map[string][]byte) map[string]bool {
	set := map[string]bool{}
	for name := range files {
		if at := strings.LastIndexByte(name, '-'); at >= 0 && strings.HasPrefix(name, "rejects/") {
			name = "rejects/" + name[at+1:]
		}
		set[name] = true
	}
	return set
}

// keys notes the key that each object was created with.
type keys struct {
	lake.Sink
	mu    *sync.Mutex
	early map[string]bool
}

func (k keys) Create(ctx context.Context, key string) (lake.Object, error) {
	k.mu.Lock()
	k.early[key] = true
	k.mu.Unlock()
	return k.Sink.Create(ctx, key)
}

// An identity that is known early changes when objects appear, and nothing else.
func TestEarlyIdentityGivesTheSameTree(t *testing.T) {
	path := write(t, "a.json", alerts(1500, orders()["descending"]))
	_, late := runTo(t, nil, inputs(t, path)...)
	noted := map[string]bool{}
	_, early := runTo(t, func(c *Config) {
		c.EarlyIdentity = true
		mu := new(sync.Mutex)
		c.Out, c.Rejects = keys{c.Out, mu, noted}, keys{c.Rejects, mu, noted}
	}, inputs(t, path)...)
	if d := differ(late, early); d != "" {
		t.Error(d)
	}
	want := map[string]bool{}
	for name := range early {
		want[strings.TrimPrefix(name, "rejects/")] = true
	}
	if diff := cmp.Diff(want, noted); diff != "" {
		t.Errorf("keys at the beginning and at the end: %s", diff)
	}
}

func TestEqualContentIsWrittenOnce(t *testing.T) {
	text := alerts(700, ascending)
	path, twin := write(t, "a.json", text), write(t, "twin.json", text)
	once, want := runTo(t, nil, inputs(t, path)...)
	for name, ins := range map[string][]source.Input{
		"two files":         inputs(t, path, twin),
		"a file, a stream":  append(inputs(t, path), stream("stdin", text)),
		"with another gone": append(inputs(t, path, twin), stream("empty", "")),
	} {
		res, got := runTo(t, nil, ins...)
		if d := differ(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if res.Lines != once.Lines || len(res.Repeats) != 1 || res.Repeats[0].Of != path {
			t.Errorf("%s: %d lines, repeats %v", name, res.Lines, res.Repeats)
		}
	}
}

// Small inputs that may be equal are opened once each, and what repeats another is not mapped.
func TestSmallInputsAreNotReadTwice(t *testing.T) {
	text, other := alerts(50, ascending), alerts(50, orders()["descending"])
	ins := inputs(t, write(t, "a.json", text), write(t, "other.json", other), write(t, "twin.json", text))
	var opened atomic.Int64
	for i := range ins {
		open := ins[i].Open
		ins[i].Open = func(ctx context.Context) (io.ReadCloser, error) {
			opened.Add(1)
			return open(ctx)
		}
	}
	progress := &Progress{}
	res, _ := runTo(t, func(c *Config) { c.Progress = progress }, ins...)
	if len(res.Repeats) != 1 || res.Repeats[0] != (source.Repeat{Name: ins[2].Name, Of: ins[0].Name}) {
		t.Errorf("repeats are %v", res.Repeats)
	}
	if opened.Load() != 3 || progress.Lines.Load() != 100 || res.Lines != 100 {
		t.Errorf("%d inputs were opened, %d lines mapped, %d counted", opened.Load(), progress.Lines.Load(), res.Lines)
	}
}

// An input that Logstash named gives its uuid to its objects, each part a name of its
// own. Other content under a name that is taken is named by that.
func TestLogstashNamesAreKept(t *testing.T) {
	const uuid = "9b2c8d4e-0000-4000-8000-123456789abc"
	first := write(t, "ls.s3."+uuid+".2024-04-22T14.20.part0.txt", alerts(300, orders()["descending"]))
	part := write(t, "ls.s3."+uuid+".2024-04-22T14.20.part1.txt", alerts(301, ascending))
	again := write(t, "ls.s3."+uuid+".2024-04-22T14.20.part0.txt", alerts(302, ascending))
	res, files := runTo(t, nil, inputs(t, first, part, again)...)
	const name, name32 = "9b2c8d4e000040008000123456789abc", "9b2c8d4e000040008000123456789abc"
	for name := range files {
		if strings.HasPrefix(name, "rejects/") && strings.Contains(name, name32) {
			t.Errorf("rejects took over the uuid: %s", name)
		}
	}
	for i, want := range []string{name + "%", name + ".part1%", ""} {
		for n, o := range res.Inputs[i].Objects {
			ordinal := ".parquet"
			if n > 0 {
				ordinal = fmt.Sprintf("-%d.parquet", n)
			}
			if got := o.Key[strings.LastIndexByte(o.Key, '/')+1:]; want != "" && got != strings.Replace(want, "%", ordinal, 1) || want == "" && strings.Contains(got, name) {
				t.Errorf("input %d has the object %s", i, o.Key)
			}
		}
	}
	if res.Objects != int64(len(names(files))-6) {
		t.Errorf("%d objects are reported to be written, the tree has %v", res.Objects, names(files))
	}
}

// Rejects under a name of Logstash's do not overwrite the events of the input that
// has this name.
func TestRejectsNeverTakeAUUID(t *testing.T) {
	const name = "ls.s3.9b2c8d4e-0000-4000-8000-123456789abc.2024-04-22T14.20.part0.txt"
	reject := source.Reject{Origin: name, Line: 7, Reason: "r", Raw: alert(1, startMillis)}.AppendJSON(nil)
	path := write(t, name, string(reject)+"\n")
	for _, early := range []bool{false, true} {
		res, _ := runTo(t, func(c *Config) { c.EarlyIdentity = early }, inputs(t, path)...)
		if len(res.Inputs[0].Objects) != 1 || strings.Contains(res.Inputs[0].Objects[0].Key, "9b2c8d4e") {
			t.Errorf("early %t: the objects are %v", early, res.Inputs[0].Objects)
		}
	}
}

// A file that was packed has the names that it had before, and is read once beside it.
func TestPackingKeepsTheNames(t *testing.T) {
	text := alerts(700, ascending)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path, rotated := write(t, "alerts.json", text), write(t, "alerts-14.json.gz", packed.String())
	plain, want := runTo(t, nil, inputs(t, path)...)
	for _, early := range []bool{false, true} {
		change := func(c *Config) { c.EarlyIdentity = early }
		_, got := runTo(t, change, inputs(t, rotated)...)
		if diff := cmp.Diff(names(want), names(got)); diff != "" {
			t.Errorf("early %t: %s", early, diff)
		}
		both, _ := runTo(t, change, inputs(t, path, rotated)...)
		if both.Lines != plain.Lines || len(both.Repeats) != 1 {
			t.Errorf("early %t: %d lines, repeats %v", early, both.Lines, both.Repeats)
		}
	}
}

// Merged inputs share objects under a name of their own, and are written whole
// or not at all.
func TestMergedInputsAreOne(t *testing.T) {
	a, b := alerts(400, ascending), alerts(400, func(i int) int64 { return ascending(i + 400) })
	paths := []string{write(t, "a.json", a), write(t, "b.json", b)}
	merge := func(c *Config) { c.Merge = true }
	merged, files := runTo(t, merge, inputs(t, paths...)...)
	apart, _ := runTo(t, nil, inputs(t, paths...)...)
	if diff := cmp.Diff(apart.Counts, merged.Counts); diff != "" {
		t.Error(diff)
	}
	if len(merged.Inputs) != 1 || merged.Objects >= apart.Objects {
		t.Errorf("%d objects of merged inputs, %d of the same apart", merged.Objects, apart.Objects)
	}
	_, turned := runTo(t, merge, inputs(t, paths[1], paths[0])...)
	_, again := runTo(t, func(c *Config) { c.Merge, c.EarlyIdentity = true, true }, inputs(t, paths...)...)
	if d := differ(files, again); d != "" {
		t.Error(d)
	}
	for name := range turned {
		if _, same := files[name]; same {
			t.Errorf("the other order has the name %s as well", name)
		}
	}
	root := filepath.Join(t.TempDir(), "lake")
	c := setup(t, root, 2, append(inputs(t, paths...), breaking("broken", b)))
	c.Merge = true
	_, err := Run(t.Context(), c)
	closeAll(t, c)
	if left := tree(t, root); !errors.Is(err, errBroken) || len(left) > 0 {
		t.Errorf("with a broken input: %v, and the tree has %v", err, names(left))
	}
}
