package compare_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/source"
)

const mappingText = `mapping: m
schema: 1.1.0
class: security_finding
when: =rule.level >= 3
event:
  activity_id: 1
  severity_id: 1
  state_id: 1
  time: =timestamp
  message: =rule.description
  finding: {title: t, uid: "=id ?? 'none'", types: "=rule.groups"}
  metadata: {product: {name: N, vendor_name: V}}
  unmapped: {$rest: true}
`

func of(t *testing.T, old, new *engine.Engine, examples int, lines ...string) *compare.Report {
	t.Helper()
	c := compare.New(old, new, examples)
	defer c.Close()
	for i, line := range lines {
		before := c.Report().Counts
		same := c.Add(source.Line{Number: int64(i + 1), Text: line, Blank: strings.TrimSpace(line) == "", Origin: "in", OriginLine: int64(i + 1)})
		if after := c.Report().Counts; same != (after.Changed == before.Changed && after.Moved == before.Moved) {
			t.Errorf("line %d: Add says %v, the counts go from %+v to %+v", i+1, same, before, after)
		}
	}
	return c.Report()
}

func alertOf(level int, more string) string {
	return fmt.Sprintf(`{"timestamp":"2026-03-14T00:00:00Z","rule":{"level":%d%s}}`, level, more)
}

// What is reported is what differs, attribute by attribute and move by move.
func TestReport(t *testing.T) {
	old := enginetest.Compile(t, engine.Options{}, mappingText)
	changed := strings.NewReplacer("message: =rule.description", "message: =upper(rule.description)", ">= 3", ">= 4", "types: \"=rule.groups\"", "types: \"=rule.groups[1:]\"").Replace(mappingText)
	r := of(t, old, enginetest.Compile(t, engine.Options{}, changed), 2,
		alertOf(5, `,"description":"a"`), alertOf(5, `,"description":"B"`), alertOf(3, ""), alertOf(1, ""), "no JSON", "",
		alertOf(7, `,"groups":["x","y"]`), alertOf(5, `,"description":"c"`), alertOf(5, `,"description":"d"`)+alertOf(5, ""))
	want := &compare.Report{
		Counts: compare.Counts{Lines: 10, Same: 4, Changed: 4, Moved: 1, Blank: 1},
		Moves:  []compare.Move{{Old: "event", New: "unmatched", Count: 1, Examples: []compare.Example{{Origin: "in", Line: 3, Old: "m"}}}},
		Attributes: []compare.Attribute{
			{Path: "finding.types[]", Removed: 1, Changed: 1, Examples: []compare.Example{{Origin: "in", Line: 7, Old: `"x"`, New: `"y"`}, {Origin: "in", Line: 7, Old: `"y"`}}},
			{Path: "message", Changed: 3, Examples: []compare.Example{{Origin: "in", Line: 1, Old: `"a"`, New: `"A"`}, {Origin: "in", Line: 8, Old: `"c"`, New: `"C"`}}},
			{Path: "unmapped.rule.groups.0", Added: 1, Examples: []compare.Example{{Origin: "in", Line: 7, New: `"x"`}}},
		},
		Columns: []compare.Column{},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if !r.Differ() {
		t.Error("nothing differs")
	}
}

// Law: nothing differs between a mapping and itself, and what differs between two is
// the reverse of what differs the other way round.
func TestSameAndReverse(t *testing.T) {
	lines := enginetest.Samples(t)
	a := enginetest.Compile(t, engine.Options{}, mappingText)
	b := enginetest.Compile(t, engine.Options{}, strings.NewReplacer("=rule.description", "=full_log", "when: =rule.level >= 3\n", "", "  unmapped: {$rest: true}\n", "").Replace(mappingText))
	if r := of(t, a, enginetest.Compile(t, engine.Options{}, mappingText), 3, lines...); r.Differ() || r.Same+r.Blank != r.Lines || len(r.Attributes)+len(r.Moves) > 0 {
		t.Errorf("it differs from itself: %+v", r)
	}
	there, back := of(t, a, b, 1000, lines...), of(t, b, a, 1000, lines...)
	if !there.Differ() || there.Counts != back.Counts || len(there.Moves) != len(back.Moves) || len(there.Attributes) < 100 {
		t.Errorf("%+v\n%+v", there.Counts, back.Counts)
	}
	for i := range back.Attributes {
		r := &back.Attributes[i]
		r.Added, r.Removed = r.Removed, r.Added
		for j := range r.Examples {
			e := &r.Examples[j]
			e.Old, e.New = e.New, e.Old
		}
	}
	if diff := cmp.Diff(there.Attributes, back.Attributes, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Examples" }, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
}

// Law: the leaves of the old event, with what is said to differ, are those of the new.
func TestDifferencesAreComplete(t *testing.T) {
	a := enginetest.Compile(t, engine.Options{}, mappingText)
	b := enginetest.Compile(t, engine.Options{}, strings.NewReplacer("=rule.description", "=full_log", "=rule.groups", "=reverse(rule.groups ?? [])", "when: =rule.level >= 3", "when: =rule != nil").Replace(mappingText))
	before, after := a.NewWorker(), b.NewWorker()
	for _, line := range enginetest.Samples(t) {
		old, new := before.Apply(line), after.Apply(line)
		if old.Outcome != engine.Event || new.Outcome != engine.Event {
			continue
		}
		r := of(t, a, b, 1000, line)
		have := map[string]int{}
		for _, leaf := range leavesOf(t, old.Events[0].Event.AppendJSON(nil)) {
			have[leaf]++
		}
		for _, at := range r.Attributes {
			for _, e := range at.Examples {
				if e.Old != "" {
					have[at.Path+"="+e.Old]--
				}
				if e.New != "" {
					have[at.Path+"="+e.New]++
				}
			}
		}
		for _, leaf := range leavesOf(t, new.Events[0].Event.AppendJSON(nil)) {
			have[leaf]--
		}
		for leaf, n := range have {
			if n != 0 && !strings.Contains(leaf, "…") && len([]rune(leaf)) < 120 {
				t.Fatalf("%s is told %d times too often\n%s", leaf, n, line)
			}
		}
	}
}

// leavesOf are the leaves of an event as path=JSON, read by another reader.
func leavesOf(t *testing.T, event []byte) (all []string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(event)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				walk(strings.TrimPrefix(path+"."+name, "."), inner)
			}
		case []any:
			for _, inner := range v {
				walk(path+"[]", inner)
			}
		default:
			var b strings.Builder
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(v); err != nil {
				t.Fatal(err)
			}
			all = append(all, path+"="+strings.TrimSpace(b.String()))
		}
	}
	walk("", v)
	return all
}

// Events of several classes are compared class by class; one too many or too few is
// said.
func TestEventsOfSets(t *testing.T) {
	with := func(name, class, when, more string) string {
		text := strings.NewReplacer("mapping: m", "mapping: "+name+"\nsource: s_"+name, "class: security_finding", "class: "+class, "=rule.level >= 3", when+more).Replace(mappingText)
		if class == "detection_finding" {
			text = strings.NewReplacer("  state_id: 1\n", "", "finding: {", "finding_info: {").Replace(text)
		}
		return text
	}
	old := enginetest.Compile(t, engine.Options{}, with("a", "security_finding", "=true", "\nalso: true"), with("b", "detection_finding", "=rule.level > 5", ""))
	new := enginetest.Compile(t, engine.Options{}, with("a", "security_finding", "=rule.level > 3", "\nalso: true"), with("b", "detection_finding", "=true", ""))
	r := of(t, old, new, 1, alertOf(9, ""), alertOf(3, ""), alertOf(5, ""))
	want := []compare.Attribute{{Path: "(event)", Added: 2, Removed: 1, Examples: []compare.Example{{Origin: "in", Line: 2, Old: `"security_finding"`}}}}
	if diff := cmp.Diff(want, r.Attributes); diff != "" || r.Changed != 2 || r.Same != 1 {
		t.Errorf("%+v\n%s", r.Counts, diff)
	}
}

// Law: memory is bounded: examples are as many as was said, and attributes beyond the
// bound are one.
func TestBounds(t *testing.T) {
	old, new := enginetest.Compile(t, engine.Options{}, mappingText), enginetest.Compile(t, engine.Options{}, strings.Replace(mappingText, "  unmapped: {$rest: true}\n", "", 1))
	var lines []string
	for i := range 6000 {
		lines = append(lines, alertOf(5, fmt.Sprintf(`,"k%d":"%s"`, i, strings.Repeat("x", 500))))
	}
	r := of(t, old, new, 2, lines...)
	if len(r.Attributes) > 5001 {
		t.Errorf("%d attributes", len(r.Attributes))
	}
	removed := int64(0)
	for _, a := range r.Attributes {
		removed += a.Removed
		if len(a.Examples) > 2 || len(a.Examples[0].Old) > 130 {
			t.Errorf("%+v", a)
		}
	}
	if removed != 12_000 {
		t.Errorf("%d leaves are removed", removed)
	}
}
