package cli

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Law: no command takes an empty flag for one that is not given, nor an empty argument for a
// name. A script whose variable is not set is told.
func TestNothingIsEmpty(t *testing.T) {
	t.Chdir(t.TempDir())
	calls := 0
	call := func(says string, args ...string) {
		t.Helper()
		calls++
		var out, said bytes.Buffer
		code := Run(context.Background(), args, Streams{strings.NewReader(""), &out, &said}, func(string) string { return "" })
		if code != 2 || !strings.Contains(said.String(), says) {
			t.Errorf("%q: exit code %d, %s%s", args, code, out.String(), said.String())
		}
	}
	for _, c := range runnable((&app{getenv: os.Getenv}).newRoot(nil)) {
		command := strings.Fields(strings.TrimPrefix(c.CommandPath(), "sluice "))
		given := []string{}
		for c.ValidateArgs(given) != nil && len(given) < 3 {
			given = append(given, "x")
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if _, list := f.Value.(pflag.SliceValue); list || f.Value.Type() == "string" {
				call("--"+f.Name+" is empty", slices.Concat(command, []string{"--" + f.Name + "="}, given)...)
			}
		})
		if path := c.CommandPath(); len(given) > 0 && path != "sluice eval" && path != "sluice wasm run" {
			given[0] = ""
			call("is empty", slices.Concat(command, given)...)
		}
	}
	if calls < 120 {
		t.Errorf("only %d calls", calls)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("%v were written (%v)", left, err)
	}
}
