package cli_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// docs/verify.md has the demands of the program, in their order.
func TestDemandsInTheManual(t *testing.T) {
	page, err := os.ReadFile("../docs/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, d := range verify.Demands {
		of := d.Of
		switch {
		case d.Advice:
			of += ", advice"
		case d.Recommended:
			of += ", recommended"
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s |", d.Name, of, d.Means))
	}
	got := regexp.MustCompile("(?m)^\\| `.*$").FindAllString(string(page), -1)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("docs/verify.md (-program +page):\n%s", d)
	}
}

// Law: every demand is broken by a lake of TestLakesThatBreakADemand, or by an object of the
// tests of runtime/table/verify.
func TestEveryDemandIsBroken(t *testing.T) {
	tests := ""
	for _, file := range []string{"demands_test.go", "types_test.go"} {
		text, err := os.ReadFile("../runtime/table/verify/" + file)
		if err != nil {
			t.Fatal(err)
		}
		tests += string(text)
	}
	names, err := os.ReadFile("../runtime/table/verify/demand.go")
	if err != nil {
		t.Fatal(err)
	}
	broken := []string{"object-size"} // TestManySmallObjects
	for _, c := range brokenLakes {
		for _, name := range strings.Fields(c.want) {
			broken = append(broken, strings.TrimSuffix(name, "?"))
		}
	}
	for _, d := range verify.Demands {
		constant := regexp.MustCompile(`\t(\w+)\s+= "` + d.Name + `"\n`).FindSubmatch(names)
		if constant == nil {
			t.Fatalf("%s has no name in the program", d.Name)
		}
		byObject := regexp.MustCompile(`\b` + string(constant[1]) + `\b`).MatchString(tests)
		if !byObject && !slices.Contains(broken, d.Name) {
			t.Errorf("nothing breaks %s", d.Name)
		}
	}
}
