package audit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// ledger is what the manifests say of the lake.
type ledger struct {
	ids    []string
	listed map[[16]byte]listing // by the digest of the key
	known  []*lake.Compaction   // those of the partition
	of     string               // the partition
	judged map[[16]byte]bool    // the partitions whose compactions were
}

// listing is what a manifest says of an object.
type listing struct {
	rows, bytes int64
	pending     bool // a run was about to write it
	there       bool
}

func digestOf(key string) (d [16]byte) {
	sum := sha256.Sum256([]byte(key))
	copy(d[:], sum[:])
	return d
}

// readManifests notes which objects the manifests list, and judges the manifests.
func (a *audit) readManifests(ctx context.Context) (err error) {
	l := &a.ledger
	l.listed, l.judged = map[[16]byte]listing{}, map[[16]byte]bool{}
	if l.ids, err = a.Ledger.IDs(ctx); err != nil {
		return err
	}
	intended, err := a.Ledger.Intended(ctx)
	if err != nil {
		return err
	}
	all := make([][]*verify.Fault, len(l.ids))
	var mu sync.Mutex
	err = lake.Each(len(l.ids), func(i int) error {
		m, err := a.Ledger.Load(ctx, l.ids[i])
		if err != nil || m == nil || !a.Ours(m.Out) {
			return err
		}
		if a.Only == "" {
			all[i] = manifestFaults(m, intended[l.ids[i]])
		}
		mu.Lock()
		defer mu.Unlock()
		a.note(m)
		return nil
	})
	if err != nil {
		return err
	}
	for _, faults := range all {
		for _, f := range faults {
			if err := a.found(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// meant reports whether an object is judged: the others of a lake need not be known.
func (a *audit) meant(key string) bool {
	return strings.HasPrefix(key, a.Prefix) && (a.Only == "" || key == a.Only)
}

// note takes up the objects of a manifest.
func (a *audit) note(m *lake.Manifest) {
	if m.Pending != nil {
		for _, k := range m.Pending.Objects {
			if !a.meant(k) {
				continue
			}
			d := digestOf(k)
			at := a.ledger.listed[d]
			at.pending = true
			a.ledger.listed[d] = at
		}
	}
	for _, o := range m.Objects {
		if !a.meant(o.Key) {
			continue
		}
		d := digestOf(o.Key)
		a.ledger.listed[d] = listing{rows: o.Rows, bytes: o.Bytes, pending: a.ledger.listed[d].pending}
	}
	for _, k := range m.Stale {
		d := digestOf(k)
		if _, is := a.ledger.listed[d]; !is && a.meant(k) {
			a.ledger.listed[d] = listing{pending: true}
		}
	}
}

// manifestFaults judges a manifest by itself.
func manifestFaults(m *lake.Manifest, intended bool) (faults []*verify.Fault) {
	at := lake.ManifestKey(m.ID)
	if m.Pending != nil || intended {
		faults = append(faults, verify.NewFault(at, verify.Manifests, fmt.Sprintf("the run over %s has not ended", m.Name), "run the input again, unless it is running now: what is written is replaced"))
	}
	if got := m.Taken + m.RejectLines + m.UnmatchedLines + m.Dropped + m.Blank; got != m.Lines {
		faults = append(faults, verify.NewFault(at, verify.Manifests, fmt.Sprintf("of %d lines of %s %d are accounted for", m.Lines, m.Name, got), "run the input again with --overwrite"))
	}
	return faults
}

// compare compares an object with what the ledger lists.
func (a *audit) compare(o *judged, at key) (faults []*verify.Fault) {
	d := digestOf(o.Key)
	l, ok := a.ledger.listed[d]
	if ok {
		l.there = true
		a.ledger.listed[d] = l
	}
	if made := a.madeBy(o.Key); made != nil {
		l, ok = listing{rows: made.Rows, bytes: made.Bytes}, true
	}
	switch {
	case !ok && o.report.Own && !a.leftOver(at.name):
		faults = append(faults, verify.NewFault(o.Key, verify.Listed, "no manifest in these rejects lists the object", "name the rejects of the run that wrote it: without its manifest a rerun of its input doubles the rows"))
	case ok && !l.pending && o.report.Columns != nil && l.rows != o.report.Rows:
		faults = append(faults, verify.NewFault(o.Key, verify.Manifests, fmt.Sprintf("the object has %d rows, and its manifest says %d", o.report.Rows, l.rows), "run its input again with --overwrite"))
	case ok && !l.pending && l.bytes != o.Bytes:
		faults = append(faults, verify.NewFault(o.Key, verify.Manifests, fmt.Sprintf("the object has %d bytes, and its manifest says %d", o.Bytes, l.bytes), "run its input again with --overwrite"))
	}
	return faults
}

// missing reports the objects that manifests list and that are not there.
func (a *audit) missing(ctx context.Context) error {
	if !a.someMissing() {
		return nil
	}
	for _, id := range a.ledger.ids {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		m, err := a.Ledger.Load(ctx, id)
		if err != nil {
			return err
		}
		if m == nil || !a.Ours(m.Out) {
			continue
		}
		for _, o := range m.Objects {
			if err := a.missingObject(ctx, m, o); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *audit) someMissing() bool {
	for _, l := range a.ledger.listed {
		if !l.there && !l.pending {
			return true
		}
	}
	return false
}

func (a *audit) missingObject(ctx context.Context, m *lake.Manifest, o lake.ManifestObject) error {
	l := a.ledger.listed[digestOf(o.Key)]
	if l.there || l.pending || !a.meant(o.Key) {
		return nil
	}
	folder, name, _ := lake.SplitKey(o.Key)
	if err := a.lookUp(ctx, folder); err != nil {
		return err
	}
	if lake.FateOf(a.ledger.known, name) != nil { // its rows are in joined objects
		if a.ledger.judged[digestOf(folder)] {
			return nil
		}
		a.folder.enter(folder) // it has no objects at all
		return a.compactions()
	}
	return a.found(verify.NewFault(o.Key, verify.Manifests, fmt.Sprintf("the object is missing: %d rows of %s", o.Rows, m.Name), "run the input again with --overwrite, or restore the object"))
}
