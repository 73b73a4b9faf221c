package lake

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/runtime/table"
)

// clearCopy removes the JSON copy of an object, if there are copies.
func (c *StoreConfig) clearCopy(ctx context.Context, key string) error {
	if c.JSON == nil {
		return nil
	}
	return removeOrEmpty(ctx, c.JSON, jsonKey(key), packedNothing)
}

// clear removes an object. One that may not be removed gets the schema of its table and no
// rows: then gone is false.
func (c *StoreConfig) clear(ctx context.Context, key string) (gone bool, err error) {
	err = c.Out.Remove(ctx, key)
	if !errors.Is(err, ErrMayNotRemove) {
		return err == nil, err
	}
	blank, err := c.blank(key)
	if err != nil {
		return false, err
	}
	return false, put(ctx, c.Out, key, blank)
}

// blank returns an object of the key's table without rows.
func (c *StoreConfig) blank(key string) ([]byte, error) {
	for _, t := range c.Tables {
		if strings.HasPrefix(key, "ext/"+t.Source+"/") {
			var b bytes.Buffer
			err := table.NewWriter(&b, t.Schema, c.Options).Close()
			return b.Bytes(), err
		}
	}
	return nil, fmt.Errorf("%s is of a custom source that this run does not fill: this is a bug in sluice, please report it", key)
}

// removeLines removes files of kept lines. One that may not be removed is emptied.
func removeLines(ctx context.Context, rejects Sink, keys []string) error {
	for _, key := range keys {
		nothing := func() []byte { return nil }
		if strings.HasSuffix(key, ".gz") {
			nothing = packedNothing
		}
		if err := removeOrEmpty(ctx, rejects, key, nothing); err != nil {
			return err
		}
	}
	return nil
}

func removeOrEmpty(ctx context.Context, s Sink, key string, nothing func() []byte) error {
	err := s.Remove(ctx, key)
	if errors.Is(err, ErrMayNotRemove) {
		return put(ctx, s, key, nothing())
	}
	return err
}

// packedNothing is a gzip stream of no bytes.
func packedNothing() []byte {
	var b bytes.Buffer
	_ = gzip.NewWriter(&b).Close() // a Buffer takes everything
	return b.Bytes()
}

// put writes an object of these bytes.
func put(ctx context.Context, s Sink, key string, data []byte) error {
	o, err := s.Create(ctx, key)
	if err != nil {
		return err
	}
	_, err = o.Write(data)
	if err == nil {
		err = o.Close()
	}
	if err == nil {
		err = o.Commit(ctx, key)
	}
	if err != nil {
		return errors.Join(err, o.Abort())
	}
	return nil
}
