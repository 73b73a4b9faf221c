package alert

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// The rest comes in the order of the line, under the keys of Path.String,
// numbers as they are written.
func TestRestOrder(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"plain", `{"z":1.50,"a":{"c":"x","b":[true,{"k":1e3},null,""]},"e":{},"f":[]}`, `z=1.50 a.c=x a.b.0=true a.b.1.k=1e3`},
		{"names", `{"data":{"win.system":{"x":1},"":2,"a b":3,"q\"":4,"é":5}}`, `data["win.system"].x=1 data[""]=2 data["a b"]=3 data["q\""]=4 data.é=5`},
		{"wrapped", `{"_index":"i","_source":{"a":1,"b":{"c":2}},"_id":"7"}`, `_index=i a=1 b.c=2 _id=7`},
		{"conflict", `{"a":0,"_source":{"a":1,"b":2},"b":{"x":3},"c":4}`, `a=1 b=2 c=4`},
		{"twice wrapped", `{"_source":{"_source":{"a":1},"b":2}}`, `_source.a=1 b=2`},
		{"wrapped in vain", `{"_source":"text","a":1}`, `_source=text a=1`},
		{"duplicate", `{"a":{"x":1,"y":2},"b":3,"a":{"z":4}}`, `a.z=4 b=3`},
		{"escapes", `{"a":"\u00e9\n","b":"x","c":"\ud800"}`, "a=é\n b=x c=\ufffd"},
	}
	sc := NewSpec(nil, true, Limits{}).NewScanner()
	for range 2 {
		for _, tt := range tests {
			if err := sc.Scan(tt.line); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			var got []string
			for _, l := range sc.Rest() {
				got = append(got, l.Key+"="+l.Value)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, s, tt.want)
			}
		}
	}
}

// The whole alert is the text of the line, and one made anew where the line
// was wrapped or said things twice.
func TestWhole(t *testing.T) {
	tests := []struct{ line, want string }{
		{` {"a" : [1, 2] } `, `{"a" : [1, 2] }`},
		{`{"_index":"i","_source":{"a":1.0},"_id":7}`, `{"_index":"i","a":1.0,"_id":7}`},
		{`{"a":1, "a":{"x":"\u0041","x":[ ]}}`, `{"a":{"x":[]}}`},
		{`{"_source":{}}`, `{}`},
		{`{"x":{"y":{"z":1,"z":2}}}`, `{"x":{"y":{"z":2}}}`},
	}
	for _, mode := range [][2]bool{{false, false}, {false, true}, {true, true}} {
		sc := NewSpec([]Want{{Used: mode[0]}}, mode[1], Limits{}).NewScanner()
		for _, tt := range tests {
			if err := sc.Scan(tt.line); err != nil {
				t.Errorf("%s: %v", tt.line, err)
			}
			got := sc.Value(0)
			if got.Origin = 0; !reflect.DeepEqual(got, Value{Kind: Object, Text: tt.want}) {
				t.Errorf("%s: got %+v, want %s", tt.line, got, tt.want)
			}
		}
	}
}

// A used want below a scalar covers nothing of it; one above covers all.
func TestCover(t *testing.T) {
	below := NewSpec([]Want{{Path{{Name: "a"}, {Name: "b"}}, true}}, true, Limits{}).NewScanner()
	if err := below.Scan(`{"a":"x"}`); err != nil || len(below.Rest()) != 1 {
		t.Errorf("a want below a scalar: rest %+v, error %v", below.Rest(), err)
	}
	above := NewSpec([]Want{{Path{{Name: "a"}}, true}, {Path{{Name: "a"}, {Name: "b"}}, false}}, true, Limits{}).NewScanner()
	if err := above.Scan(`{"a":{"b":1,"c":2}}`); err != nil || len(above.Rest()) != 0 {
		t.Errorf("a want above: rest %+v, error %v", above.Rest(), err)
	}
	if got := above.Value(1); got.Kind != Int || got.Num != 1 {
		t.Errorf("a want under a used one: %+v", got)
	}
}

// Once the names are known, a line costs no allocation; with escapes among
// the results that are kept, one.
func TestAllocations(t *testing.T) {
	for _, rest := range []bool{true, false} {
		sc := NewSpec(usual(), rest, Limits{}).NewScanner()
		allocations(t, sc, samples...) // while passages are learned
		if n := allocations(t, sc, samples...); n != 0 {
			t.Errorf("rest %v: %v allocations", rest, n)
		}
	}
	sc := NewSpec(usual(), true, Limits{}).NewScanner()
	line := `{"full_log":"a\nb","x":"\"c\""}` // too short for passages
	for keep, want := range map[bool]float64{false: 0, true: 1} {
		sc.Keep = keep
		if n := allocations(t, sc, line); n != want {
			t.Errorf("with escapes, kept %v: %v allocations, want %v", keep, n, want)
		}
	}
}

func allocations(t *testing.T, sc *Scanner, lines ...string) float64 {
	return testing.AllocsPerRun(50, func() {
		for _, line := range lines {
			if err := sc.Scan(line); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// What a scanner remembers and keeps is bounded, whatever it reads, and it
// still knows the wanted paths afterwards.
func TestBounds(t *testing.T) {
	spec := NewSpec(usual(), true, Limits{})
	sc := spec.NewScanner()
	for i := range 40 {
		var b strings.Builder
		for j := range 1000 {
			fmt.Fprintf(&b, `"k%d":{"x":[%d]},`, i*1000+j, j)
		}
		if err := sc.Scan(`{` + b.String() + `"id":"` + strconv.Itoa(i) + `"}`); err != nil {
			t.Fatal(err)
		}
		if got := sc.Value(10).Text; got != strconv.Itoa(i) {
			t.Errorf("line %d: id %q", i, got)
		}
		if len(sc.Rest()) != 1000 {
			t.Errorf("line %d: rest of %d", i, len(sc.Rest()))
		}
		if n := sc.memory.count; n > spec.nodes+1 {
			t.Errorf("line %d: %d nodes", i, n)
		}
	}
	for i := range 10 {
		var b strings.Builder
		for j := range 1000 {
			fmt.Fprintf(&b, `"%01000d":null,`, i*1000+j)
		}
		if err := sc.Scan(`{` + b.String() + `"id":null}`); err != nil || sc.memory.bytes > spec.nodeBytes {
			t.Errorf("line %d: %d bytes of names, error %v", i, sc.memory.bytes, err)
		}
	}
	for i := range 40 {
		name := strings.Repeat(strconv.Itoa(i%10), 2000)
		line := strings.Repeat(`{"`+name+`":`, i+1) + `{"` + name[:1000] + `":1,"b":[2,{"c":3}]}` + strings.Repeat("}", i+1)
		if err := sc.Scan(line); err != nil {
			t.Fatal(err)
		}
		if n := sc.memory.bytes; n > spec.nodeBytes {
			t.Errorf("line %d: %d bytes of names and keys", i, n)
		}
	}
	long := `{"a":"\n` + strings.Repeat("x", 4*keepScratch) + `","b":[` + strings.Repeat("1,", 3*keepLeaves) + `1]}`
	if err := sc.Scan(long); err != nil {
		t.Fatal(err)
	}
	if err := sc.Scan(`{}`); err != nil || cap(sc.scratch) > keepScratch || cap(sc.rest) > keepLeaves {
		t.Errorf("kept %d bytes of scratch and %d leaves, error %v", cap(sc.scratch), cap(sc.rest), err)
	}
}

// A guess is right in every byte: a name that differs in one place from the
// one that was there before is another.
func TestLookalike(t *testing.T) {
	for size := 1; size <= 24; size++ {
		name := strings.Repeat("n", size)
		for i := range size {
			sc := NewSpec(nil, true, Limits{}).NewScanner()
			other := name[:i] + "m" + name[i+1:]
			for _, k := range []string{name, other, name[:size-1] + `":"`, name, name + `"=1,"x`, name + "n", other} {
				line := `{"` + k + `":"1","padding to the end":"of the line"}`
				_, ok := reference(line, Limits{})
				if err := sc.Scan(line); (err == nil) != ok || ok && sc.Rest()[0] != (Leaf{Key: k, Value: "1"}) {
					t.Fatalf("%s: got %+v, error %v", line, sc.Rest(), err)
				}
			}
		}
	}
}

// Positions of a list beyond those that a scanner remembers are read too.
func TestFarItems(t *testing.T) {
	line := `{"a":[` + strings.Repeat(`{"b":1},`, 5000) + `{"b":"last"}]}`
	wants := []Want{{Path{{Name: "a"}, {Index: 5000, IsIndex: true}, {Name: "b"}}, true}, {Path{{Name: "a"}, {Index: 1 << 40, IsIndex: true}}, true}}
	for _, rest := range []bool{true, false} {
		sc := NewSpec(wants, rest, Limits{}).NewScanner()
		if err := sc.Scan(line); err != nil || sc.Value(0).Text != "last" || sc.Value(1) != (Value{}) {
			t.Errorf("got %+v and %+v, error %v", sc.Value(0), sc.Value(1), err)
		}
		if n := len(sc.Rest()); rest && (n != 5000 || sc.Rest()[4999].Key != "a.4999.b") {
			t.Errorf("rest of %d", n)
		}
	}
}

// Leaves whose keys would pass a limit come as the JSON of the list or object that they
// are in, the innermost that does it, and nothing is lost.
func TestLeavesOverLimit(t *testing.T) {
	name := strings.Repeat("k", 40)
	sc := NewSpec([]Want{{Path{{Name: "a"}}, true}}, true, Limits{KeyBytes: 100}).NewScanner()
	inner := `{"` + name + `":[1,2,3]}`
	if err := sc.Scan(`{"a":` + inner + `}`); err != nil {
		t.Fatal(err)
	}
	if got := sc.AppendLeaves(nil, 0); !reflect.DeepEqual(got, []Leaf{{Key: "a." + name, Value: "[1,2,3]"}}) || !sc.Joined() {
		t.Errorf("got %+v", got)
	}
	if err := sc.Scan(`{"a":1}`); err != nil || sc.Joined() {
		t.Errorf("the line after it: %v, joined %t", err, sc.Joined())
	}
}

// The rest of a line with long names is bounded by the limits and the line, and holds the
// text of every leaf, whatever lines came before.
func TestTheRestIsBounded(t *testing.T) {
	k := strings.Repeat("k", 50)
	lines := map[string][]string{ // to the keys of the rest
		`{"a":{"` + k + `":[1,2]},"b":1}`:                                                                {"a." + k + ".0", "a." + k + ".1", "b"},
		`{"a":{"` + k + `":[1,2,3,4]},"b":1}`:                                                            {"a." + k, "b"},
		`{"` + k + `":{"c":1,"d":{"e":[2,3,4]},"f":[]},"b":1}`:                                           {k, "b"},
		`{"` + k + `":[1,2,3],"x` + k + `":[1,2,3],"y` + k + `":[1,2,3],"z":[[[1,2]],[[3,4]]],"b":true}`: {k + ".0", k + ".1", k + ".2", "x" + k + ".0", "x" + k + ".1", "x" + k + ".2", "y" + k, "z", "b"},
	}
	sc := NewSpec(nil, true, Limits{PathBytes: 200, KeyBytes: 370}).NewScanner()
	for range 3 { // the names are new, then known
		for line, want := range lines {
			if err := sc.Scan(line); err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, l := range sc.Rest() {
				keys = append(keys, l.Key)
			}
			if !reflect.DeepEqual(keys, want) || sc.Joined() == strings.Contains(line, "[1,2]}") {
				t.Errorf("%s: got %q, joined %t", line, keys, sc.Joined())
			}
		}
	}
}

// A Spec is shared: scanners of several goroutines do not meet.
func TestShared(t *testing.T) {
	spec := NewSpec(usual(), true, Limits{})
	want := scanLine(spec.NewScanner(), usual(), samples[0])
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			sc := spec.NewScanner()
			for i := range 200 {
				scanLine(sc, usual(), samples[(g+i)%len(samples)])
				if got := scanLine(sc, usual(), samples[0]); !reflect.DeepEqual(got, want) {
					t.Errorf("goroutine %d, line %d: other results", g, i)
					return
				}
			}
		})
	}
	wg.Wait()
}
