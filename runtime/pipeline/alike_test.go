package pipeline

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// large is a mapping with so many rules that lines are mapped with those that are like them. It
// makes the same of alerts.
func large(mapping string) string {
	return strings.Replace(mapping, "\nevent:\n", "\nevent:\n  resources:\n"+strings.Repeat("    - {uid: =data.none}\n", alikeSteps/2), 1)
}

// alikeLines makes n lines of a few kinds, and odd ones between: also several alerts in one
// line, values that do not fit, and alerts that are like no other.
func alikeLines(n int, ms func(i int) int64) string {
	var b strings.Builder
	for i, line := range strings.SplitAfter(alerts(n, func(i int) int64 { return ms(i &^ 3) }), "\n") {
		line = strings.Replace(line, "}\n", fmt.Sprintf(`,"location":"/var/log/%d.log"}`+"\n", i*i%5), 1)
		switch {
		case i%89 == 23:
			line = strings.TrimSuffix(line, "\n") + line
		case i%7 == 5:
			line = strings.Replace(line, `"firedtimes":`, `"firedtimes":"many","was":`, 1)
		case i%79 == 31:
			line = strings.Replace(line, "}\n", fmt.Sprintf(`,"n":%d}`+"\n", i), 1)
		}
		b.WriteString(line)
	}
	return b.String()
}

// Law: that lines which are alike are mapped one after another changes neither rows nor their
// order, nor what is said of lines, for any number of workers.
func TestAlikeLinesGiveTheSame(t *testing.T) {
	for name, ms := range orders() {
		t.Run(name, func(t *testing.T) {
			ins := []string{write(t, "alerts.json", alikeLines(1500, ms)), write(t, "more.json", alikeLines(300, ms))}
			change := func(c *Config) {
				c.Examples, c.Merge, c.MaxDays, c.Limits = true, true, 20, lake.Limits{}
				c.Window = &lake.Window{First: lake.DayOf(startMillis) - 3, Last: lake.DayOf(startMillis) + 50}
			}
			want := became(t, 1, mapping, change, ins...)
			for _, workers := range []int{1, 8} {
				got := became(t, workers, large(mapping), change, ins...)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%d workers (-in order +alike):\n%.3000s", workers, diff)
				}
			}
		})
	}
}

// Lines that become much more than a chunk pass on what became of the first ones before the
// others are mapped.
func TestAlikeLinesThatGrowGiveTheSame(t *testing.T) {
	var text strings.Builder
	for i := range 100 {
		line := strings.Replace(alert(i, ascending(i)), "line", strings.Repeat("long ", 30_000), 1)
		fmt.Fprintf(&text, `%s,"location":"%d"}`+"\n{broken\n", strings.TrimSuffix(line, "}"), i%4)
	}
	in := write(t, "alerts.json", text.String())
	change := func(c *Config) { c.Read, c.Limits = source.Options{ChunkBytes: 20 << 20}, lake.Limits{} }
	want, got := became(t, 1, mapping, change, in), became(t, 1, large(mapping), change, in)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-in order +alike):\n%.3000s", diff)
	}
}

// Guests see the lines in their order, each once.
func TestGuestsSeeLinesInTheirOrder(t *testing.T) {
	var seen []string
	load := func(plan.GuestUse) (*plan.Guest, error) {
		return &plan.Guest{Open: func() (plan.Instance, error) {
			return plan.Instance{
				Alert: func(in []byte) ([]byte, bool, error) { seen = append(seen, string(in)); return in, false, nil },
				Renew: func() {}, Close: func() {},
			}, nil
		}}, nil
	}
	text := strings.Replace(large(mapping), "\nevent:\n", "\ntransforms: [{wasm: g.wasm, stage: alert}]\nevent:\n", 1)
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, engine.Options{Load: load})
	if err != nil {
		t.Fatal(err)
	}
	var in strings.Builder
	var want []string
	for i := range 200 {
		want = append(want, fmt.Sprintf(`%s,"location":"/var/log/of/alerts/%d.log"}`, strings.TrimSuffix(alert(i, ascending(i)), "}"), i%3))
		in.WriteString(want[i] + "\n")
	}
	c := setup(t, t.TempDir(), 1, inputs(t, write(t, "alerts.json", in.String())))
	c.Engine = e
	if _, err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	closeAll(t, c)
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}

// outcomeOf is what became of inputs.
type outcomeOf struct {
	Counts      Counts
	Conversions []Conversion
	Rows        map[string][]string // by folder, in their order
	Kept        map[string][]string // by kind
}

func became(t *testing.T, workers int, mapping string, change func(*Config), paths ...string) outcomeOf {
	t.Helper()
	root := filepath.Join(t.TempDir(), "lake")
	c := setup(t, root, workers, inputs(t, paths...))
	c.Engine, c.JSON = compile(t, mapping), sink(t, filepath.Join(root, "json"))
	change(&c)
	if c.alike() != strings.Contains(mapping, "data.none") {
		t.Fatalf("a mapping of %d steps: lines are mapped with those that are like them: %v", c.Engine.Steps(), c.alike())
	}
	res, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, c)
	out := outcomeOf{res.Counts, res.Conversions, map[string][]string{}, map[string][]string{}}
	objects := map[string][][]string{}
	for name, data := range tree(t, root) {
		dir := path.Dir(name)
		switch {
		case strings.HasPrefix(name, "json/"):
			objects[dir] = append(objects[dir], lines(t, data))
		case strings.HasPrefix(name, "rejects/") && strings.HasSuffix(name, ".json"):
			objects[dir] = append(objects[dir], strings.Split(string(data), "\n"))
		}
	}
	for dir, each := range objects {
		slices.SortFunc(each, func(a, b []string) int { return slices.Compare(beginning(t, a), beginning(t, b)) })
		if into := out.Rows; strings.HasPrefix(dir, "json/") {
			into[dir] = slices.Concat(each...)
		} else {
			out.Kept[dir] = slices.Concat(each...)
		}
	}
	return out
}

func lines(t *testing.T, zipped []byte) []string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// beginning orders objects: by the time of their first row.
func beginning(t *testing.T, rows []string) []string {
	t.Helper()
	var r row
	if err := json.Unmarshal([]byte(rows[0]), &r); err != nil {
		t.Fatal(err)
	}
	return []string{fmt.Sprintf("%020d", r.Time), rows[0]}
}

// Each line is mapped once, and those that are alike follow each other.
func TestArrange(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n, kinds := r.IntN(60), 1+r.IntN(40)
		a := &alike{}
		for range n {
			a.lines = append(a.lines, source.Line{Text: fmt.Sprintf(`{"a":%d,"location":"kind of a log %d"}`, r.Int(), r.IntN(kinds))})
		}
		a.arrange()
		var each []int
		met := map[string]bool{}
		last := ""
		for _, of := range a.order {
			at := int(uint32(of))
			each = append(each, at)
			end := a.lines[at].Text[strings.Index(a.lines[at].Text, "kind"):]
			if end != last && met[end] {
				t.Fatalf("lines that end with %s come apart", end)
			}
			met[end], last = true, end
		}
		if len(a.order) > 0 {
			each = append(each, 0)
			if len(a.order) < leastAlike*len(met) {
				t.Fatalf("%d lines of %d kinds are put in order", len(a.order), len(met))
			}
		}
		for _, l := range a.left {
			each = append(each, l.at)
		}
		slices.Sort(each)
		if len(each) != n || n > 0 && (each[0] != 0 || each[n-1] != n-1) || len(slices.Compact(each)) != n {
			t.Fatalf("of %d lines these are mapped: %v", n, each)
		}
		a.next()
		if len(a.lines)+len(a.order)+len(a.left) > 0 || a.first != uint32(n) {
			t.Fatalf("next lines begin with %+v", a)
		}
	}
}
