package pipeline

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/compact"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

var errCrash = errors.New("the process was killed on purpose")

// crash kills a process at one of its points: each commit, removal, note and manifest is
// one. From then on nothing reaches the store: what is on its way arrives before the run
// ends, since a request that is given up could be served after those of the next process.
type crash struct {
	points atomic.Int64
	at     int64 // 0 for never
	after  bool  // the point itself is reached, and nobody hears of it
}

func (c *crash) point(do func() error) error {
	n := c.points.Add(1)
	if c.at == 0 || n < c.at {
		return do()
	}
	if n == c.at && c.after {
		_ = do()
	}
	return errCrash
}

func (c *crash) dead() error {
	if c.at > 0 && c.points.Load() >= c.at {
		return errCrash
	}
	return nil
}

type crashSink struct {
	lake.Sink
	*crash
}

func (s crashSink) Create(ctx context.Context, key string) (lake.Object, error) {
	if err := s.dead(); err != nil {
		return nil, err
	}
	o, err := s.Sink.Create(ctx, key)
	return crashObject{o, s.crash}, err
}

func (s crashSink) Remove(ctx context.Context, key string) error {
	return s.point(func() error { return s.Sink.Remove(context.WithoutCancel(ctx), key) })
}

// crashRepository is a crashSink that can be read.
type crashRepository struct {
	crashSink
	of lake.Repository
}

func (r crashRepository) List(ctx context.Context, prefix string, each func(lake.Stored)) error {
	return r.of.List(ctx, prefix, each)
}

func (r crashRepository) Open(ctx context.Context, o lake.Stored) (lake.ReadCloserAt, error) {
	return r.of.Open(ctx, o)
}

type crashObject struct {
	lake.Object
	*crash
}

func (o crashObject) Commit(ctx context.Context, key string) error {
	return o.point(func() error { return o.Object.Commit(context.WithoutCancel(ctx), key) })
}

type crashLedger struct {
	lake.Ledger
	*crash
}

func (l crashLedger) Intend(ctx context.Context, m *lake.Manifest) error {
	return l.point(func() error { return l.Ledger.Intend(context.WithoutCancel(ctx), m) })
}

func (l crashLedger) Save(ctx context.Context, m *lake.Manifest) error {
	return l.point(func() error { return l.Ledger.Save(context.WithoutCancel(ctx), m) })
}

func (l crashLedger) Claim(ctx context.Context, name, owner string) (holder string, err error) {
	err = l.point(func() error {
		holder, err = l.Ledger.Claim(context.WithoutCancel(ctx), name, owner)
		return err
	})
	return holder, err
}

func (l crashLedger) Note(ctx context.Context, key string, text []byte) (there []byte, err error) {
	err = l.point(func() error {
		there, err = l.Ledger.Note(context.WithoutCancel(ctx), key, text)
		return err
	})
	return there, err
}

// onceStore is a lake with its rejects.
type onceStore interface {
	// open sets the places of a run, and returns what ends it and what reads rejects.
	open(c *Config) (end func() error, input func(ctx context.Context, key string) (source.Input, error))
	// objects and kept are what is there, by key, kept lines unpacked.
	objects() map[string][]byte
	kept() map[string][]byte
	// deletes reports whether what is replaced goes.
	deletes() bool
}

type onceFolderStore struct {
	t    *testing.T
	root string
}

func onceFolder(t *testing.T) onceStore { return &onceFolderStore{t, t.TempDir()} }

func (s *onceFolderStore) open(c *Config) (func() error, func(context.Context, string) (source.Input, error)) {
	out, rejects := sink(s.t, filepath.Join(s.root, "lake")), sink(s.t, filepath.Join(s.root, "rejects"))
	ledger, err := rejects.Ledger()
	if err != nil {
		s.t.Fatal(err)
	}
	c.Out, c.Rejects, c.Ledger, c.Place = out, rejects, ledger, "../lake"
	end := func() error { return errors.Join(ledger.Close(), rejects.Close(), out.Close()) }
	return end, func(_ context.Context, key string) (source.Input, error) {
		ins, err := source.Expand([]string{filepath.Join(s.root, "rejects", key)}, nil)
		if err != nil {
			return source.Input{}, err
		}
		return ins[0], nil
	}
}

func (s *onceFolderStore) objects() map[string][]byte {
	return tree(s.t, filepath.Join(s.root, "lake"))
}

func (s *onceFolderStore) kept() map[string][]byte {
	return tree(s.t, filepath.Join(s.root, "rejects"))
}

func (s *onceFolderStore) deletes() bool { return true }

type onceBucketStore struct {
	t      *testing.T
	server *s3test.Server
	client *s3.Client
	may    bool
}

func onceBucket(t *testing.T, mayDelete bool) *onceBucketStore {
	s := &onceBucketStore{t: t, server: s3test.New(t, "lake", "kept", "raw"), may: mayDelete}
	s3test.Setenv(t, s.server.URL)
	if !mayDelete {
		s.server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if r.Method == http.MethodDelete {
				s3test.Fail(w, http.StatusForbidden, "AccessDenied")
			}
			return r.Method == http.MethodDelete
		}
	}
	var err error
	if s.client, err = s3.NewClient(t.Context(), s3.Options{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *onceBucketStore) open(c *Config) (func() error, func(context.Context, string) (source.Input, error)) {
	rejects := s.client.NewSink(s3.Ref{Bucket: "kept", Key: "r"}, s3.Encryption{})
	c.Out, c.Rejects, c.Ledger, c.Place = s.client.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{}), rejects, rejects.Ledger(), "s3://lake"
	c.EarlyIdentity, c.GzipRejects = true, true
	return func() error { return nil }, func(ctx context.Context, key string) (source.Input, error) {
		return s.client.Input(ctx, s3.Ref{Bucket: "kept", Key: "r/" + key})
	}
}

func (s *onceBucketStore) objects() map[string][]byte { return s.server.Bodies("lake", "") }

func (s *onceBucketStore) kept() map[string][]byte {
	all := map[string][]byte{}
	for key, body := range s.server.Bodies("kept", "r/") {
		if plain, ok := strings.CutSuffix(key, ".gz"); ok {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err == nil {
				body, err = io.ReadAll(z)
			}
			if err != nil {
				s.t.Fatalf("%s: %v", key, err)
			}
			key = plain
		}
		all[strings.TrimPrefix(key, "r/")] = body
	}
	return all
}

func (s *onceBucketStore) deletes() bool { return s.may }

// onceWorld does operations and keeps the model beside the store.
type onceWorld struct {
	t       *testing.T
	random  *rand.Rand
	store   onceStore
	raw     *onceBucketStore // where inputs of another store lie
	model   *onceModel
	engines []*engine.Engine
	history []string
	healing bool // the sequence is over, and what was stopped is run again
}

// sequence does random operations, and in the end runs again what a crash left broken.
func (w *onceWorld) sequence(operations int) error {
	for range operations {
		if err := w.operation(); err != nil {
			return err
		}
	}
	if err := w.compact(&crash{}); err != nil {
		return err
	}
	w.healing = true
	if err := w.replay(w.random.IntN(onceVariants()), false, &crash{}); err != nil {
		return err
	}
	for c := range w.model.contents {
		if w.model.whole(c) {
			continue
		}
		if err := w.run([]int{c}, w.random.IntN(onceVariants()), &crash{}); err != nil {
			return err
		}
	}
	return w.check()
}

func (w *onceWorld) operation() error {
	kill := &crash{}
	if w.random.IntN(3) == 0 {
		kill.at, kill.after = 1+w.random.Int64N(16), w.random.IntN(2) == 0
	}
	variant := w.random.IntN(onceVariants())
	var err error
	kind := w.random.IntN(6)
	if w.model.compacting && w.random.IntN(2) == 0 { // only then can be checked again
		kind, kill = 0, &crash{}
	}
	switch kind {
	case 0:
		err = w.compact(kill)
	case 1, 2:
		err = w.replay(variant, w.random.IntN(4) == 0, kill)
	default:
		err = w.run(w.random.Perm(3)[:1+w.random.IntN(3)], variant, kill)
	}
	if err != nil {
		return err
	}
	return w.check()
}

func (w *onceWorld) config(variant int, kill *crash) (c Config, end func() error, input func(context.Context, string) (source.Input, error)) {
	c = Config{Engine: w.engines[variant%len(w.engines)], Window: onceWindows[variant/len(w.engines)], Workers: 2, Region: "r", Account: "a", Read: source.Options{ChunkBytes: 4 << 10},
		Limits: lake.Limits{ObjectRows: 7}}
	end, input = w.store.open(&c)
	if w.random.IntN(2) == 0 { // so that no names are known before the first line
		c.Memory = memory.New(1, false).Open(0, 0)
	}
	c.Out, c.Rejects, c.Ledger = crashSink{c.Out, kill}, crashSink{c.Rejects, kill}, crashLedger{c.Ledger, kill}
	c.Undo = func(ctx context.Context, keys []string) error {
		w.note("    undoes what has joined %d objects", len(keys))
		account := memory.New(64<<20, false).Open(0, 0)
		defer account.Close()
		return compact.Undo(ctx, w.compaction(&c, account), keys)
	}
	return c, end, input
}

// compaction is the config of a compaction of the places of a run.
func (w *onceWorld) compaction(c *Config, account *memory.Share) compact.Config {
	sink := c.Out.(crashSink)
	return compact.Config{Lake: crashRepository{sink, sink.Sink.(lake.Repository)}, Ledger: c.Ledger, Prefix: "ext/",
		Before: time.Now().Add(time.Hour), Apply: true, Memory: account}
}

func (w *onceWorld) note(format string, args ...any) {
	w.history = append(w.history, fmt.Sprintf(format, args...))
}

// run runs contents, each from some place, sometimes from two.
func (w *onceWorld) run(contents []int, variant int, kill *crash) error {
	w.note("run %v with %d, crash at %d (after it: %t)", contents, variant, kill.at, kill.after)
	c, end, _ := w.config(variant, kill)
	for _, content := range contents {
		for range 1 + w.random.IntN(5)/4 {
			c.Inputs = append(c.Inputs, w.input(content))
		}
	}
	c.Overwrite = !w.healing && w.random.IntN(8) == 0
	result, err := Run(w.t.Context(), c)
	if err := end(); err != nil {
		return err
	}
	crashed := errors.Is(err, errCrash)
	if err != nil && !crashed {
		return err
	}
	for _, content := range contents {
		w.model.run(content, variant, crashed)
	}
	// A compaction may have been half undone.
	w.model.compacting = w.model.compacting || crashed && w.model.compacted
	if err == nil && len(result.Stale) > 0 && w.store.deletes() {
		return fmt.Errorf("stale: %v", result.Stale)
	}
	return nil
}

// input puts a content somewhere: in files of several names, one of them Logstash's and
// the same for all contents, packed or not, or in another store.
func (w *onceWorld) input(content int) source.Input {
	var text strings.Builder
	for _, l := range w.model.contents[content] {
		text.WriteString(l.text + "\n")
	}
	data := []byte(text.String())
	if w.random.IntN(3) == 0 {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err := z.Write(data)
		if err := errors.Join(err, z.Close()); err != nil {
			w.t.Fatal(err)
		}
		data = packed.Bytes()
	}
	name := []string{"alerts.json", fmt.Sprintf("copy-%d.json", content), "ls.s3.9b2c8d4e-0000-4000-8000-123456789abc.2026-03-14T09.05.part0.txt",
		"ls.s3.9b2c8d4e-0000-4000-8000-123456789abc.2026-03-14T09.05.part1.txt"}[w.random.IntN(4)]
	w.note("    content %d as %s, %d bytes", content, name, len(data))
	if w.random.IntN(2) == 0 {
		key := fmt.Sprintf("%d/%s", len(w.history), name)
		w.raw.server.Put("raw", key, data)
		in, err := w.raw.client.Input(w.t.Context(), s3.Ref{Bucket: "raw", Key: key})
		if err != nil {
			w.t.Fatal(err)
		}
		return in
	}
	path := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		w.t.Fatal(err)
	}
	return inputs(w.t, path)[0]
}

func (w *onceWorld) replay(variant int, unmatched bool, kill *crash) error {
	w.note("replay with %d, unmatched %t, crash at %d (after it: %t)", variant, unmatched, kill.at, kill.after)
	c, end, input := w.config(variant, kill)
	found, _, err := Replays(w.t.Context(), c.Ledger, unmatched, input)
	if err != nil {
		return errors.Join(err, end())
	}
	c.Replay, c.ReplayUnmatched = []*lake.Manifest{}, unmatched
	for _, r := range found {
		c.Inputs, c.Replay = append(c.Inputs, r.Input), append(c.Replay, r.Manifest)
	}
	_, err = Run(w.t.Context(), c)
	if err := end(); err != nil {
		return err
	}
	if err != nil && !errors.Is(err, errCrash) {
		return err
	}
	w.model.replay(variant, unmatched, err != nil)
	return nil
}

// compact joins the objects of the lake.
func (w *onceWorld) compact(kill *crash) error {
	w.note("compact, crash at %d (after it: %t)", kill.at, kill.after)
	c, end, _ := w.config(0, kill)
	account := memory.New(64<<20, false).Open(0, 0)
	defer account.Close()
	joined := 0
	config := w.compaction(&c, account)
	config.Done = func(p *compact.Partition) { joined += int(p.Before.Objects) }
	err := compact.Run(w.t.Context(), config)
	if err := end(); err != nil {
		return err
	}
	if !w.store.deletes() {
		if err != nil && !errors.Is(err, compact.ErrMayNotRemove) && !errors.Is(err, errCrash) || joined > 0 {
			return fmt.Errorf("%d objects were joined by an identity that may not delete: %w", joined, err)
		}
		return nil
	}
	if err != nil && !errors.Is(err, errCrash) {
		return err
	}
	w.note("    joined %d objects", joined)
	w.model.compacting, w.model.compacted = err != nil, true
	return nil
}

// check looks for every line in the store.
func (w *onceWorld) check() error {
	if w.model.compacting {
		return nil // rows may be there twice until it is run again
	}
	found := map[string][]string{}
	for key, body := range w.store.objects() {
		day := key[strings.Index(key, "eventDay=")+len("eventDay="):][:8]
		rows := 0
		for row, err := range inspect.Rows(bytes.NewReader(body), int64(len(body)), -1) {
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			var event struct {
				Message string
				Finding struct{ UID string }
			}
			if err := json.Unmarshal(row, &event); err != nil {
				return err
			}
			rows++
			found[event.Finding.UID] = append(found[event.Finding.UID], event.Message+"@"+day)
		}
		if rows == 0 && w.store.deletes() {
			return fmt.Errorf("%s has no rows", key)
		}
	}
	for key, body := range w.store.kept() {
		if strings.HasPrefix(key, lake.LedgerFolder) {
			continue
		}
		kind := "reject"
		if strings.HasPrefix(key, "unmatched/") {
			kind = "unmatched"
		}
		for line := range strings.Lines(string(body)) {
			r, ok := source.ParseReject(strings.TrimSuffix(line, "\n"))
			if !ok {
				return fmt.Errorf("%s holds %s", key, line)
			}
			id := r.Raw
			var alert struct{ ID string }
			if json.Unmarshal([]byte(r.Raw), &alert) == nil && alert.ID != "" {
				id = alert.ID
			}
			found[id] = append(found[id], kind)
		}
	}
	for id := range found {
		slices.Sort(found[id])
	}
	return w.model.check(found)
}
