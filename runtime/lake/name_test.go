package lake

import (
	"fmt"
	"regexp"
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
	n := Namer{Identity: "a", Settings: "s"}
	note("rejects", n.Lines("rejects", []string{"m"}, 0))
	note("second rejects", n.Lines("rejects", []string{"m"}, 1))
	note("unmatched", n.Lines("unmatched", []string{"m"}, 0))
	note("rejects of another mapping", n.Lines("rejects", []string{"k"}, 0))
	note("rejects of two mappings", n.Lines("rejects", []string{"m", "k"}, 0))
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
	plain := Namer{Identity: "a"}
	if got, want := n.Lines("rejects", nil, 0), plain.Lines("rejects", nil, 0); got != want {
		t.Errorf("rejects of an input with a uuid are called %s, want %s", got, want)
	}
}
