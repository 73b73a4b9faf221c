package syntax

import "testing"

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b Scalar
		same bool
	}{
		{Scalar{Int, "2"}, Scalar{Float, "2.0"}, true},
		{Scalar{Int, "0x10"}, Scalar{Int, "16"}, true},
		{Scalar{Int, "1_000"}, Scalar{Float, "1e3"}, true},
		{Scalar{Int, "9007199254740993"}, Scalar{Int, "9007199254740992"}, false},
		{Scalar{Int, "2"}, Scalar{String, "2"}, false},
		{Scalar{Bool, "True"}, Scalar{Bool, "true"}, true},
		{Scalar{Bool, "true"}, Scalar{String, "true"}, false},
		{Scalar{Null, "~"}, Scalar{Null, ""}, true},
		{Scalar{String, "a"}, Scalar{String, "a"}, true},
		{Scalar{String, "a"}, Scalar{String, "A"}, false},
		{Scalar{Float, ".inf"}, Scalar{Float, ".inf"}, true},
		{Scalar{Float, "1e99999999"}, Scalar{Float, "1e99999998"}, false},
		{Scalar{String, "2026-03-14T00:00:00Z"}, Scalar{Int, "1773446400000"}, true},
		{Scalar{String, "2026-03-14T01:00:00.5+01:00"}, Scalar{Int, "1773446400500"}, true},
		{Scalar{String, "2026-03-14T00:00:00Z"}, Scalar{Int, "1773446400"}, false},
		{Scalar{String, "2026-03-14T00:00:00Z"}, Scalar{String, "2026-03-14T01:00:00+01:00"}, false},
	} {
		if c.a.Same(c.b) != c.same || c.b.Same(c.a) != c.same {
			t.Errorf("%v and %v: same is not %v", c.a, c.b, c.same)
		}
	}
}
