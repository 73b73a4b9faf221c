package pipeline

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// Law: that lines which are alike are mapped one after another changes neither rows nor their order,
// nor rejects, nor what is said of lines; and with it, too, any number of workers and what they
// remember change no byte.
func TestAlikeLinesGiveTheSame(t *testing.T) {
	for name, set := range alikeSets() {
		for seed := range uint64(5) {
			t.Run(fmt.Sprint(name, seed), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(seed, 5))
				var ins []string
				for i := range 1 + r.IntN(5) {
					ins = append(ins, write(t, fmt.Sprintf("%d.json", i), alikeText(r, 20+r.IntN(1+r.IntN(900)))))
				}
				change := func(c *Config) {
					r := rand.New(rand.NewPCG(seed, 6))
					c.Examples, c.Merge, c.MaxDays = true, seed%2 == 0, []int{1, 2, 0, 5, 9}[seed]
					c.Read.ChunkBytes = 1 << (14 + r.IntN(7))
					if r.IntN(2) == 0 {
						c.Window = &lake.Window{First: lake.DayOf(startMillis) - r.Int32N(3), Last: lake.DayOf(startMillis) + r.Int32N(9)}
					}
				}
				want := became(t, false, set, change, ins...)
				if got := became(t, true, set, change, ins...); !cmp.Equal(want, got) {
					t.Errorf("(-in order +alike):\n%.3000s", cmp.Diff(want, got))
				}
				var first map[string][]byte
				for workers, plain := range map[int]bool{1: false, 2: true, 8: false} {
					_, files := runTo(t, func(c *Config) {
						change(c)
						c.Engine, c.Workers = alikeEngine(t, set, true, plain), workers
					}, inputs(t, ins...)...)
					if first == nil {
						first = files
					} else if d := differ(first, files); d != "" {
						t.Errorf("%d workers, plain %t: %s", workers, plain, d)
					}
				}
			})
		}
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
	change := func(c *Config) { c.Read.ChunkBytes = 20 << 20 }
	want, got := became(t, false, []string{mapping}, change, in), became(t, true, []string{mapping}, change, in)
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
		want = append(want, fmt.Sprintf(`{"beginning":"of an alert",%s,"location":"/var/log/of/alerts/%d.log"}`, strings.Trim(alert(i, ascending(i)), "{}"), i%3))
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

// A line whose events are of another day than its beginning says is mapped again in its order, and
// is work for one.
func TestLinesAreWorkOnce(t *testing.T) {
	heavy := strings.Replace(mapping, "=full_log", "\"=string(count(data.list, any(data.list, # == 'x')))\"", 1)
	var text strings.Builder
	for i := range 77 { // as many as a MiB of input may have, see engine.TestBudgetOfAPartOfTheInput
		fmt.Fprintf(&text, `{"beginning":"of an alert","timestamp":%d,"data":{"list":[%s"a"]},"id":"%d","rule":{"level":1,"description":"d"},"location":"/var/log/of/alerts.log"}`+"\n",
			startMillis+int64(i/40)*86_400_000, strings.Repeat(`"a",`, 499), i)
	}
	in := write(t, "alerts.json", text.String())
	change := func(c *Config) { c.MaxDays, c.Read.ChunkBytes = 5, 1<<20 }
	want, got := became(t, false, []string{heavy}, change, in), became(t, true, []string{heavy}, change, in)
	if diff := cmp.Diff(want, got); diff != "" || want.Counts.Taken != 77 || len(want.Conversions) > 0 {
		t.Errorf("%+v (-in order +alike):\n%.3000s", want.Counts, diff)
	}
}

// Events that are streamed keep the order of the lines.
func TestAStreamKeepsTheOrderOfLines(t *testing.T) {
	in := write(t, "alerts.json", alikeText(rand.New(rand.NewPCG(1, 2)), 500))
	var streams [2]bytes.Buffer
	for i := range streams {
		c := setup(t, t.TempDir(), 2, inputs(t, in))
		c.Events, c.Engine = &streams[i], enginetest.Compile(t, engine.Options{}, []string{mapping, large(mapping)}[i])
		if _, err := Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		closeAll(t, c)
	}
	if want, got := streams[0].String(), streams[1].String(); want != got || want == "" {
		t.Errorf("%.2000s", cmp.Diff(want, got))
	}
}

// Each line is mapped once, and those that are alike follow each other.
func TestArrange(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n, kinds := 1+r.IntN(60), 1+r.IntN(40)
		a := &alike{}
		for range n {
			a.lines = append(a.lines, source.Line{Text: fmt.Sprintf(`{"day":"2026-11-2%d","a":%d,"location":"kind of a log %d"}`, 7+r.IntN(8)/7, r.Int(), r.IntN(kinds))})
		}
		mapped := r.IntN(n)
		a.arrange(mapped)
		var each []int
		met := map[string]bool{}
		last := ""
		for _, of := range a.early {
			at := int(uint32(of))
			each = append(each, at)
			text := a.lines[at].Text
			end := text[strings.Index(text, "kind"):]
			if end != last && met[end] || text[:20] != a.lines[mapped].Text[:20] {
				t.Fatalf("lines that end with %s come apart, or with those of another day", end)
			}
			met[end], last = true, end
		}
		if len(a.early) < leastAlike*len(met) {
			t.Fatalf("%d lines of %d kinds are put in order", len(a.early), len(met))
		}
		for _, l := range a.late {
			each = append(each, l.at)
		}
		slices.Sort(each)
		for i, at := range each {
			if len(each) != n-mapped-1 || at != mapped+1+i {
				t.Fatalf("of %d lines after %d these are mapped: %v", n, mapped, each)
			}
		}
		a.next()
		if len(a.lines)+len(a.early)+len(a.late) > 0 || a.first != uint32(n) {
			t.Fatalf("next lines begin with %+v", a)
		}
	}
}
