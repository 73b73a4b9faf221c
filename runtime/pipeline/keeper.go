package pipeline

import (
	"compress/gzip"
	"context"
	"errors"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// keeper writes the lines of one input that did not become events, as they come, into
// objects of their own. It belongs to one goroutine at a time.
type keeper struct {
	sink      lake.Sink
	kind      string // of the lines; part of the name
	folder    string // key up to the name
	gzip      bool
	partBytes int64

	parts []lake.Object // the last one is being written if open is set
	open  bool
	size  int64 // bytes of lines in the last part
	zip   *gzip.Writer
}

// write adds complete lines, at least one.
func (k *keeper) write(ctx context.Context, names *lake.Names, lines []byte) error {
	if k.open && k.partBytes > 0 && k.size >= k.partBytes {
		if err := k.close(); err != nil {
			return err
		}
	}
	if !k.open {
		if err := k.begin(ctx, names); err != nil {
			return err
		}
	}
	k.size += int64(len(lines))
	var err error
	if k.zip != nil {
		_, err = k.zip.Write(lines)
	} else {
		_, err = k.parts[len(k.parts)-1].Write(lines)
	}
	return err
}

func (k *keeper) begin(ctx context.Context, names *lake.Names) error {
	key, part, named := k.folder, len(k.parts), names.Known()
	if named != nil {
		key = k.key(named.Namer, part)
	}
	o, err := k.sink.Create(ctx, key)
	if err != nil {
		return err
	}
	if named == nil && names.MayFind() {
		o.NameBy(func() (string, error) {
			named, err := names.Find(ctx)
			if err != nil {
				return "", err
			}
			return k.key(named.Namer, part), nil
		})
	}
	k.parts, k.open, k.size = append(k.parts, o), true, 0
	if k.gzip {
		k.zip = gzip.NewWriter(o)
	}
	return nil
}

func (k *keeper) key(n lake.Namer, part int) string {
	key := k.folder + n.Lines(k.kind, part) + ".ndjson"
	if k.gzip {
		key += ".gz"
	}
	return key
}

func (k *keeper) close() error {
	if !k.open {
		return nil
	}
	k.open = false
	var err error
	if k.zip != nil {
		err = k.zip.Close()
		k.zip = nil
	}
	return errors.Join(err, k.parts[len(k.parts)-1].Close())
}

// keys returns the keys of all objects.
func (k *keeper) keys(n lake.Namer) (keys []string) {
	for part := range k.parts {
		keys = append(keys, k.key(n, part))
	}
	return keys
}

// finish commits the objects and returns their keys.
func (k *keeper) finish(ctx context.Context, n *lake.Named) (keys []string, err error) {
	if err := k.close(); err != nil {
		return nil, err
	}
	for i, o := range k.parts {
		key := k.key(n.Namer, i)
		if n.Entry != nil && n.Entry.KeepsLines(key) {
			o.Keep()
		}
		if err := o.Commit(ctx, key); err != nil {
			return keys, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (k *keeper) abort() error {
	var errs []error
	for _, o := range k.parts {
		errs = append(errs, o.Abort())
	}
	k.open = false
	return errors.Join(errs...)
}
