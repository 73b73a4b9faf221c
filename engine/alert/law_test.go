package alert

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// result is all that a scanner gives of a line.
type result struct {
	err    string
	values []Value
	rest   []Leaf
	leaves [][]Leaf
	missed []int // wants that There and AppendThere do not have as they should
}

// scanLine copies the results, since the next line overwrites them.
func scanLine(sc *Scanner, wants []Want, line string) result {
	return resultOf(&sc.Reader, sc.Scan(line), wants)
}

func resultOf(r *Reader, err error, wants []Want) result {
	var out result
	if err != nil {
		out.err = err.Error()
	}
	there, places := r.There(nil), map[int]int{}
	for _, i := range r.AppendThere(nil) {
		places[r.Place(int(i))]++
	}
	for i := range wants {
		v := r.Value(i)
		if v.Kind != Nil && (!r.Has(there, i) || places[r.Place(i)] != 1) {
			out.missed = append(out.missed, i)
		}
		if has := min(places[r.Place(i)], 1) == 1; has != r.Has(there, i) {
			out.missed = append(out.missed, i)
		}
		out.values = append(out.values, v)
		out.leaves = append(out.leaves, r.AppendLeaves(nil, i))
	}
	for _, l := range r.Rest() {
		out.rest = append(out.rest, Leaf{Key: l.Key, Value: l.Value})
	}
	return out
}

func limitsOf(mask uint16) Limits {
	if mask&(1<<13) != 0 {
		return Limits{Depth: 5, Leaves: 20}
	}
	return Limits{}
}

// FuzzReference states four laws. A line is accepted exactly if encoding/json
// takes it as one object, it is UTF-8 and within the limits. Values are those
// of a walk of its maps. The rest is its leaves but the covered ones. What has a value is there.
func FuzzReference(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, line, _ string, mask uint16) {
		wants, lim := wanted(mask), limitsOf(mask)
		spec := NewSpec(wants, mask&(1<<14) != 0, lim)
		got := scanLine(spec.NewScanner(), wants, line)
		alert, ok := reference(line, lim)
		if ok != (got.err == "") {
			t.Fatalf("%q: reference accepts: %v, error of Scan: %q", line, ok, got.err)
		}
		if len(got.missed) > 0 {
			t.Fatalf("%q: the set of what is there lacks the wants %v, which have values", line, got.missed)
		}
		var used []Path
		for i, w := range wants {
			want := any(nil)
			if ok {
				want = at(alert, w.Path)
			}
			if x := data(t, got.values[i]); !reflect.DeepEqual(x, plainly(want)) {
				t.Errorf("%q at %s: got %#v, want %#v", line, w.Path, x, plainly(want))
			}
			if number, ok := want.(json.Number); ok && string(got.values[i].AppendText(nil)) != string(number) {
				t.Errorf("%q at %s: the number %s becomes the text %s", line, w.Path, number, got.values[i].AppendText(nil))
			}
			if want := sorted(leavesOf(want, w.Path, nil)); fmt.Sprint(sorted(got.leaves[i])) != fmt.Sprint(want) {
				t.Errorf("%q leaves of %s: got %+v, want %+v", line, w.Path, got.leaves[i], want)
			}
			if w.Used {
				used = append(used, w.Path)
			}
		}
		var rest []Leaf
		if ok && mask&(1<<14) != 0 {
			rest = sorted(leavesOf(alert, nil, used))
		}
		if fmt.Sprint(sorted(got.rest)) != fmt.Sprint(rest) {
			t.Errorf("%q rest: got %+v, want %+v", line, got.rest, rest)
		}
	})
}

// FuzzMemory states that results never depend on the lines before: a scanner
// that saw another line, and one whose memory is full at once, give what a
// fresh one gives, errors and order included.
func FuzzMemory(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, line, before string, mask uint16) {
		wants, rest, lim := wanted(mask), mask&(1<<14) != 0, limitsOf(mask)
		spec := NewSpec(wants, rest, lim)
		want := scanLine(spec.NewScanner(), wants, line)
		warm := spec.NewScanner()
		for range 2 {
			scanLine(warm, wants, before)
			if got := scanLine(warm, wants, line); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q after %q:\n got %+v\nwant %+v", line, before, got, want)
			}
		}
		if got := scanLine(warm, wants, line); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q again:\n got %+v\nwant %+v", line, got, want)
		}
		small := NewSpec(wants, rest, lim)
		small.nodes, small.nodeBytes = 20+int(mask%8), 64+int(mask%64)
		tight := small.NewScanner()
		for range 2 {
			scanLine(tight, wants, before)
			if got := scanLine(tight, wants, line); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q with little memory:\n got %+v\nwant %+v", line, got, want)
			}
		}
	})
}

// FuzzShared states that a reading gets from a shared scan what a scanner of its
// own gives, whatever the others read and whatever the lines before were.
func FuzzShared(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, line, before string, mask uint16) {
		lim := limitsOf(mask)
		readings := []Reading{{wanted(mask), mask&(1<<14) != 0}, {wanted(^mask), true}, {wanted(mask)[:3], false}, {nil, mask&1 != 0}, {wanted(mask<<3 | mask>>4), true}}
		sc := NewSharedSpec(readings, lim).NewScanner()
		for _, l := range []string{before, line, line} {
			err := sc.Scan(l)
			for i, r := range readings {
				want := scanLine(NewSpec(r.Wants, r.Rest, lim).NewScanner(), r.Wants, l)
				if got := resultOf(sc.NewReader(i), err, r.Wants); !reflect.DeepEqual(got, want) {
					t.Fatalf("%q, reading %d:\n got %+v\nwant %+v", l, i, got, want)
				}
			}
		}
	})
}

// FuzzUnion states that the used leaves and the rest are together all leaves,
// and that no leaf is twice.
func FuzzUnion(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, line, _ string, mask uint16) {
		wants := wanted(mask)
		sc := NewSpec(wants, true, Limits{}).NewScanner()
		all := scanLine(NewSpec(nil, true, Limits{}).NewScanner(), nil, line)
		part := scanLine(sc, wants, line)
		got := part.rest
		var done []Path
		for i, w := range wants {
			if !w.Used || coveredBy(w.Path, done) || coveredBy(w.Path, above(wants, w.Path)) {
				continue
			}
			done = append(done, w.Path)
			got = append(got, part.leaves[i]...)
		}
		if fmt.Sprint(sorted(got)) != fmt.Sprint(sorted(all.rest)) {
			t.Errorf("%q: used and rest %+v, all %+v", line, sorted(got), sorted(all.rest))
		}
	})
}

// above lists the used paths that are strictly above p.
func above(wants []Want, p Path) []Path {
	var out []Path
	for _, w := range wants {
		if w.Used && len(w.Path) < len(p) {
			out = append(out, w.Path)
		}
	}
	return out
}

func coveredBy(p Path, used []Path) bool {
	for _, u := range used {
		if len(u) <= len(p) && reflect.DeepEqual(append(Path{}, u...), append(Path{}, p[:len(u)]...)) {
			return true
		}
	}
	return false
}

func seeds(f *testing.F) {
	all := append(append([]string{}, samples...), corners...)
	for i, line := range all {
		f.Add(line, `{"_source":{"_source":{"a":1},"b":2}}`, uint16(0x4000))
		for _, mask := range []uint16{0, 0xffff, 0x4001, 0x8000, 0x4000, 0x5555, 0xc000, 0x2aaa} {
			f.Add(line, all[(i*7+3)%len(all)], mask)
		}
	}
}

// Every byte is judged alike wherever it stands in a string, in a name or a
// value, at the end of the line or far from it.
func TestBytes(t *testing.T) {
	sc := NewSpec(nil, true, Limits{}).NewScanner()
	for c := range 256 {
		for i := range 17 {
			text := strings.Repeat("x", i) + string([]byte{byte(c)}) + strings.Repeat("y", 16-i)
			for _, line := range []string{`{"k":"` + text + `","l":"` + text[:i+1] + `"}`, `{"` + text + `":1,"z":"0123456789"}`} {
				_, ok := reference(line, Limits{})
				if err := sc.Scan(line); (err == nil) != ok {
					t.Fatalf("%q: %v", line, err)
				}
			}
		}
	}
}

// A cut anywhere in an alert is an error, and its offset is where the line
// ends.
func TestCut(t *testing.T) {
	sc := NewSpec(nil, true, Limits{}).NewScanner()
	for _, line := range samples {
		for i := 1; i < len(line); i++ {
			var e *Error
			if err := sc.Scan(line[:i]); !errors.As(err, &e) {
				t.Fatalf("cut at %d: no error", i)
			}
			// A word that is cut is reported where it begins.
			if e.Offset < i-len("fals") || e.Offset > i {
				t.Errorf("cut at %d: offset %d: %v", i, e.Offset, e)
			}
		}
	}
}

// Errors name the place and the reason and hold nothing of the alert.
func TestErrors(t *testing.T) {
	tests := []struct{ line, want string }{
		{``, "column 1: the line is empty; an alert is a JSON object"},
		{` [1]`, "column 2: the line is a JSON array; an alert is an object"},
		{`"secret"`, "column 1: the line is a JSON string; an alert is an object"},
		{`nope`, "column 1: expected a value; the only words in JSON are true, false and null"},
		{`{"a":1,}`, "column 8: expected a member's name in quotes, found '}'"},
		{`{"a":1 "b"}`, "column 8: expected a comma or } in an object, found '\"'"},
		{`{"a":[1;2]}`, "column 8: expected a comma or ] in a list, found ';'"},
		{`{"a":01}`, "column 7: expected a comma or } in an object, found '1'"},
		{`{"a":-x}`, "column 7: expected a digit of a number, found 'x'"},
		{`{"a"=1}`, "column 5: expected a colon after a member's name, found '='"},
		{`{"a":`, "column 6: expected a value, but the line ends here: it is truncated"},
		{`{"a":"x`, "column 8: the line ends inside a string: it is truncated"},
		{`{"a":"x\q"}`, `column 8: an escape that JSON does not have: write a backslash in a string as \\`},
		{"{\"a\":\"x\ty\"}", "column 8: control character 0x09 inside a string: JSON requires an escape"},
		{"{\"a\":\"x\xc3y\"}", "column 8: byte 0xc3 is not valid UTF-8: the line must be UTF-8"},
		{`{}{}`, "column 3: more text after the end of the value, found '{': a line holds one alert"},
		{"\ufeff{}", "column 1: expected a value, found byte 0xef"},
		{`{"a":{"b":{"c":{"d":1}}}}`, "column 16: lists and objects are nested more than 3 deep"},
		{`{"a":[[[[1]]]]}`, "column 8: lists and objects are nested more than 3 deep"},
		{`{"a":[1,2,3,4,5,6,7]}`, "column 19: the alert has more than 8 values"},
	}
	sc := NewSpec(nil, true, Limits{Depth: 3, Leaves: 8, KeyBytes: 100}).NewScanner()
	for range 2 {
		for _, tt := range tests {
			err := sc.Scan(tt.line)
			if err == nil || err.Error() != tt.want {
				t.Errorf("%q:\n got %v\nwant %s", tt.line, err, tt.want)
			}
			if len(sc.Rest()) != 0 {
				t.Errorf("%q: a rest beside an error", tt.line)
			}
		}
	}
}
