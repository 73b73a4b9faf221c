package cli_test

import (
	"io"
	"strings"
	"testing"
)

// onTerminal gives what a job writes to a terminal.
func onTerminal(t *testing.T, job func(io.Writer)) string {
	t.Helper()
	keys, terminal := pseudoTerminal(t)
	got := make(chan string)
	go func() {
		var all strings.Builder
		_, _ = io.Copy(&all, keys) // a terminal that nobody holds ends in an error
		got <- all.String()
	}()
	job(terminal)
	if err := terminal.Close(); err != nil {
		t.Fatal(err)
	}
	return <-got
}
