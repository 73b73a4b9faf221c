package alert

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// Law: what is made of values comes from all places that they come from, and from no other. What
// comes from one place has its origin, what comes from none has none.
func TestUnionIsAllPlaces(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	o := new(Origins)
	for range 500 {
		o.Reset()
		want := map[Origin]bool{}
		var some func(depth int) []Value
		some = func(depth int) []Value {
			values := make([]Value, random.IntN(4))
			for i := range values {
				if depth > 0 && random.IntN(3) == 0 {
					values[i] = OfList(some(depth - 1))
				}
				if at := Origin(random.IntN(9)); at > 0 {
					values[i].Origin, want[at] = at, true
				}
			}
			return values
		}
		values := some(2)
		places := len(appendOrigins(nil, &Value{Kind: List, list: &values}))
		made := o.Union(values)
		switch {
		case places == 0 && made != 0, places == 1 && !want[made], places > 1 && made < several:
			t.Fatalf("of %d places comes %d", places, made)
		}
		got := map[Origin]bool{}
		o.Write(&Value{Kind: Text, Origin: made})
		o.Since(0, func(at Origin) { got[at] = true })
		if !maps.Equal(got, want) {
			t.Fatalf("it comes from %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
}

// Law: a part of a made value comes from where the whole does, unless it has an origin of its own,
// whichever way it is reached.
func TestPartsComeFromTheWhole(t *testing.T) {
	own := Value{Kind: Text, Text: "own", Origin: 9}
	list := OfList([]Value{OfText("item"), own})
	object := OfObject([]Member{{"a", OfText("item")}, {"b", own}})
	list.Origin, object.Origin = 7, 7
	it := list.Items()
	for i, want := range []Origin{7, 9} {
		if !it.Next() || it.Value().Origin != want {
			t.Errorf("item %d comes from %d, want %d", i, it.Value().Origin, want)
		}
		if got := list.Index(i); got.Origin != want {
			t.Errorf("item %d by its index comes from %d, want %d", i, got.Origin, want)
		}
		if got, _ := object.Member(string(rune('a' + i))); got.Origin != want {
			t.Errorf("member %d comes from %d, want %d", i, got.Origin, want)
		}
	}
}

// Law: Within is true for the places of a line that lie in a value, for those alone, and for the
// last line alone; Origin is its inverse.
func TestWithinIsWhereTheValueLies(t *testing.T) {
	wants := []Want{{Path: Path{{Name: "text"}}}, {Path: Path{{Name: "list"}}}, {Path: Path{{Name: "object"}}}, {Path: Path{{Name: "number"}}}}
	sc := NewSpec(wants, false, Limits{}).NewScanner()
	for _, line := range []string{
		`{"text":"some","list":[1,"two"],"object":{"a":{"b":[]}},"number":12}`,
		`{"object":{},"text":"\u0041"}`,
		`{"number":7}`,
		`{}`,
	} {
		if err := sc.Scan(line); err != nil {
			t.Fatal(err)
		}
		for i := range wants {
			v := sc.Value(i)
			for at := range len(line) + 2 {
				place := originAt(at)
				begin := int(v.Origin - originAt(0))
				want := v.Kind != Nil && (at == begin || v.IsRaw() && at > begin && at < begin+len(v.Text))
				offset, inside := sc.Within(i, place)
				if inside != want || inside && sc.Origin(i, offset) != place {
					t.Errorf("%s: place %d and want %d: %d %t, want %t", line, at, i, offset, inside, want)
				}
			}
		}
	}
}

// Law: which leaves were written follows from what is noted for this line, whatever was noted for
// the lines before it.
func TestLeavesForgetTheLineBefore(t *testing.T) {
	const line = `{"a":1,"b":[2,{"c":3}]}`
	var v Visitor
	written := func(places ...int) (keys []string) {
		o := new(Origins)
		for _, place := range places {
			o.Written(originAt(place))
		}
		for range 2 { // again, with the same notes
			keys = nil
			v.Leaves(line, []*Origins{o}, func(l *Visit) {
				if l.In != 0 {
					keys = append(keys, Path(l.Steps).String())
				}
			})
		}
		o.Reset()
		v.Leaves(line, []*Origins{o}, func(l *Visit) {
			if l.In != 0 {
				t.Errorf("%s counts as written after a Reset", Path(l.Steps))
			}
		})
		return keys
	}
	for _, c := range []struct {
		places []int
		want   []string
	}{{nil, nil}, {[]int{5}, []string{"a"}}, {[]int{11}, []string{"b.0", "b.1.c"}}, {[]int{19}, []string{"b.1.c"}}, {[]int{12, 5}, []string{"a", "b.0"}}} {
		if got := written(c.places...); !slices.Equal(got, c.want) {
			t.Errorf("with %v written: %v, want %v", c.places, got, c.want)
		}
	}
}
