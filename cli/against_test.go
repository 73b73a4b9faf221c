package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/cli"
)

// Each pair says what check --against makes of it: the exit code and what it
// prints.
func TestAgainst(t *testing.T) {
	t.Chdir("../testdata/mappings/against")
	pairs, err := os.ReadDir(".")
	if err != nil || len(pairs) < 10 {
		t.Fatalf("only %d pairs (%v)", len(pairs), err)
	}
	for _, pair := range pairs {
		t.Run(pair.Name(), func(t *testing.T) {
			old, now := pair.Name()+"/old", pair.Name()+"/new"
			if _, err := os.Stat(old); err != nil {
				old, now = old+".yaml", now+".yaml"
			}
			var out, messages bytes.Buffer
			code := cli.Run(context.Background(), []string{"check", now, "--against", old},
				cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &messages}, func(string) string { return "" })
			got := fmt.Sprintf("%s%s[exit %d]\n", &out, &messages, code)
			golden := filepath.Join(pair.Name(), "want.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
