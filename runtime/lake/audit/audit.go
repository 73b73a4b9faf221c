package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// Config says what is judged.
type Config struct {
	Lake lake.Repository
	// Prefix selects objects by their keys: "ext/" for all.
	Prefix string
	// Only is the key of the one object that is meant, "" for all of the prefix.
	Only string
	// Loose is set for an object that is in no lake: its key is not judged.
	Loose bool
	// Ledger is that of the rejects of the runs that wrote the lake, nil if it is not
	// known: then the lake is not compared with it.
	Ledger lake.Ledger
	// Ours reports whether a manifest is of runs that wrote to this lake, by its Out.
	Ours func(out string) bool
	// Workers is how many objects are read at once.
	Workers int
	// Found gets each fault, in the order of the keys; those of the ledger come last. An
	// error of it ends the audit.
	Found func(*verify.Fault) error
}

// Summary counts what was judged.
type Summary struct {
	Objects    int64 `json:"objects"`
	Rows       int64 `json:"rows"`
	Bytes      int64 `json:"bytes"`
	PlainBytes int64 `json:"plain_bytes"` // of the pages before compression
	Own        int64 `json:"own"`         // objects that sluice wrote
	Others     int64 `json:"others"`      // that other programs wrote
	Faults     int64 `json:"faults"`
	Advice     int64 `json:"advice"`
	// Gone counts objects that were replaced or removed while they were judged.
	Gone int64 `json:"gone"`
}

// Run judges a lake. The error joins those of reading it: what could be read is judged
// besides.
func Run(ctx context.Context, c Config) (*Summary, error) {
	a := &audit{Config: c}
	if c.Ledger != nil {
		if err := a.readManifests(ctx); err != nil {
			return &a.Summary, err
		}
	}
	if err := a.objects(ctx); err != nil {
		return &a.Summary, errors.Join(append(a.unread, err)...)
	}
	if c.Ledger != nil {
		if err := a.missing(ctx); err != nil {
			return &a.Summary, errors.Join(append(a.unread, err)...)
		}
	}
	return &a.Summary, errors.Join(a.unread...)
}

// audit is the state of one Run.
type audit struct {
	Config
	Summary
	unread []error // of the first objects that could not be read
	table  table   // the one that the objects come from now
	folder folder  // likewise
	ledger ledger
}

// judged is an object on its way through the workers.
type judged struct {
	lake.Stored
	done   chan struct{}
	report *verify.Report
	err    error
}

// objects judges all objects of the prefix.
func (a *audit) objects(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work, order := make(chan *judged), make(chan *judged, 4*a.Workers)
	var wait sync.WaitGroup
	for range a.Workers {
		wait.Go(func() {
			judge := verify.NewJudge()
			for o := range work {
				o.report, o.err = a.judge(ctx, judge, o.Stored)
				close(o.done)
			}
		})
	}
	var listing error
	wait.Go(func() {
		defer close(order)
		defer close(work)
		listing = a.Lake.List(ctx, a.Prefix, func(o lake.Stored) {
			if a.Only != "" && o.Key != a.Only {
				return
			}
			send(ctx, work, order, &judged{Stored: o, done: make(chan struct{})})
		})
	})
	err := a.collect(ctx, order)
	if err != nil {
		stop(err)
	}
	wait.Wait()
	if err == nil {
		err = listing
	}
	if cause := context.Cause(ctx); err == nil && cause != nil {
		err = cause
	}
	return err
}

// send gives an object to whoever judges it, and to whoever waits for the verdicts in order.
func send(ctx context.Context, work, order chan<- *judged, o *judged) {
	select {
	case order <- o:
	case <-ctx.Done():
		return
	}
	select {
	case work <- o:
	case <-ctx.Done():
		o.err = context.Cause(ctx)
		close(o.done)
	}
}

// collect takes the verdicts in the order of the keys.
func (a *audit) collect(ctx context.Context, order <-chan *judged) error {
	for o := range order {
		select {
		case <-o.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := a.take(ctx, o); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := a.endFolder(ctx); err != nil {
		return err
	}
	return a.endTable()
}

// take judges an object as part of the lake.
func (a *audit) take(ctx context.Context, o *judged) error {
	switch {
	case errors.Is(o.err, lake.ErrGone):
		a.Gone++
		return nil
	case o.err != nil:
		const most = 5
		if a.unread = append(a.unread, fmt.Errorf("%s: %w", o.Key, o.err)); len(a.unread) > most {
			a.unread = a.unread[:most]
		}
		return nil
	}
	at, faults := a.keyOf(o.Key)
	a.Objects, a.Bytes = a.Objects+1, a.Bytes+o.Bytes
	if err := a.enter(ctx, at); err != nil {
		return err
	}
	if o.report != nil {
		a.Rows, a.PlainBytes = a.Rows+o.report.Rows, a.PlainBytes+o.report.PlainBytes
		faults = append(faults, a.add(o, at)...)
	}
	for _, f := range faults {
		f.Object = o.Key
		if err := a.found(f); err != nil {
			return err
		}
	}
	return nil
}

// add adds an object that was read to its table and its partition.
func (a *audit) add(o *judged, at key) (faults []*verify.Fault) {
	faults = o.report.Faults
	if o.report.More > 0 {
		faults = append(faults, verify.NewFault(o.Key, verify.Readable, fmt.Sprintf("there are %d more kinds of faults", o.report.More), "correct the first ones and look again"))
	}
	switch {
	case o.report.Own:
		a.Own++
	case o.report.Columns != nil:
		a.Others++
	}
	if at.folder == "" { // it is in no partition
		return faults
	}
	if o.report.Own && !ownName().MatchString(at.name) {
		faults = append(faults, verify.NewFault(o.Key, verify.ObjectName, "sluice gives no object this name", "do not rename objects: a rerun of the input finds them by name"))
	}
	a.table.add(o)
	a.folder.add(at.name, o.Bytes)
	if a.Ledger != nil {
		faults = append(faults, a.compare(o, at)...)
	}
	return faults
}

// found counts and reports a fault.
func (a *audit) found(f *verify.Fault) error {
	if f.Advice {
		a.Advice++
	} else {
		a.Faults++
	}
	return a.Found(f)
}

// watched notes that reading failed, which is not a fault of the object.
type watched struct {
	lake.ReadCloserAt
	mu  sync.Mutex
	err error
}

func (w *watched) ReadAt(p []byte, at int64) (int, error) {
	n, err := w.ReadCloserAt.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		w.mu.Lock()
		w.err = err
		w.mu.Unlock()
	}
	return n, err
}

// judge reads an object. An object without the name of a Parquet file has no report.
func (a *audit) judge(ctx context.Context, j *verify.Judge, o lake.Stored) (*verify.Report, error) {
	_, _, ok := lake.SplitKey(o.Key)
	if !ok && !a.Loose {
		return nil, context.Cause(ctx)
	}
	in, err := a.Lake.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer in.Close() // nothing is written
	day := ""
	if !a.Loose {
		day = lake.Value(o.Key, "eventDay=")
	}
	w := &watched{ReadCloserAt: in}
	report, err := j.Object(ctx, w, o.Bytes, day)
	if err == nil && w.err != nil {
		return nil, w.err
	}
	return report, err
}
