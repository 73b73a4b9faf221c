package lambda_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The two programs that the tests run, as people do: the function and the
// command line that it must agree with.
var bootstrap, sluice string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "sluice-lambda")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	bootstrap, sluice = filepath.Join(folder, "bootstrap"), filepath.Join(folder, "sluice")
	for program, of := range map[string]string{bootstrap: "./bootstrap", sluice: "../cli/sluice"} {
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", program, of)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "go build %s: %v\n", of, err)
			return 1
		}
	}
	return m.Run()
}
