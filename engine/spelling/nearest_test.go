package spelling

import (
	"math/rand/v2"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"activity_id", "finding_info", "message", "severity", "severity_id", "time", "$each", "$when"}
	for written, want := range map[string]string{
		"mesage": "message", "messgae": "message", "Message": "message", "severty": "severity", "severity_di": "severity_id",
		"finding": "finding_info", "$eech": "$each", "tiem": "time",
		"": "", "x": "", "id": "", "unmapped": "", "info": "finding_info", "class_uid": "",
	} {
		if got := Nearest(written, names); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
	if got := DidYouMean("mesage", names); got != "; did you mean `message`?" {
		t.Error(got)
	}
	if got := DidYouMean("nothing like it", names); got != "" {
		t.Error(got)
	}
}

// Law: what is counted up to a bound is the same up to it, and more than it beyond.
func TestDistanceWithinABound(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		text := make([]byte, random.IntN(9))
		for i := range text {
			text[i] = "abc"[random.IntN(3)]
		}
		return string(text)
	}
	var kept rows
	near := 0
	for range 20_000 {
		a, b := word(), word()
		whole := new(rows).distance(a, b, len(a)+len(b))
		for most := range 6 {
			switch got := kept.distance(a, b, most); {
			case whole <= most && got != whole, whole > most && got <= most:
				t.Fatalf("%q and %q within %d: %d, counted whole %d", a, b, most, got, whole)
			case whole <= most:
				near++
			}
		}
		if back := kept.distance(b, a, len(a)+len(b)); back != whole {
			t.Fatalf("%q and %q: %d and %d", a, b, whole, back)
		}
	}
	if near < 10_000 {
		t.Errorf("only %d words were near", near)
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "acb", 1}, {"abc", "cab", 2}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"", "xyz", 3}} {
		if got := kept.distance(c.a, c.b, 9); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
