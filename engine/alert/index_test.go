package alert

import (
	"fmt"
	"strings"
	"testing"
)

// Law: a table finds the members that it has and no others, however much alike their names are.
func TestTablesFindTheirMembers(t *testing.T) {
	alike := func(i int) string { return "the same" + strings.Repeat("x", i%3) + fmt.Sprintf("%04d", i) + "the same" }
	for what, name := range map[string]func(int) string{
		"numbers": func(i int) string { return fmt.Sprint(i * i) },
		"letters": func(i int) string { return strings.Repeat(string(rune('a'+i%26)), i/26) },
		"alike":   alike,
		"texts":   func(i int) string { return fmt.Sprintf("member %d of %d", i, i%7) },
	} {
		for _, count := range []int{1, 17, 64, 2000} {
			var members []Member
			has := map[string]bool{}
			for i := range count {
				members = append(members, Member{name(i), OfText("value of " + name(i))})
				has[name(i)] = true
			}
			table := OfTable(members)
			for i := range 2 * count {
				v, ok := table.Member(name(i))
				if ok != has[name(i)] || ok && v.Text != "value of "+name(i) {
					t.Fatalf("%d %s: %q gives %q, %v", count, what, name(i), v.Text, ok)
				}
			}
			if index := table.object.index; index != nil && what == "alike" && count == 2000 && index.places == nil {
				t.Errorf("%d names that are alike have chains", count)
			}
		}
	}
}
