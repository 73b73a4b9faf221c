package lake

import (
	"context"
	"errors"
	"strings"

	"github.com/sluice-lake/sluice/runtime/table"
)

// file is one Parquet object and its JSON copy, being written.
type file struct {
	partition Partition
	ordinal   int
	begun     int // ordinal among all objects of the Store
	used      int // the Store's clock when it was written last
	groups    int
	schema    *table.Schema

	parquet Object
	json    Object // nil without a JSON copy
	writer  *table.Writer

	rows, bytes, jsonBytes int64
	committed              string // key, once it is visible
}

func (f *file) key(n Namer) string { return f.partition.Key(n.Object(f.ordinal)) }

func jsonKey(key string) string {
	if strings.HasSuffix(key, "/") {
		return key // a folder
	}
	return strings.TrimSuffix(key, objectEnd) + ".json.gz"
}

// create begins the objects. Named is nil while the names are not known.
func (f *file) create(ctx context.Context, c StoreConfig, named *Named) (err error) {
	key := f.partition.folder()
	if named != nil {
		key = f.key(named.Namer)
	}
	if f.parquet, err = c.Out.Create(ctx, key); err != nil {
		return err
	}
	if c.JSON != nil {
		if f.json, err = c.JSON.Create(ctx, jsonKey(key)); err != nil {
			return errors.Join(err, f.parquet.Abort())
		}
	}
	f.writer = table.NewWriter(f.parquet, f.schema, c.Options)
	if named == nil && c.Names.MayFind() {
		find := func() (string, error) { return f.find(ctx, c.Names) }
		f.parquet.NameBy(find)
		if f.json != nil {
			f.json.NameBy(func() (string, error) {
				key, err := find()
				return jsonKey(key), err
			})
		}
	}
	return nil
}

// find finds the key of the Parquet object.
func (f *file) find(ctx context.Context, names *Names) (string, error) {
	named, err := names.Find(ctx)
	if err != nil {
		return "", err
	}
	return f.key(named.Namer), nil
}

// footerBytes is more than a row group adds to the footer and page index: an object must
// not exceed its bound by its end.
const footerBytes = 24 << 10

// fits reports whether the object stays within its bounds with another group.
func (f *file) fits(e Encoded, l Limits) bool {
	if l.ObjectRows > 0 && f.rows+int64(e.rows.Rows) > l.ObjectRows {
		return false
	}
	return f.bytes+e.rows.Bytes+footerBytes*int64(f.groups+1) <= l.ObjectBytes
}

func (f *file) write(e Encoded) error {
	rows := int64(e.rows.Rows)
	err := f.writer.Commit(e.rows)
	f.groups++
	f.rows += rows
	f.bytes = f.writer.Written()
	if err == nil && f.json != nil {
		_, err = f.json.Write(e.json)
		f.jsonBytes += int64(len(e.json))
	}
	return err
}

// close writes the footer, and frees all but what commit and abort need.
func (f *file) close() error {
	err := f.writer.Close()
	f.bytes = f.writer.Written()
	f.writer, f.schema = nil, nil
	err = errors.Join(err, f.parquet.Close())
	if f.json != nil {
		err = errors.Join(err, f.json.Close())
	}
	return err
}

// commit makes the copy visible first: whoever finds the Parquet object finds its copy
// too. What is there already, according to the ledger, stays.
func (f *file) commit(ctx context.Context, n Namer, e *Entry) error {
	key := f.key(n)
	keep := e != nil && e.Keeps(key)
	if keep {
		f.parquet.Keep()
	}
	if f.json != nil {
		if keep {
			f.json.Keep()
		}
		if err := f.json.Commit(ctx, jsonKey(key)); err != nil {
			return err
		}
	}
	if err := f.parquet.Commit(ctx, key); err != nil {
		return err
	}
	f.committed = key
	return nil
}

// leave drops an object whose rows are in another one: it was committed before.
func (f *file) leave(n Namer) error {
	err := f.abort()
	f.committed = f.key(n)
	return err
}

func (f *file) abort() error {
	if f.parquet == nil || f.committed != "" {
		return nil
	}
	err := f.parquet.Abort()
	if f.json != nil {
		err = errors.Join(err, f.json.Abort())
	}
	return err
}
