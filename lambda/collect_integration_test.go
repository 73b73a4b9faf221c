//go:build integration

package lambda_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// On a real server, too, collected objects become what the command line makes of them
// together, whoever flushes and however often; nothing is left of the notes.
func TestIntegrationCollect(t *testing.T) {
	g, q := startGateway(t, "raw", "lake", "ocsf"), newSQS(t, "alerts")
	env := g.guide(q.environ(), "SLUICE_COLLECT=60")
	fn := start(t, env...)
	const objects = 1200 // more than a page of a listing
	for i := range objects {
		g.put(t, "raw", smallKey(i), small(i))
		q.send("alerts", noticeOf("raw", smallKey(i), len(small(i)), "tag"), nil)
	}
	for q.round(t, "alerts", fn, 30*time.Second) > 0 {
	}
	other := start(t, env...)
	done := make(chan answer)
	go func() { done <- other.invokeFor(2*time.Minute, flushAll) }()
	a := fn.invokeFor(2*time.Minute, flushAll)
	if b := <-done; a.died || a.failed || b.died || b.failed {
		t.Fatalf("%+v, %+v", a, b)
	}
	for key, body := range merged(t, g.env, "s3://raw/20260314/") {
		if there, err := os.ReadFile(filepath.Join(g.root, key)); err != nil || string(there) != body {
			t.Errorf("%s is not what --merge makes: %v", key, err)
		}
	}
	made := 0
	for key := range g.written(t) {
		if strings.HasPrefix(key, "lake/") {
			made++
		}
	}
	left, err := filepath.Glob(filepath.Join(g.root, "ocsf", collectKeys, "pending", "*", "*"))
	if made != 1 || len(left) != 0 || err != nil {
		t.Errorf("%d objects in the lake, %d notes are left, %v", made, len(left), err)
	}
}
