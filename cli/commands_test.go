package cli

import (
	"bytes"
	"testing"
)

// A run is the same command whether the others are made or not.
func TestARunByItself(t *testing.T) {
	help := func(args ...string) string {
		var out bytes.Buffer
		a := &app{Streams: Streams{Out: &out, Err: &out}, getenv: func(string) string { return "" }}
		root := a.newRoot(args)
		root.SetArgs([]string{"run", "--help"})
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if alone, all := help("run"), help(); alone != all || len(all) < 1000 {
		t.Errorf("%s\nnot\n%s", alone, all)
	}
}
