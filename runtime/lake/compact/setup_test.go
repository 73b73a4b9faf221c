package compact_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/compact"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// A mapping that fills a column more or less, and whose events say which it is.
const mapping = `mapping: test/compact
schema: 1.1.0
class: security_finding
event:
  activity_id: 1
  state_id: 1
  severity_id: 1
  time: =time
  message: "%s"
  finding: {uid: =id, title: t%s}
  metadata: {product: {name: Wazuh, vendor_name: Wazuh}, version: 1.1.0}
  unmapped: {$rest: true}
`

const day = 1773446400000 // 2026-03-14

func compile(t *testing.T, message, more string) *engine.Engine {
	t.Helper()
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(fmt.Sprintf(mapping, message, more))}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// store is a lake with its rejects, in a folder or in buckets.
type store struct {
	t      *testing.T
	open   func() (lake.Repository, lake.Sink, lake.Ledger, func() error)
	server *s3test.Server
	undoes bool // runs undo compactions
}

func folders(t *testing.T) *store {
	root := t.TempDir()
	return &store{t: t, open: func() (lake.Repository, lake.Sink, lake.Ledger, func() error) {
		out, err := dir.Open(filepath.Join(root, "lake"), dir.Shared)
		if err != nil {
			t.Fatal(err)
		}
		rejects, err := dir.Open(filepath.Join(root, "rejects"), dir.Private)
		if err != nil {
			t.Fatal(err)
		}
		l, err := rejects.Ledger()
		if err != nil {
			t.Fatal(err)
		}
		return out, rejects, l, func() error { return errors.Join(l.Close(), rejects.Close(), out.Close()) }
	}}
}

func buckets(t *testing.T) *store {
	server := s3test.New(t, "lake", "kept")
	s3test.Setenv(t, server.URL)
	client, err := s3.NewClient(t.Context(), s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &store{t: t, server: server, open: func() (lake.Repository, lake.Sink, lake.Ledger, func() error) {
		rejects := client.NewSink(s3.Ref{Bucket: "kept", Key: "r"}, s3.Encryption{})
		return client.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{}), rejects, rejects.Ledger(), func() error { return nil }
	}}
}

// places opens the store, wrapped.
func (s *store) places(around func(lake.Repository, lake.Ledger) (lake.Repository, lake.Ledger)) (lake.Repository, lake.Sink, lake.Ledger, func() error) {
	out, rejects, l, end := s.open()
	if around != nil {
		out, l = around(out, l)
	}
	return out, rejects, l, end
}

// input makes a file of alerts; every third second has one.
func input(t *testing.T, number, alerts int) source.Input {
	t.Helper()
	var text strings.Builder
	for i := range alerts {
		fmt.Fprintf(&text, `{"id":"%d-%d","time":%d,"agent":"a%d"}`+"\n", number, i, day+int64(number*1000+i*3000), i%5)
	}
	path := filepath.Join(t.TempDir(), fmt.Sprintf("alerts-%d.json", number))
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := source.Expand([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

func (s *store) run(e *engine.Engine, around func(lake.Repository, lake.Ledger) (lake.Repository, lake.Ledger), inputs ...source.Input) error {
	s.t.Helper()
	out, rejects, l, end := s.places(around)
	c := pipeline.Config{Engine: e, Inputs: inputs, Workers: 2, Region: "r", Account: "a",
		Out: out, Rejects: rejects, Ledger: l, Place: "lake", EarlyIdentity: s.server != nil, UndoCommand: "sluice compact --undo lake"}
	if s.undoes {
		c.Undo = func(_ context.Context, keys []string) error { return s.undo(keys, nil) }
	}
	_, err := pipeline.Run(s.t.Context(), c)
	return errors.Join(err, end())
}

// undo undoes what has joined the objects of these keys, or all without keys.
func (s *store) undo(keys []string, around func(lake.Repository, lake.Ledger) (lake.Repository, lake.Ledger)) error {
	out, _, l, end := s.places(around)
	share := memory.New(64<<20, false).Open(0, 0)
	defer share.Close()
	err := compact.Undo(s.t.Context(), compact.Config{Lake: out, Ledger: l, Prefix: "ext/", Apply: true, Memory: share}, keys)
	return errors.Join(err, end())
}

// mustRun is run of that many inputs, from a number on.
func (s *store) mustRun(e *engine.Engine, from, inputs int) {
	s.t.Helper()
	var all []source.Input
	for i := range inputs {
		all = append(all, input(s.t, from+i, 20))
	}
	if err := s.run(e, nil, all...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *store) compact(change func(*compact.Config), around func(lake.Repository, lake.Ledger) (lake.Repository, lake.Ledger)) (days []*compact.Partition, err error) {
	s.t.Helper()
	out, _, l, end := s.places(around)
	account := memory.New(64<<20, false)
	share := account.Open(0, 0)
	c := compact.Config{Lake: out, Ledger: l, Prefix: "ext/", Before: time.Now().Add(time.Hour), Apply: true, Memory: share,
		Done: func(p *compact.Partition) { days = append(days, p) }}
	if change != nil {
		change(&c)
	}
	err = compact.Run(s.t.Context(), c)
	share.Close()
	return days, errors.Join(err, end())
}

// bodies returns the objects of the lake with their bytes.
func (s *store) bodies() (all []lake.Stored, bodies [][]byte) {
	s.t.Helper()
	out, _, _, end := s.open()
	defer end()
	if err := out.List(s.t.Context(), "ext/", func(o lake.Stored) { all = append(all, o) }); err != nil {
		s.t.Fatal(err)
	}
	for _, o := range all {
		in, err := out.Open(s.t.Context(), o)
		if err != nil {
			s.t.Fatal(err)
		}
		data := make([]byte, o.Bytes)
		if _, err := in.ReadAt(data, 0); err != nil {
			s.t.Fatal(err)
		}
		if err := in.Close(); err != nil {
			s.t.Fatal(err)
		}
		bodies = append(bodies, data)
	}
	return all, bodies
}

type event struct{ Message string }

// rows returns all events of the lake.
func (s *store) rows() (events []event) {
	s.t.Helper()
	_, bodies := s.bodies()
	for _, data := range bodies {
		for row, err := range inspect.Rows(bytes.NewReader(data), int64(len(data)), -1) {
			var e event
			if err := errors.Join(err, json.Unmarshal(row, &e)); err != nil {
				s.t.Fatal(err)
			}
			events = append(events, e)
		}
	}
	return events
}

// objects returns the objects of the lake, and the sum of their rows by schema.
func (s *store) objects() (all []lake.Stored, sums map[string]inspect.Sum) {
	s.t.Helper()
	all, bodies := s.bodies()
	sums = map[string]inspect.Sum{}
	for i, o := range all {
		data := bodies[i]
		facts, err := inspect.File(bytes.NewReader(data), o.Bytes)
		if err != nil {
			s.t.Fatalf("%s: %v", o.Key, err)
		}
		if !facts.Time.Sorted {
			s.t.Errorf("%s is not in order of time", o.Key)
		}
		sum, err := inspect.SumRows(bytes.NewReader(data), o.Bytes, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		sum.Add(sums[facts.Schema])
		sums[facts.Schema] = sum
	}
	return all, sums
}

// hooks calls what a test wants at points of a run or a compaction, once.
type hooks struct {
	commit func(key string)               // before an object is committed
	noted  func(key string)               // after a note
	swap   func(key string) (data []byte) // what is committed in place of an object
	stop   func(key string) error         // behind a note and a commit, before a removal
}

func (h *hooks) stopped(key string) error {
	if h.stop == nil {
		return nil
	}
	return h.stop(key)
}

type hookedLedger struct {
	lake.Ledger
	h *hooks
}

func (l hookedLedger) Note(ctx context.Context, key string, text []byte) ([]byte, error) {
	there, err := l.Ledger.Note(ctx, key, text)
	if l.h.noted != nil {
		l.h.noted(key)
	}
	return there, errors.Join(err, l.h.stopped(key))
}

type hookedLake struct {
	lake.Repository
	h *hooks
}

func (r hookedLake) Create(ctx context.Context, key string) (lake.Object, error) {
	o, err := r.Repository.Create(ctx, key)
	return hookedObject{o, r}, err
}

func (r hookedLake) Remove(ctx context.Context, key string) error {
	if err := r.h.stopped("removal of " + key); err != nil {
		return err
	}
	return r.Repository.Remove(ctx, key)
}

type hookedObject struct {
	lake.Object
	in hookedLake
}

func (o hookedObject) Commit(ctx context.Context, key string) error {
	if o.in.h.commit != nil {
		o.in.h.commit(key)
	}
	if err := errors.Join(o.Object.Commit(ctx, key), o.in.h.stopped(key)); err != nil || o.in.h.swap == nil {
		return err
	}
	other, err := o.in.Repository.Create(ctx, key)
	if err == nil {
		_, err = other.Write(o.in.h.swap(key))
	}
	return errors.Join(err, other.Close(), other.Commit(ctx, key))
}

func (h *hooks) around(r lake.Repository, l lake.Ledger) (lake.Repository, lake.Ledger) {
	return hookedLake{r, h}, hookedLedger{l, h}
}
