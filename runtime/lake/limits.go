package lake

import "fmt"

// Limits are the seal settings: how much is held for sorting, and when a row group and
// an object are full. A zero field has its default. Every field can change which rows
// share an object, so all of them are part of the object's name (see Namer).
type Limits struct {
	// ObjectBytes is the size that no object exceeds unless a single row group
	// does; default 256 MiB, as Security Lake recommends.
	ObjectBytes int64
	// ObjectRows bounds the rows of an object; 0 means no bound.
	ObjectRows int64
	// RowGroupBytes is the size of a row group in memory, before encoding
	// (table.Batch.Bytes); default 16 MiB.
	RowGroupBytes int64
	// RowGroupRows bounds the rows of a row group; default 100,000.
	RowGroupRows int
	// HeldBytes bounds the batches that all partitions together hold for sorting;
	// default 32 MiB or two row groups, at least one row group. Batches that are
	// being encoded come on top.
	HeldBytes int64
	// OpenObjects bounds the objects that are open for writing; default 256, a
	// quarter of the usual limit on open files. To open another, the least recently
	// written one is sealed.
	OpenObjects int
}

// minRowGroup keeps the fixed weight of a batch from filling a row group.
const minRowGroup = 512 << 10

// WithDefaults replaces zeros by defaults and lowers limits that contradict others: a
// row group is never larger than its object may be.
func (l Limits) WithDefaults() Limits {
	orDefault(&l.ObjectBytes, 256<<20)
	orDefault(&l.RowGroupBytes, 16<<20)
	orDefault(&l.RowGroupRows, 100_000)
	l.RowGroupBytes = max(min(l.RowGroupBytes, l.ObjectBytes), minRowGroup)
	if l.ObjectRows > 0 {
		l.RowGroupRows = int(min(int64(l.RowGroupRows), l.ObjectRows))
	}
	orDefault(&l.HeldBytes, max(32<<20, 2*l.RowGroupBytes))
	l.HeldBytes = max(l.HeldBytes, l.RowGroupBytes)
	orDefault(&l.OpenObjects, 256)
	return l
}

func orDefault[T int | int64](v *T, def T) {
	if *v == 0 {
		*v = def
	}
}

// MostShared is the most that the rows of an input, of so many tables, may weigh if they share
// batches with those of others (see Part): that little decides nothing about groups and objects. 0
// means that they may not.
func (l Limits) MostShared(tables int) int {
	l = l.WithDefaults()
	return int(max(0, l.RowGroupBytes/2-int64(tables)*batchOverhead))
}

// Check returns an error that names the field if a limit is negative.
func (l Limits) Check() error {
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"ObjectBytes", l.ObjectBytes}, {"ObjectRows", l.ObjectRows}, {"RowGroupBytes", l.RowGroupBytes},
		{"RowGroupRows", int64(l.RowGroupRows)}, {"HeldBytes", l.HeldBytes}, {"OpenObjects", int64(l.OpenObjects)},
	} {
		if f.value < 0 {
			return fmt.Errorf("seal settings: %s is %d: give a positive number, or 0 for the default", f.name, f.value)
		}
	}
	return nil
}
