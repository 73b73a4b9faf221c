package s3test

import (
	"slices"
	"strings"
)

// bucket is objects by key. The keys are in order too: a listing must not cost as much as
// the bucket is large.
type bucket struct {
	objects map[string]Object
	keys    []string
}

func (b *bucket) get(key string) (o Object, found bool) {
	if b != nil {
		o, found = b.objects[key]
	}
	return o, found
}

func (b *bucket) put(key string, o Object) {
	if at, found := slices.BinarySearch(b.keys, key); !found {
		b.keys = slices.Insert(b.keys, at, key)
	}
	b.objects[key] = o
}

func (b *bucket) remove(key string) {
	if at, found := slices.BinarySearch(b.keys, key); found {
		b.keys = slices.Delete(b.keys, at, at+1)
	}
	delete(b.objects, key)
}

// after gives the keys with a prefix that come after a key, in order. They are valid until
// the next change.
func (b *bucket) after(prefix, key string) []string {
	from, _ := slices.BinarySearch(b.keys, prefix)
	if key >= prefix {
		at, found := slices.BinarySearch(b.keys, key)
		if found {
			at++
		}
		from = max(from, at)
	}
	to := from
	for to < len(b.keys) && strings.HasPrefix(b.keys[to], prefix) {
		to++
	}
	return b.keys[from:to]
}
