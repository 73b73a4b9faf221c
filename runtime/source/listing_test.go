package source

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
)

// listingOf is a listing of n inputs that counts what it was asked for, and fails behind them
// with err.
func listingOf(n int, asked *int, err error) Listing {
	return func(context.Context) iter.Seq2[Input, error] {
		return func(yield func(Input, error) bool) {
			for i := range n {
				*asked++
				if !yield(bytesInput(fmt.Sprint("listed ", i), []byte("x"), atOnce), nil) {
					return
				}
			}
			if err != nil {
				yield(Input{}, err)
			}
		}
	}
}

// A listing is asked for no more than is read, and stands for its inputs in their place; its error
// is that of an input behind them.
func TestListingsAreReadAsFarAsAskedFor(t *testing.T) {
	asked, broken := 0, errors.New("broken")
	odd := listingOf(5, &asked, broken).Select(func(in Input) bool { return in.Name != "listed 1" })
	ins := []Input{bytesInput("a", nil, atOnce), {Name: "p", Size: -1, Listing: odd}, bytesInput("z", nil, atOnce)}
	var got []string
	for first, in := range Each(t.Context(), ins) {
		name := in.Name
		if _, err := in.Open(t.Context()); err != nil {
			name += ": " + err.Error()
		}
		got = append(got, fmt.Sprint(first, " ", name))
		if in.Name == "listed 2" && asked != 3 {
			t.Errorf("%d were asked for when the third was read", asked)
		}
	}
	if want := "1 a, 1 listed 0, 1 listed 2, 1 listed 3, 1 listed 4, 1 the rest of p: broken, 3 z"; strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	if _, err := List(t.Context(), ins); err != broken {
		t.Errorf("the error is %v", err)
	}
	asked = 0
	for range Each(t.Context(), ins[1:]) {
		break
	}
	if some, err := AnyIn(t.Context(), ins[1:2]); asked != 2 || !some || err != nil {
		t.Errorf("%d were asked for, %t, %v", asked, some, err)
	}
	if some, err := AnyIn(t.Context(), []Input{{Listing: listingOf(0, &asked, broken)}}); some || err != broken {
		t.Errorf("%t, %v", some, err)
	}
	if all, err := List(t.Context(), []Input{{Listing: listingOf(2, &asked, nil)}, ins[0]}); len(all) != 3 || err != nil {
		t.Errorf("%d inputs, %v", len(all), err)
	}
}
