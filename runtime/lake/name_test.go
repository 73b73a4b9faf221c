package lake

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Two objects have one name only if they are the same part of the same input
// under the same settings; nothing else may overwrite.
func TestNamesDifferWhereverTheirPartsDo(t *testing.T) {
	seen := map[string]string{}
	hexName := regexp.MustCompile(`^[0-9a-f]{32}$`)
	note := func(what, name string) {
		if !hexName.MatchString(name) {
			t.Errorf("%s is called %q: want 32 hex digits", what, name)
		}
		if other, taken := seen[name]; taken {
			t.Errorf("%s and %s are both called %s", what, other, name)
		}
		seen[name] = what
	}
	for _, n := range []Namer{
		{Identity: "a", Settings: "s"}, {Identity: "b", Settings: "s"}, {Identity: "a", Settings: "t"},
		{Identity: "as", Settings: ""}, {Identity: "", Settings: "as"},
	} {
		for ordinal := range 3 {
			note(fmt.Sprint("object ", ordinal, " of ", n), n.Object(ordinal))
		}
	}
	note("joined", JoinIdentities([]string{"a", "b"}))
	note("joined elsewhere", JoinIdentities([]string{"ab"}))
	note("joined the other way round", JoinIdentities([]string{"b", "a"}))
}

func TestALogstashUUIDIsKept(t *testing.T) {
	n := Namer{Identity: "a", UUID: "9B2C8D4E-0000-4000-8000-123456789abc"}
	for ordinal, want := range []string{
		"9b2c8d4e000040008000123456789abc", "9b2c8d4e000040008000123456789abc-1", "9b2c8d4e000040008000123456789abc-2",
	} {
		if got := n.Object(ordinal); got != want {
			t.Errorf("object %d is called %s, want %s", ordinal, got, want)
		}
	}
}

// Kept lines are named by their day, their origin and the input's manifest: never by a
// uuid, and apart for each kind, part, replay and destination.
func TestKeptLinesSayWhereTheyComeFrom(t *testing.T) {
	form := regexp.MustCompile(`^20260314/alerts_1_.json-[0-9a-f]{32}$`)
	seen := map[string]bool{}
	for _, manifest := range []string{"m", "n"} {
		for _, kind := range []string{"rejects", "unmatched"} {
			for i := range 4 {
				n := Namer{Identity: "a", UUID: "u", Manifest: manifest, Day: "20260314", Origin: "/var/alerts 1'.json", Generation: i / 2}
				name := n.Lines(kind, i%2)
				if seen[name] || !form.MatchString(name) {
					t.Errorf("%s of %+v, part %d, is called %s", kind, n, i%2, name)
				}
				seen[name] = true
			}
		}
	}
	for origin, want := range map[string]string{"": "-", "..": "-", ".hidden": "hidden-", "s3://b/k/a.txt.gz": "a.txt.gz-", "a/": "-", strings.Repeat("x", 99): strings.Repeat("x", 80) + "-"} {
		if got := (Namer{Day: "d", Origin: origin}).Lines("rejects", 0); got[:len(got)-32] != "d/"+want {
			t.Errorf("rejects of %q are called %s", origin, got)
		}
	}
}
