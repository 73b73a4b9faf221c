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

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// impatient is a sink whose objects need their names when they have more than that many bytes.
type impatient struct {
	lake.Sink
	bound int
}

func (s impatient) Create(ctx context.Context, key string) (lake.Object, error) {
	o, err := s.Sink.Create(ctx, key)
	return &impatientObject{Object: o, bound: s.bound, key: key}, err
}

type impatientObject struct {
	lake.Object
	bound, size int
	key         string
	find        func() (string, error)
}

func (o *impatientObject) NameBy(find func() (string, error)) { o.find = find }

func (o *impatientObject) Write(p []byte) (int, error) {
	if o.size += len(p); o.size > o.bound && o.find != nil {
		key, err := o.find()
		if err != nil {
			return 0, err
		}
		o.find, o.key = nil, key
	}
	return o.Object.Write(p)
}

func (o *impatientObject) Commit(ctx context.Context, key string) error {
	if known := o.key != "" && !strings.HasSuffix(o.key, "/"); known && o.key != key {
		return fmt.Errorf("it was found to be %s, and is %s", o.key, key)
	}
	return o.Object.Commit(ctx, key)
}

// again is an input that counts how often it is opened, packed or not. Each after the first gives
// what later makes of it, nil for the same.
func again(t *testing.T, name, text string, pack bool, later func(io.Reader) io.Reader) (in source.Input, opened *atomic.Int64) {
	t.Helper()
	data := []byte(text)
	if pack {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err := io.WriteString(z, text)
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		data = packed.Bytes()
	}
	opened = new(atomic.Int64)
	return source.Input{Name: name, Size: int64(len(data)), Remote: true, Open: func(context.Context) (io.ReadCloser, error) {
		var r io.Reader = bytes.NewReader(data)
		if opened.Add(1) > 1 && later != nil {
			r = later(r)
		}
		return io.NopCloser(r), nil
	}}, opened
}

// Law: an input has the same objects under the same names, whether its names are known before
// it is read, at its end, or are found meanwhile because a sink needs them; and it is
// read twice only in the last case.
func TestFoundNamesGiveTheSameTree(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	for _, lines := range []int{0, 100, 9000, 60_000} { // the last one has over 8 MiB
		text := alerts(lines, ascending)
		few := func(c *Config) { c.Limits.RowGroupRows = 5000 }
		_, want := runTo(t, few, stream("a.json", text))
		for _, test := range []struct {
			bound  int
			memory int64 // MiB
			twice  bool
		}{
			{1 << 30, 80, false}, {0, 80, lines == 60_000}, {300 << 10, 80, lines == 60_000}, {0, 2, lines > 0}, {1 << 30, 2, false},
		} {
			for _, pack := range []bool{false, true} {
				in, opened := again(t, "a.json", text, pack, nil)
				res, got := runTo(t, func(c *Config) {
					few(c)
					c.Out, c.Rejects = impatient{c.Out, test.bound}, impatient{c.Rejects, test.bound}
					c.EarlyIdentity, c.Memory = true, memory.New(test.memory<<20, false).Open(0, 0)
				}, in)
				if d := differ(want, got); d != "" || res.Lines != int64(lines) {
					t.Errorf("%d lines, packed %t, %+v: %d lines were read; %s", lines, pack, test, res.Lines, d)
				}
				if n := opened.Load(); n > 2 || !test.twice && n > 1 {
					t.Errorf("%d lines, packed %t, %+v: it was read %d times", lines, pack, test, n)
				}
			}
		}
	}
}

// Law: merged inputs have the same objects under the same names, however many of them are read
// when a sink needs the names, and none is read twice for the names of those before it.
func TestFoundNamesOfMergedInputs(t *testing.T) {
	var ins []source.Input
	var counts []*atomic.Int64
	for i := range 8 {
		in, opened := again(t, fmt.Sprint(i), alerts(2000+i, func(k int) int64 { return ascending(i*2100 + k) }), i%2 == 0, nil)
		ins, counts = append(ins, in), append(counts, opened)
	}
	_, want := runTo(t, func(c *Config) { c.Merge = true }, ins...)
	for _, bound := range []int{0, 300 << 10, 500 << 10, 1 << 30} {
		for _, opened := range counts {
			opened.Store(0)
		}
		_, got := runTo(t, func(c *Config) {
			c.Merge, c.EarlyIdentity = true, true
			c.Out = impatient{c.Out, bound}
		}, ins...)
		if d := differ(want, got); d != "" {
			t.Errorf("%d bytes: %s", bound, d)
		}
		for i, opened := range counts {
			if n := opened.Load(); bound == 1<<30 && n > 1 || n > 2 {
				t.Errorf("%d bytes: input %d is read %d times", bound, i, n)
			}
		}
	}
}

// bucketed sets a run into the buckets lake and kept of a server.
func bucketed(t *testing.T, server *s3test.Server, c *Config, share *memory.Share) {
	t.Helper()
	s3test.Setenv(t, server.URL)
	client, err := s3.NewClient(t.Context(), s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, kept := client.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{}), client.NewSink(s3.Ref{Bucket: "kept", Key: "r"}, s3.Encryption{})
	out.Memory, kept.Memory = share, share
	c.Out, c.Rejects, c.Ledger, c.Place = out, kept, kept.Ledger(), "s3://lake"
	c.Memory, c.EarlyIdentity = share, true
	c.Limits.RowGroupRows = 5000
}

// Law: whatever the memory of a run, a bucket gets the same objects, once each, and the input
// is read a second time only where objects can't wait in it. The same run again writes nothing.
func TestObjectsOfABucketWaitInSpareMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	text := alerts(60_000, orders()["descending"])
	var want map[string][]byte
	for _, test := range []struct {
		account, most int64 // MiB
		hard          bool
		reads         int64
	}{{160, 80, false, 1}, {224, 96, true, 1}, {80, 0, false, 2}, {32, 21, true, 2}, {8, 0, false, 2}} {
		server := s3test.New(t, "lake", "kept")
		for delivery := range 2 {
			in, opened := again(t, "a.json", text, true, nil)
			c := setup(t, t.TempDir(), 2, []source.Input{in})
			closeAll(t, c)
			account := memory.New(test.account<<20, test.hard)
			bucketed(t, server, &c, account.Open(test.most<<20, 0))
			before := len(server.Requests())
			res, err := Run(t.Context(), c)
			if err != nil || !res.Inputs[0].Done || opened.Load() != test.reads {
				t.Errorf("%+v: read %d times: %v", test, opened.Load(), err)
			}
			if account.Open(0, 0); account.Peak() > max(account.Total(), 64<<20) {
				t.Errorf("%+v: %d MiB were held", test, account.Peak()>>20)
			}
			wrote := map[string]int{}
			for _, r := range server.Requests()[before:] {
				if op := r.String(); strings.HasPrefix(op, "PutObject lake/") || strings.HasPrefix(op, "CompleteMultipartUpload") {
					wrote[op]++
					if delivery == 1 && r.Header.Get("If-None-Match") != "*" {
						t.Errorf("%+v: again, it writes %s", test, op)
					}
				}
			}
			for op, n := range wrote {
				if n != 1 {
					t.Errorf("%+v: %d times %s", test, n, op)
				}
			}
		}
		got := server.Bodies("lake", "")
		for key, body := range server.Bodies("kept", "") {
			got["kept/"+key] = body
		}
		if want == nil {
			want = got
		}
		if d := differ(want, got); d != "" || len(got) < 5 || server.Unfinished() > 0 {
			t.Errorf("%+v: %s; %d objects", test, d, len(got))
		}
	}
}

// Whatever is wrong when an input is read for its names, nothing of it is visible, the other
// inputs are written, and the next run writes it.
func TestNamesThatCannotBeFound(t *testing.T) {
	text := alerts(60_000, ascending)
	for name, later := range map[string]func(io.Reader) io.Reader{
		"at once": func(io.Reader) io.Reader { return errReader{} },
		"later":   func(r io.Reader) io.Reader { return io.MultiReader(io.LimitReader(r, 400<<10), errReader{}) },
	} {
		in, _ := again(t, "a.json", text, true, later)
		server := s3test.New(t, "lake", "kept")
		other := write(t, "b.json", alerts(500, ascending))
		c := setup(t, t.TempDir(), 2, append([]source.Input{in}, inputs(t, other)...))
		closeAll(t, c)
		share := memory.New(80<<20, false).Open(0, 0)
		bucketed(t, server, &c, share)
		res, err := Run(t.Context(), c)
		if !errors.Is(err, errBroken) || res.Inputs[0].Done || !res.Inputs[1].Done || res.Inputs[1].Lines != 500 {
			t.Fatalf("%s: %+v: %v", name, res.Inputs, err)
		}
		for key := range server.Bodies("lake", "") {
			if !strings.Contains(fmt.Sprint(res.Inputs[1].Objects), key) {
				t.Errorf("%s: %s is there", name, key)
			}
		}
		if len(server.Bodies("kept", "r/"+lake.LedgerFolder)) != 1 || server.Unfinished() > 0 {
			t.Errorf("%s: the bucket has %v", name, names(server.Bodies("kept", "")))
		}
		whole, _ := again(t, "a.json", text, true, nil)
		c.Inputs = []source.Input{whole}
		if res, err = Run(t.Context(), c); err != nil || res.Lines != 60_000 {
			t.Errorf("%s: again, %d lines: %v", name, res.Lines, err)
		}
	}
}

// A run that ends while an input is read for its names leaves nothing.
func TestARunEndsWhileNamesAreFound(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	in, _ := again(t, "a.json", alerts(60_000, ascending), true, func(r io.Reader) io.Reader {
		return io.MultiReader(io.LimitReader(r, 200<<10), readerFunc(func([]byte) (int, error) {
			cancel(errBroken)
			<-ctx.Done()
			select {} // as a network may
		}))
	})
	server := s3test.New(t, "lake", "kept")
	c := setup(t, t.TempDir(), 2, []source.Input{in})
	closeAll(t, c)
	bucketed(t, server, &c, memory.New(80<<20, false).Open(0, 0))
	_, err := Run(ctx, c)
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "not written: a.json") {
		t.Error(err)
	}
	if len(server.Objects("lake"))+len(server.Objects("kept"))+server.Unfinished() > 0 {
		t.Errorf("the lake has %v, %d uploads are unfinished", names(server.Bodies("lake", "")), server.Unfinished())
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Content that an earlier input of the run has is written once, whenever that is noticed.
func TestEqualContentIsWrittenOnceWhenFound(t *testing.T) {
	text := alerts(60_000, ascending)
	_, want := runTo(t, nil, stream("a.json", text))
	for _, bound := range []int{0, 300 << 10, 1 << 30} {
		first, _ := again(t, "a.json", text, true, nil)
		second, _ := again(t, "b.json", text, false, nil)
		root := filepath.Join(t.TempDir(), "lake")
		c := setup(t, root, 2, []source.Input{first, second})
		out := c.Out.(*dir.Sink)
		commits := &commitCounter{Sink: impatient{out, bound}, keys: map[string]int{}}
		c.Out, c.EarlyIdentity = commits, true
		res, err := Run(t.Context(), c)
		if err != nil || res.Lines != 60_000 || len(res.Repeats) != 1 || res.Repeats[0].Of != "a.json" {
			t.Fatalf("%d bytes: %d lines, repeats %v: %v", bound, res.Lines, res.Repeats, err)
		}
		c.Out = out
		closeAll(t, c)
		if d := differ(want, tree(t, root)); d != "" {
			t.Errorf("%d bytes: %s", bound, d)
		}
		for key, n := range commits.keys {
			if n > 1 {
				t.Errorf("%d bytes: %s is written %d times", bound, key, n)
			}
		}
	}
}

// commitCounter counts the commits of each key.
type commitCounter struct {
	lake.Sink
	mu   sync.Mutex
	keys map[string]int
}

func (c *commitCounter) Create(ctx context.Context, key string) (lake.Object, error) {
	o, err := c.Sink.Create(ctx, key)
	return countedObject{o, c}, err
}

type countedObject struct {
	lake.Object
	of *commitCounter
}

func (o countedObject) Commit(ctx context.Context, key string) error {
	o.of.mu.Lock()
	o.of.keys[key]++
	o.of.mu.Unlock()
	return o.Object.Commit(ctx, key)
}
