package compact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/table"
)

// divider writes the rows of joined objects into objects of their own again, each by its
// digest.
type divider struct {
	*run
	plan    *lake.Compaction
	attempt int
	rows    lake.RowDigests

	owners  []owner // by digest
	schema  *table.Schema
	open    map[int32]*table.Batch // by the number of the name in the plan
	spare   spare
	left    []int // rows of each name that were not found yet
	parts   []int // objects of each name
	objects map[string][]lake.ManifestObject
}

// owner says that a row is of an object of the plan.
type owner struct {
	digest uint64
	name   int32 // number in the plan, taken once the row was found
}

const taken = -1

// ownerBytes is about what an owner takes, with the digest that it is made of.
const ownerBytes = 24

func newDivider(r *run, c *lake.Compaction, attempt int, rows lake.RowDigests) *divider {
	d := &divider{run: r, plan: c, attempt: attempt, rows: rows, open: map[int32]*table.Batch{},
		left: make([]int, len(c.Names)), parts: make([]int, len(c.Names)), objects: map[string][]lake.ManifestObject{}}
	for i, name := range c.Names {
		d.left[i] = len(rows[name])
		for _, digest := range rows[name] {
			d.owners = append(d.owners, owner{digest, int32(i)})
		}
	}
	slices.SortFunc(d.owners, func(a, b owner) int { return cmp.Compare(a.digest, b.digest) })
	return d
}

// own returns whose a row of this digest is: rows of equal digests are equal, so that any
// of their owners does.
func (d *divider) own(digest uint64) int32 {
	i, _ := slices.BinarySearchFunc(d.owners, digest, func(o owner, d uint64) int { return cmp.Compare(o.digest, d) })
	for ; i < len(d.owners) && d.owners[i].digest == digest; i++ {
		if name := d.owners[i].name; name != taken {
			d.owners[i].name = taken
			return name
		}
	}
	return taken
}

var errForeignRows = errors.New("it has rows that were in none of the joined objects: nothing was changed; another program has written it, or it is damaged")

// divide reads the objects, and writes each row into an object of its owner.
func (d *divider) divide(ctx context.Context, inputs []lake.Stored) error {
	held := ownerBytes * int64(len(d.owners))
	d.Memory.Add(memory.Reading, held)
	defer d.Memory.Add(memory.Reading, -held)
	for _, o := range inputs {
		if err := d.object(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", o.Key, err)
		}
	}
	for name := range d.open {
		if err := d.write(ctx, name); err != nil {
			return err
		}
	}
	for i, n := range d.left {
		if n > 0 {
			return fmt.Errorf("%d rows of the object %s are in none of the objects made from it: nothing was changed; restore these", n, d.plan.Names[i])
		}
	}
	return nil
}

// object divides one object.
func (d *divider) object(ctx context.Context, o lake.Stored) error {
	var owners []int32
	if _, err := d.sum(ctx, o, func(digest uint64) { owners = append(owners, d.own(digest)) }); err != nil {
		return err
	}
	if slices.Contains(owners, taken) {
		return errForeignRows
	}
	in, file, err := d.run.open(ctx, o)
	if err != nil {
		return err
	}
	defer in.Close() // nothing is written
	if d.schema == nil {
		if d.schema, err = file.Schema(); err != nil {
			return err
		}
	}
	group := d.schema.NewBatch()
	for number := range file.Groups() {
		group.Reset()
		if err := group.AppendGroup(file, number); err != nil {
			return err
		}
		n := group.Rows()
		if err := d.scatter(ctx, group, owners[:n]); err != nil {
			return err
		}
		owners = owners[n:]
	}
	return nil
}

// openBytes is about the most that the batches hold, but for one row group.
const openBytes = 32 << 20

// scatter copies the rows of a group to their owners, and writes the objects that are
// complete, or the largest if they hold too much.
func (d *divider) scatter(ctx context.Context, group *table.Batch, owners []int32) error {
	for i, name := range owners {
		b := d.open[name]
		if b == nil {
			b = d.spare.take(d.schema)
			d.open[name] = b
		}
		b.AppendRow(table.Row{Batch: group, Index: i})
		if d.left[name]--; d.left[name] == 0 {
			if err := d.write(ctx, name); err != nil {
				return err
			}
		}
	}
	held := 0
	largest := make([]int32, 0, len(d.open))
	for name, b := range d.open {
		held += b.Reserved()
		largest = append(largest, name)
	}
	slices.SortFunc(largest, func(a, b int32) int {
		return cmp.Or(cmp.Compare(d.open[b].Reserved(), d.open[a].Reserved()), cmp.Compare(a, b))
	})
	for _, name := range largest {
		if held <= openBytes {
			break
		}
		held -= d.open[name].Reserved()
		if err := d.write(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// write writes the rows that a name has as an object.
func (d *divider) write(ctx context.Context, name int32) error {
	b := d.open[name]
	delete(d.open, name)
	rows := make([]table.Row, b.Rows())
	for i := range rows {
		rows[i] = table.Row{Batch: b, Index: i}
	}
	slices.SortStableFunc(rows, func(x, y table.Row) int { return cmp.Compare(b.Time(x.Index), b.Time(y.Index)) })
	encoded, err := d.schema.Encode(rows, d.Options)
	if err != nil {
		return err
	}
	of := d.plan.Names[name]
	key := d.plan.Folder + d.plan.Part(d.attempt, of, d.parts[name]) + ".parquet"
	d.parts[name]++
	o, err := d.Lake.Create(ctx, key)
	if err != nil {
		return err
	}
	w := table.NewWriter(o, d.schema, d.Options)
	err = w.Commit(encoded)
	if err == nil {
		err = errors.Join(w.Close(), o.Close())
	}
	if err == nil {
		err = o.Commit(ctx, key)
	}
	if err != nil {
		return errors.Join(err, o.Abort())
	}
	d.objects[of] = append(d.objects[of], lake.ManifestObject{Key: key, Rows: int64(len(rows)), Bytes: w.Written()})
	d.spare.put(b)
	return nil
}

// check reads what was written, and returns an error if an object has not the rows that it
// had before they were joined.
func (d *divider) check(ctx context.Context) error {
	return lake.Each(len(d.plan.Names), func(i int) error {
		name := d.plan.Names[i]
		var found []uint64
		for _, o := range d.objects[name] {
			if _, err := d.sum(ctx, lake.Stored{Key: o.Key, Bytes: o.Bytes}, func(digest uint64) { found = append(found, digest) }); err != nil {
				return fmt.Errorf("reading back %s: %w", o.Key, err)
			}
		}
		slices.Sort(found)
		if !slices.Equal(found, d.rows[name]) {
			return fmt.Errorf("the rows of the object %s are not those that were read back: what was joined stays; this is a bug in sluice, please report it", name)
		}
		return nil
	})
}

// all returns the objects that were written.
func (d *divider) all() (objects []lake.ManifestObject) {
	for _, name := range d.plan.Names {
		objects = append(objects, d.objects[name]...)
	}
	return objects
}
