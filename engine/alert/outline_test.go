package alert

import (
	"slices"
	"strings"
	"testing"
)

// Law: what the outline of an object says of its leaves is what the object says, at any limit of keys. (FuzzPassages
// compares both for objects of all kinds.)
func TestOutlineKeepsLimits(t *testing.T) {
	line := `{"a member of the rest":1,"data":{"a":1,"list":[` + strings.Repeat("1,", 30) + `1],"b":"text","c":{"d":[` + strings.Repeat("2,", 20) + `2],"e":"","f":"\n"},"g":true}}`
	data := Step{Name: "data"}
	wants := []Want{{Path: Path{data}, Used: true}, {Path: Path{data, {Name: "a"}}}}
	outlined, joined := 0, 0
	for limit := range 600 {
		for _, l := range []Limits{{KeyBytes: limit + 1}, {PathBytes: limit + 1}} {
			sc := NewSpec(wants, true, l).NewScanner()
			for range 2 {
				if err := sc.Scan(line); err != nil {
					t.Fatal(err)
				}
			}
			outlined += min(1, len(sc.spans))
			got := sc.AppendUnwritten(nil, new(Origins))
			joins := sc.Joined()
			sc.spans, sc.joined, sc.joinedIn = nil, false, 0
			want := sc.AppendUnwritten(nil, new(Origins))
			if !slices.Equal(got, want) || joins != sc.Joined() {
				t.Errorf("with %+v:\n got %v\nwant %v", l, got, want)
			}
			if joins {
				joined++
			}
		}
	}
	if outlined < 500 || joined < 200 {
		t.Errorf("%d outlines, %d objects that are one leaf", outlined, joined)
	}
}
