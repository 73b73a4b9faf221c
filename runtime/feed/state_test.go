package feed_test

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/feed"
)

// What is not a state, or none that was ever saved, is refused: it would be overwritten, or
// read as if nothing were in the lake.
func TestStatesThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                            "not a state of sluice",
		`null`:                          "not a state of sluice",
		`{"name": "a settings file"}`:   "not a state of sluice",
		`{"files": {"/a": {}}}`:         "not a state of sluice",
		`{"sluice_state": 2}`:           "the format 2",
		`garbage`:                       "damaged",
		`[]`:                            "damaged",
		`{"sluice_state": 1, "files": `: "damaged",
		`{"sluice_state": 1, "files": {"/a": null}}`:                                                        "damaged (the entry of /a",
		`{"sluice_state": 1, "files": {"/a": {"offset": -1}}}`:                                              "damaged (the entry of /a",
		`{"sluice_state": 1, "files": {"/a": {"offset": 9, "planned": {"to": 8}}}}`:                         "damaged (the entry of /a",
		`{"sluice_state": 1, "indices": {"u": null}}`:                                                       "damaged (the entry of the index u",
		`{"sluice_state": 1, "indices": {"u": {"name": "i", "shards": {"0": null}}}}`:                       "damaged (the entry of the shard i/0",
		`{"sluice_state": 1, "indices": {"u": {"name": "i", "shards": {"3": {"done": -2}}}}}`:               "damaged (the entry of the shard i/3",
		`{"sluice_state": 1, "indices": {"u": {"name": "i", "shards": {"3": {"done": 5, "planned": {}}}}}}`: "damaged (the entry of the shard i/3",
		`{"sluice_state": 1, "indices": {"u": {"name": "i"}}}`:                                              "damaged (the entry of the index u",
		`{"sluice_state": 1, "window": {"done": 5}}`:                                                        "damaged (the entry of the window",
	} {
		if _, err := feed.ParseState([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{``, `{"sluice_state": 1}`, `{"sluice_state": 1, "files": {"/a": {"offset": 9, "planned": {"to": 9}}},
		"indices": {"u": {"name": "i", "shards": {"0": {"done": -1}}}}}`} {
		if s, err := feed.ParseState([]byte(text)); err != nil || s.Files == nil || s.Indices == nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
