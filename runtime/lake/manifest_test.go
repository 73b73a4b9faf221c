package lake

import (
	"reflect"
	"strings"
	"testing"
)

// A manifest is read back as it was written, and is written alike then: so a run that
// changes nothing can be told from one that does.
func TestManifestsAreReadBack(t *testing.T) {
	for _, m := range []*Manifest{
		{ID: "a"},
		{ID: "b", Identity: "i", Name: "n\xff\u2028", UUID: "u", Destination: Destination{"o", "r", "a", []string{"s"}}, Copies: "c", Mappings: []string{"m"},
			Strict: true, Digest: "d", Outcomes: Outcomes{7, 1, 2, 3, 4, 5, 6}, Days: []string{"20260314"}, Refused: []string{"20990101"},
			Objects: []ManifestObject{{"k", 1, 2, false}, {"l", 3, 4, true}}, Rejects: []string{"x"}, Unmatched: []string{"y"}, Generation: 2,
			Stale: []string{"z"}, Replaced: []string{"w"}, Pending: &Pending{"d", []string{"k"}, []string{"x"}, []string{"g"}, true}},
	} {
		text := m.Encode()
		got, err := ParseManifest(text)
		if err != nil || string(got.Encode()) != string(text) || strings.Count(string(text), "\n") != 1 {
			t.Errorf("%s was read back as %s, %v", text, got.Encode(), err)
		}
	}
	// A run over its input would meet it again: what helps is to remove it.
	const damaged = "remove it, and run its input again"
	for text, says := range map[string]string{"": damaged, "{": damaged, "{}": damaged, "null": damaged, "[]": damaged, `{"manifest":"1"}`: damaged, `{"manifest":2}`: "format 2"} {
		if _, err := ParseManifest([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q gives %v", text, err)
		}
	}
}

// Manifests of other contents or destinations have other names.
func TestManifestIDsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, identity := range []string{"a", "b"} {
		for _, d := range []Destination{{"o", "r", "a", []string{"s"}}, {"p", "r", "a", []string{"s"}}, {"o", "q", "a", []string{"s"}},
			{"o", "r", "b", []string{"s"}}, {"o", "r", "a", []string{"s", "t"}}, {"o", "r", "a", nil}} {
			id := ManifestID(identity, d)
			if seen[id] || len(id) != 32 {
				t.Errorf("%s of %+v is called %q", identity, d, id)
			}
			seen[id] = true
		}
	}
}

// What several interrupted runs were about to write is joined; runs of different digests
// leave open which of them wrote it.
func TestPendingsAreJoined(t *testing.T) {
	a := &Pending{Digest: "d", Objects: []string{"k", "l"}, Kept: []string{"x"}, Replay: true}
	for _, test := range []struct{ p, q, want *Pending }{
		{nil, nil, nil}, {a, nil, a}, {nil, a, a},
		{a, &Pending{Digest: "d", Objects: []string{"a", "k"}, Going: []string{"g"}, Replay: true},
			&Pending{Digest: "d", Objects: []string{"a", "k", "l"}, Kept: []string{"x"}, Going: []string{"g"}, Replay: true}},
		{a, &Pending{Digest: "e", Objects: []string{"m"}}, &Pending{Objects: []string{"k", "l", "m"}, Kept: []string{"x"}}},
	} {
		if got := test.p.Join(test.q); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%+v and %+v are %+v", test.p, test.q, got)
		}
	}
}
