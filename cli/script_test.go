package cli_test

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sluice-lake/sluice/cli"
)

var update = flag.Bool("update", false, "rewrite golden files and the expectations of scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sluice": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// The scripts run the real command line, each in an empty folder of its own,
// with the repository's root as $ROOT.
func TestScripts(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                scriptCommands,
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root+"/..")
			e.Setenv("SLUICE_EVENT_DAYS", "2000-01-01..2040-01-01") // whenever they run
			return nil
		},
	})
}

// slow leaves a test to `make test`: it takes some seconds, which are too many for
// the inner loop of `make quick`.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left to make test")
	}
}
