package source

import (
	"context"
	"io"
	"iter"
)

// Listing lists inputs. An error ends it.
type Listing func(ctx context.Context) iter.Seq2[Input, error]

// Select returns a Listing of those inputs for which keep is true.
func (l Listing) Select(keep func(Input) bool) Listing {
	return func(ctx context.Context) iter.Seq2[Input, error] {
		return func(yield func(Input, error) bool) {
			for in, err := range l(ctx) {
				if (err != nil || keep(in)) && !yield(in, err) {
					return
				}
			}
		}
	}
}

// Each gives the inputs with those that are listed in the place of the listings, and with
// each the number of the first of ins that is not given completely by then. The error of a listing
// becomes one input more that cannot be opened, as any of many may be.
func Each(ctx context.Context, ins []Input) iter.Seq2[int, Input] {
	return func(yield func(int, Input) bool) {
		for i, in := range ins {
			if in.Listing == nil {
				if !yield(i+1, in) {
					return
				}
				continue
			}
			for one, err := range in.Listing(ctx) {
				if err != nil {
					one = unlisted(in.Name, err)
				}
				if !yield(i, one) {
					return
				}
			}
		}
	}
}

// unlisted is in the place of what could not be listed.
func unlisted(name string, err error) Input {
	return Input{Name: "the rest of " + name, Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return nil, err }}
}

// List returns the inputs with those that are listed in the place of the listings.
func List(ctx context.Context, ins []Input) (all []Input, err error) {
	for _, in := range ins {
		if in.Listing == nil {
			all = append(all, in)
			continue
		}
		for one, err := range in.Listing(ctx) {
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// AnyIn reports whether there is an input among them, or in a listing of them.
func AnyIn(ctx context.Context, ins []Input) (bool, error) {
	for _, in := range ins {
		if in.Listing == nil {
			return true, nil
		}
		for _, err := range in.Listing(ctx) {
			return err == nil, err
		}
	}
	return false, nil
}
