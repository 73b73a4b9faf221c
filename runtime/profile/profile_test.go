package profile_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/profile"
	"github.com/sluice-lake/sluice/runtime/source"
)

const mappingText = `mapping: m
schema: 1.1.0
class: security_finding
when: =rule != nil
event:
  activity_id: 1
  severity_id: 1
  state_id: 1
  time: =timestamp
  count: =data.count
  message: =rule.description
  finding: {title: t, uid: "=id ?? 'none'"}
  metadata: {product: {name: N, vendor_name: V}}
`

func withRest() string { return mappingText + "  unmapped: {$rest: true}\n" }

// of profiles alerts; sources are named by the texts between two `~`.
func of(t *testing.T, text string, o profile.Options, lines ...string) *profile.Report {
	t.Helper()
	o.Source = func(line string) string {
		parts := strings.SplitN(line, "~", 3)
		if len(parts) < 3 {
			return ""
		}
		return parts[1]
	}
	p := profile.New(enginetest.Compile(t, engine.Options{Follow: true}, text), o)
	defer p.Close()
	for i, line := range lines {
		p.Add(source.Line{Number: int64(i + 1), Text: line, Blank: strings.TrimSpace(line) == ""})
	}
	return p.Report()
}

func field(t *testing.T, r *profile.Report, path string) profile.Field {
	t.Helper()
	for _, f := range r.Fields {
		if f.Path == path {
			return f
		}
	}
	t.Fatalf("there is no field %s", path)
	return profile.Field{}
}

const head = `{"timestamp":"2026-03-14T00:00:00Z","rule":{"description":"d"},`

// What is said of fields, leaves and sources is what the alerts have.
func TestReport(t *testing.T) {
	r := of(t, withRest(), profile.Options{},
		head+`"data":{"s":"~a~","count":"x","l":[1,[2.5,"t"],{"k":true}],"e":"","n":null,"o":{},"a.b":1}}`,
		head+`"data":{"s":"~a~","count":3,"l":[1]}}`,
		head+`"data":{"s":"~b~","l":"t"}}`,
		`{"timestamp":"x","rule":{}}`, `{"a":1}`, `not JSON`, ``, `{"a":1}{"a":2}`)
	if diff := cmp.Diff(profile.Counts{Lines: 9, Taken: 3, Rejects: 2, Unmatched: 3, Blank: 1, Events: 3}, r.Counts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(profile.Leaves{Leaves: 18, Written: 7, Failed: 1, Kept: 10}, r.Leaves); diff != "" {
		t.Error(diff)
	}
	for path, want := range map[string]profile.Field{
		"data.count":  {Alerts: 2, Kinds: map[string]int64{"text": 1, "integer": 1}, Distinct: 2, Leaves: profile.Leaves{Leaves: 2, Written: 1, Failed: 1}},
		"data.l[]":    {Alerts: 2, Kinds: map[string]int64{"integer": 2}, Distinct: 1, Leaves: profile.Leaves{Leaves: 2, Kept: 2}},
		"data.l":      {Alerts: 1, Kinds: map[string]int64{"text": 1}, Distinct: 1, Leaves: profile.Leaves{Leaves: 1, Kept: 1}},
		"data.l[][]":  {Alerts: 1, Kinds: map[string]int64{"float": 1, "text": 1}, Distinct: 2, Leaves: profile.Leaves{Leaves: 2, Kept: 2}},
		"data.l[].k":  {Alerts: 1, Kinds: map[string]int64{"boolean": 1}, Distinct: 1, Leaves: profile.Leaves{Leaves: 1, Kept: 1}},
		"data.e":      {Alerts: 1, Kinds: map[string]int64{"empty_text": 1}},
		"data.n":      {Alerts: 1, Kinds: map[string]int64{"null": 1}},
		"data.o":      {Alerts: 1, Kinds: map[string]int64{"empty_object": 1}},
		`data["a.b"]`: {Alerts: 1, Kinds: map[string]int64{"integer": 1}, Distinct: 1, Leaves: profile.Leaves{Leaves: 1, Kept: 1}},
		"a":           {Alerts: 3, Kinds: map[string]int64{"integer": 3}, Distinct: 2},
		"timestamp":   {Alerts: 4, Kinds: map[string]int64{"text": 4}, Distinct: 2, Leaves: profile.Leaves{Leaves: 3, Written: 3}},
	} {
		got := field(t, r, path)
		want.Path, want.DistinctExact = path, true
		got.AlertsShare, got.WrittenShare, got.Examples = 0, 0, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", path, diff)
		}
	}
	if diff := cmp.Diff([]profile.Example{{Value: "1", Count: 2}, {Value: "2", Count: 1}}, field(t, r, "a").Examples); diff != "" {
		t.Error(diff)
	}
	var sources []string
	for _, s := range r.Sources {
		sources = append(sources, fmt.Sprintf("%s %d %d %d", s.Name, s.Alerts, s.Taken, s.Leaves.Leaves))
	}
	if diff := cmp.Diff([]string{"(none) 5 0 0", "a 2 2 14", "b 1 1 4"}, sources); diff != "" {
		t.Error(diff)
	}
	if lost := of(t, mappingText, profile.Options{}, head+`"data":{"x":1}}`).Leaves; lost != (profile.Leaves{Leaves: 3, Written: 2, Lost: 1}) {
		t.Errorf("without $rest: %+v", lost)
	}
}

// Law: under and without choose leaves: those of a path and its complement are all.
func TestUnderAndWithout(t *testing.T) {
	lines := enginetest.Samples(t)
	all := of(t, withRest(), profile.Options{}, lines...)
	for _, path := range []string{"data", "rule", "rule.mail", "data.win", "data.aws", "syscheck", "ru", "rule.groups[]"} {
		under := of(t, withRest(), profile.Options{Under: []string{path}}, lines...)
		without := of(t, withRest(), profile.Options{Without: []string{path}}, lines...)
		sum := under.Leaves
		sum.Leaves += without.Leaves.Leaves
		sum.Written, sum.Failed, sum.Kept, sum.Lost = sum.Written+without.Written, sum.Failed+without.Failed, sum.Kept+without.Kept, sum.Lost+without.Lost
		if sum != all.Leaves || len(under.Fields)+len(without.Fields) != len(all.Fields) || under.Counts != all.Counts {
			t.Errorf("%s: %+v and %+v are not %+v", path, under.Leaves, without.Leaves, all.Leaves)
		}
		for _, f := range under.Fields {
			if f.Path != path && !strings.HasPrefix(f.Path, path+".") && !strings.HasPrefix(f.Path, path+"[") {
				t.Errorf("%s is not under %s", f.Path, path)
			}
		}
	}
	if n := of(t, withRest(), profile.Options{Under: []string{"ru"}}, lines...).Leaves.Leaves; n != 0 {
		t.Errorf("%d leaves are under a name that is only the beginning of one", n)
	}
}

// Law: the leaves of all fields, of all top-level fields and of all sources are the
// same leaves.
func TestSums(t *testing.T) {
	r := of(t, withRest(), profile.Options{}, enginetest.Samples(t)...)
	var fields, tops, sources, topsOfSources profile.Leaves
	add := func(to *profile.Leaves, l profile.Leaves) {
		to.Leaves, to.Written, to.Failed, to.Kept, to.Lost = to.Leaves+l.Leaves, to.Written+l.Written, to.Failed+l.Failed, to.Kept+l.Kept, to.Lost+l.Lost
	}
	for _, f := range r.Fields {
		add(&fields, f.Leaves)
	}
	for _, top := range r.Top {
		add(&tops, top.Leaves)
	}
	for _, s := range r.Sources {
		add(&sources, s.Leaves)
		for _, top := range s.Top {
			add(&topsOfSources, top.Leaves)
		}
	}
	for _, l := range []profile.Leaves{fields, tops, sources, topsOfSources} {
		if l != r.Leaves || l.Written+l.Failed+l.Kept+l.Lost != l.Leaves || l.Leaves < 3000 {
			t.Errorf("%+v, in all %+v", l, r.Leaves)
		}
	}
	c := r.Counts
	if c.Lines != c.Taken+c.Rejects+c.Unmatched+c.Dropped+c.Blank {
		t.Errorf("%+v", c)
	}
}

// Law: a report is bounded, whatever names and values alerts have; names of an object
// that has very many are one, and no leaf is left out.
func TestBounds(t *testing.T) {
	var lines []string
	want := int64(0)
	for i := range 3000 {
		lines = append(lines, fmt.Sprintf(head+`"data":{"m":{"k%d":{"x":%d,"l":[%d]}},"v":"%d","s":"~s%d~"},"top%d":1,"%s":1}`, i, i, i, i, i, i, strings.Repeat("n", 300)+fmt.Sprint(i)))
		want += 8
	}
	r := of(t, withRest(), profile.Options{}, lines...)
	if r.Leaves.Leaves != want {
		t.Errorf("%d leaves, not %d", r.Leaves.Leaves, want)
	}
	if len(r.Fields) > 520 || len(r.Sources) > 201 || len(r.Top) > 101 {
		t.Errorf("%d fields, %d sources, %d top-level fields", len(r.Fields), len(r.Sources), len(r.Top))
	}
	x := field(t, r, "data.m.*.x")
	if x.Alerts != 3000 || x.Leaves.Kept != 3000 || x.DistinctExact || math.Abs(float64(x.Distinct)-3000) > 300 {
		t.Errorf("%+v", x)
	}
	if l := field(t, r, "data.m.*.l[]"); l.Leaves.Leaves != 3000 {
		t.Errorf("%+v", l)
	}
	if any := field(t, r, "*"); any.Leaves.Leaves < 5500 || any.Leaves.Leaves > 6000 {
		t.Errorf("%+v", any)
	}

	lines = nil
	for i := range 400 { // many objects, none of which is large
		var b strings.Builder
		for j := range 100 {
			fmt.Fprintf(&b, `,"a%d":{"b":%d}`, j, j)
		}
		lines = append(lines, fmt.Sprintf(head+`"data":{"o%d":{"x":1%s}}}`, i, b.String()))
	}
	r = of(t, withRest(), profile.Options{}, lines...)
	if len(r.Fields) > 10_500 || r.Leaves.Leaves != 400*103 {
		t.Errorf("%d fields, %d leaves", len(r.Fields), r.Leaves.Leaves)
	}
}

// Law: distinct values are exact up to 256 and close beyond; the most frequent are
// found in the order of their frequency, however many others there are.
func TestDistinctAndFrequent(t *testing.T) {
	for _, n := range []int{1, 100, 256, 257, 1000, 5000, 50_000} {
		random := rand.New(rand.NewPCG(uint64(n), 1))
		e := enginetest.Compile(t, engine.Options{Follow: true}, "mapping: m\nwhen: =true\ndrop: true\n")
		p := profile.New(e, profile.Options{Source: func(string) string { return "" }})
		for i := range n {
			p.Add(source.Line{Text: fmt.Sprintf(`{"v":"value %d"}`, i)})
			switch random.IntN(20) {
			case 0, 1, 2:
				p.Add(source.Line{Text: `{"v":"often"}`})
			case 3, 4:
				p.Add(source.Line{Text: `{"v":"seldom"}`})
			}
		}
		f := p.Report().Fields[0]
		p.Close()
		if f.DistinctExact != (f.Distinct <= 256 && n <= 256) || math.Abs(float64(f.Distinct)/float64(n)-1) > 0.08 && f.Distinct-int64(n) > 2 {
			t.Errorf("%d values are counted as %d (exact: %t)", n, f.Distinct, f.DistinctExact)
		}
		if n >= 1000 && (f.Examples[0].Value != "often" || f.Examples[1].Value != "seldom") {
			t.Errorf("%d: the most frequent are %+v", n, f.Examples)
		}
	}
}

// Law: a report is the same for the same alerts.
func TestReportIsRepeatable(t *testing.T) {
	var first string
	for range 3 {
		text, err := json.Marshal(of(t, withRest(), profile.Options{}, enginetest.Samples(t)...))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Fatal("the reports differ")
		}
	}
}
