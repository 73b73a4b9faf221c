package engine_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/mappings"
)

// sources are conditions as a set has them that gives each source a mapping of
// its own; the last mapping takes what is left.
var sources = []string{
	`="authentication_failed" in rule.groups`, `="authentication_success" in rule.groups`, `=decoder.name == "windows_eventchannel"`,
	`=syscheck.path != nil`, `=data.vulnerability.cve != nil`, `=data.sca.type != nil`, `=data.aws != nil`, `=decoder.name == "auditd"`,
	`="web" in rule.groups`, `="firewall" in rule.groups`, `="rootcheck" in rule.groups`,
}

// ownCondition is that of the shipped mapping.
var ownCondition = regexp.MustCompile(`(?m)^when: .*\n`)

// set compiles n mappings: the shipped one under the conditions of n sources,
// one after the other.
func set(tb testing.TB, n int) *engine.Engine {
	tb.Helper()
	text, err := mappings.FS.ReadFile("wazuh/security_finding.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	text = ownCondition.ReplaceAll(text, nil)
	var files []engine.File
	for i := range n {
		head := fmt.Sprintf("mapping: m%02d\n", i)
		if i < n-1 {
			head += "when: '" + sources[i] + "'\n"
		}
		one := strings.Replace(string(text), "mapping: wazuh/security_finding\n", head, 1)
		files = append(files, engine.File{Name: fmt.Sprintf("m%02d.yaml", i), Text: []byte(one)})
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// BenchmarkSet is what a set of mappings costs for an alert beside one of them
// alone.
func BenchmarkSet(b *testing.B) {
	for _, n := range []int{1, 2, 12} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w, lines := set(b, n).NewWorker(), samples(b)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if r := w.Apply(lines[i%len(lines)]); r.Outcome != engine.Event {
					b.Fatal(r.Reason)
				}
			}
		})
	}
}

// mixed are mappings that share no more than they must: with and without
// `$rest`, whole objects and single fields, in lists, and one whose transform
// changes the alert first.
var mixed = []string{
	"when: =rule.level > 9\nevent:\n  message: =rule\n  comment: =data.srcip\n  unmapped: {$rest: true}\n",
	"when: =agent.id in [\"001\", \"003\"]\nevent:\n  message: =agent.name\n",
	"when: =decoder.name == \"json\"\ntransforms: [{wasm: b.wasm, stage: alert}]\nevent:\n  message: =full_log\n  unmapped: {$rest: true}\n",
	"let: {d: =data}\nwhen: =d.srcip != nil || d.odd > 3\nevent:\n  message: =d.srcip\n  unmapped: {$rest: true, it: =d}\n",
	"when: =len(rule.groups) > 2\nevent:\n  message: =rule.groups[1]\n  count: =rule.description\n  unmapped: {$rest: true}\n",
	"event:\n  message: =string(alert)\n",
}

const mixedRest = "  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n  finding_info: {uid: \"=id ?? 'u'\", title: t}\n" +
	"  metadata: {product: {name: n, vendor_name: v}}\n"

// Law: a set gives what its first mapping that takes the alert gives alone,
// whatever the others read of it, and explains it alike.
func TestSetIsItsFirst(t *testing.T) {
	var files []engine.File
	var alone []*engine.Worker
	o := engine.Options{Load: (&testGuest{}).load}
	for i, text := range mixed {
		head := fmt.Sprintf("mapping: m%d\nschema: 1.1.0\nclass: detection_finding\nsource: s%d\n", i, i)
		f := engine.File{Name: fmt.Sprintf("m%d.yaml", i), Text: []byte(head + text + mixedRest)}
		e, err := engine.Compile([]engine.File{f}, o)
		if err != nil {
			t.Fatal(err)
		}
		files, alone = append(files, f), append(alone, e.NewWorker())
	}
	e, err := engine.Compile(files, o)
	if err != nil {
		t.Fatal(err)
	}
	lines := append(samples(t), "", "{", `{"timestamp":"2026-03-14T09:26:53Z"}`, `{"rule":{"level":"x"}}`, `{"data":{"odd":"x"}}`, `{"a":1,"a":{"b":2}}`,
		`{"decoder":{"name":"json"},"full_log":"trap"}`, `{"_source":{"rule":{"level":12},"timestamp":"2026-03-14T09:26:53Z"},"_index":"i"}`)
	taken := map[int]int{}
	w := e.NewWorker()
	for _, line := range lines {
		want := engine.Result{Outcome: engine.Unmatched}
		var explained engine.Explanation
		for i := 0; i < len(alone) && want.Outcome == engine.Unmatched; i++ {
			want = alone[i].Apply(line)
			want.Mapping = i
			explained = alone[i].Explain(line)
		}
		got := w.Apply(line)
		taken[got.Mapping]++
		if diff := cmp.Diff(told(want), told(got)); diff != "" || want.Mapping != got.Mapping {
			t.Errorf("mapping %d alone, mapping %d of the set: %.200s\n%s", want.Mapping, got.Mapping, line, diff)
		}
		x := w.Explain(line)
		x.Mapping, x.Asked, explained.Asked = 0, nil, nil
		if diff := cmp.Diff(explained, x); diff != "" {
			t.Errorf("explained otherwise: %.200s\n%s", line, diff)
		}
	}
	for i := range mixed {
		if taken[i] == 0 {
			t.Errorf("no line is mapping %d's: it proves nothing", i)
		}
	}
}
