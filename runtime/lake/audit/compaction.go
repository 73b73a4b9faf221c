package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// enterLedger looks up what the ledger has of a new partition.
func (a *audit) enterLedger(ctx context.Context) error {
	if a.Ledger == nil {
		return nil
	}
	return a.lookUp(ctx, a.folder.name)
}

// lookUp reads the compactions of a partition.
func (a *audit) lookUp(ctx context.Context, folder string) (err error) {
	if a.ledger.of != folder {
		a.ledger.known, err = lake.Compactions(ctx, a.Ledger, folder)
		a.ledger.of = folder
	}
	return err
}

// madeBy is what a compaction says of an object that it made, nil if none made it.
func (a *audit) madeBy(key string) *lake.ManifestObject {
	for _, c := range a.ledger.known {
		if i := slices.IndexFunc(c.Result, func(o lake.ManifestObject) bool { return o.Key == key }); i >= 0 {
			return &c.Result[i]
		}
		if c.Undone == nil {
			continue
		}
		for _, parts := range c.Undone.Objects {
			if i := slices.IndexFunc(parts, func(o lake.ManifestObject) bool { return o.Key == key }); i >= 0 {
				return &parts[i]
			}
		}
	}
	return nil
}

// leftOver reports whether an attempt to undo a compaction wrote an object.
func (a *audit) leftOver(name string) bool {
	for _, c := range a.ledger.known {
		for attempt := range c.Undos {
			if strings.HasPrefix(name, c.Mark(attempt)) {
				return true
			}
		}
	}
	return false
}

// compactions judges those of the partition whose objects are known.
func (a *audit) compactions() error {
	a.ledger.judged[digestOf(a.folder.name)] = true
	for _, c := range a.ledger.known {
		for _, f := range a.compaction(c) {
			if err := a.found(f); err != nil {
				return err
			}
		}
	}
	return nil
}

const endIt = "run `sluice compact --apply` over the day, which ends what was begun"

// compaction compares a plan with the objects of its partition.
func (a *audit) compaction(c *lake.Compaction) (faults []*verify.Fault) {
	report := func(cure, what string, args ...any) {
		faults = append(faults, verify.NewFault(c.Folder, verify.Compaction, fmt.Sprintf("compaction %d: ", c.Number)+fmt.Sprintf(what, args...), cure))
	}
	fault := func(what string, args ...any) { report(endIt, what, args...) }
	missing := func(what string, args ...any) { report("restore the object, or "+lake.DayAnew, what, args...) }
	if c.Void {
		return nil
	}
	switch {
	case c.Result == nil:
		fault("it stopped before its %d objects were joined", len(c.Names))
		return faults
	case c.Undos > 0 && c.Undone == nil:
		fault("it stopped while it was undone")
		return faults
	}
	if n := a.present(c.Names); n > 0 {
		fault("%d objects that it joined are still there, so their rows are there twice", n)
	}
	if c.Undone == nil {
		a.expect(missing, c.Result)
	} else {
		a.undone(fault, missing, c)
	}
	slices.SortFunc(faults, func(x, y *verify.Fault) int { return strings.Compare(x.What, y.What) })
	return faults
}

// undone compares a plan that was undone with the objects of its partition.
func (a *audit) undone(fault, missing func(string, ...any), c *lake.Compaction) {
	var results []string
	for _, o := range c.Result {
		results = append(results, nameOf(o.Key))
	}
	if n := a.present(results); n > 0 {
		fault("it was undone, and %d of its objects are still there, so their rows are there twice", n)
	}
	for _, name := range c.Names {
		a.expect(func(what string, args ...any) {
			if a.wanted(c, name) {
				missing(what, args...)
			}
		}, c.Undone.Objects[name])
	}
	for name := range a.folder.names {
		for attempt := range c.Undos {
			if attempt != c.Undone.Attempt && strings.HasPrefix(name, c.Mark(attempt)) {
				fault("an object of an attempt to undo it that does not count is still there, so its rows are there twice: %s", name)
			}
		}
	}
}

// wanted reports whether a manifest lists an object that a plan has joined, or the one of which
// it came when an earlier plan was undone. What none lists was replaced by a later run.
func (a *audit) wanted(c *lake.Compaction, name string) bool {
	if l, ok := a.ledger.listed[digestOf(c.Folder+name+".parquet")]; ok {
		return !l.pending
	}
	for _, earlier := range a.ledger.known[:c.Number] {
		if earlier.Undone == nil {
			continue
		}
		for of, parts := range earlier.Undone.Objects {
			if slices.ContainsFunc(parts, func(o lake.ManifestObject) bool { return nameOf(o.Key) == name }) {
				return a.wanted(earlier, of)
			}
		}
	}
	return false
}

// present counts the objects of names that are there.
func (a *audit) present(names []string) (n int) {
	for _, name := range names {
		if _, there := a.folder.names[name]; there {
			n++
		}
	}
	return n
}

// expect reports objects that are missing, unless a later plan has joined them.
func (a *audit) expect(missing func(string, ...any), objects []lake.ManifestObject) {
	for _, o := range objects {
		name := nameOf(o.Key)
		if _, there := a.folder.names[name]; !there && lake.FateOf(a.ledger.known, name) == nil {
			missing("its object %s is missing, with %d rows", name, o.Rows)
		}
	}
}

func nameOf(key string) string {
	_, name, _ := lake.SplitKey(key)
	return name
}
