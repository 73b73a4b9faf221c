package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/profile"
)

// coverages are the parts of the page on coverage: what is profiled, and which part of an
// alert counts.
var coverages = map[string][]string{
	"Wazuh 4.x": {"--under", "data,syscheck,rule", "--without", "rule.mail", "../testdata/alerts", "../testdata/wazuh4"},
	"Wazuh 5":   {"--without", "wazuh,event,_index,_id,@timestamp", "--by", "wazuh.integration.name", "../testdata/wazuh5"},
}

var coverageClasses = []string{"by_class", "detection_finding", "security_finding"}

// Law: the share of the leaves of each source that reach an attribute is what
// docs/packs/coverage.md says, and never becomes less. With -update the test writes the page,
// but no share that fell: delete the row to accept that.
func TestManualCoverage(t *testing.T) {
	const page = packs + "coverage.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for name, args := range coverages {
		rows := map[string]*coverageRow{}
		for i, class := range coverageClasses {
			r := profiled(t, class, args)
			if r.Lost > 0 || r.Rejects > 0 || r.Unmatched > 0 {
				t.Errorf("%s, %s: %d leaves lost, %d rejects, %d unmatched", name, class, r.Lost, r.Rejects, r.Unmatched)
			}
			rows["**all**"] = rows["**all**"].with(i, r.Lines, &r.Leaves)
			for _, s := range r.Sources {
				rows[s.Name] = rows[s.Name].with(i, s.Alerts, &s.Leaves)
			}
		}
		parts[name] = coverageTable(rows)
	}
	fell(t, page, string(text), parts)
	if !t.Failed() {
		comparePage(t, page, parts)
	}
}

func profiled(t *testing.T, class string, args []string) *profile.Report {
	t.Helper()
	var out, messages bytes.Buffer
	all := append([]string{"profile", "--json", "--class", class}, args...)
	if code := Run(context.Background(), all, Streams{In: strings.NewReader(""), Out: &out, Err: &messages}, func(string) string { return "" }); code != 0 {
		t.Fatal(messages.String())
	}
	var r profile.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// coverageRow is a source with the share of its leaves that reach an attribute, in 0.1 %,
// rounded down, for each class.
type coverageRow struct {
	alerts, leaves int64
	shares         [3]int64
}

func (r *coverageRow) with(class int, alerts int64, l *profile.Leaves) *coverageRow {
	if r == nil {
		r = &coverageRow{}
	}
	r.alerts, r.leaves = alerts, l.Leaves
	r.shares[class] = 1000 * l.Written / max(l.Leaves, 1)
	return r
}

// coverageTable lists the sources with the most alerts first, the sum of all at the end.
func coverageTable(rows map[string]*coverageRow) string {
	var names []string
	for name, r := range rows {
		if r.leaves > 0 {
			names = append(names, name)
		}
	}
	last := func(name string) int { return strings.Count(name, "*") }
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(rows[b].alerts, rows[a].alerts), cmp.Compare(a, b))
	})
	var b strings.Builder
	b.WriteString("| source | alerts | leaves | by_class | detection_finding | security_finding |\n|---|---|---|---|---|---|\n")
	for _, name := range names {
		r := rows[name]
		fmt.Fprintf(&b, "| %s | %d | %d |", orElse(name, "(none)"), r.alerts, r.leaves)
		for _, s := range r.shares {
			fmt.Fprintf(&b, " %d.%d %% |", s/10, s%10)
		}
		b.WriteString("\n")
	}
	return b.String()
}

var share = regexp.MustCompile(`^([0-9]+)\.([0-9]) %$`)

// fell reports each share that is less than on the page.
func fell(t *testing.T, name, page string, now map[string]string) {
	t.Helper()
	for _, part := range made.FindAllStringSubmatch(page, -1) {
		lines := strings.Split(now[part[1]], "\n")
		for old := range strings.Lines(part[2]) {
			was := strings.Split(strings.Trim(old, "| \n"), " | ")
			i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "| "+was[0]+" | ") })
			if i < 0 {
				continue
			}
			is := strings.Split(strings.Trim(lines[i], "| "), " | ")
			for c := range was {
				if tenths(is[c]) < tenths(was[c]) {
					t.Errorf("%s: %s of %s fell from %s to %s", name, coverageClasses[c-3], was[0], was[c], is[c])
				}
			}
		}
	}
}

// tenths reads a share; 0 for any other text.
func tenths(text string) int {
	m := share.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1] + m[2])
	return n
}
