package pipeline

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// smallTexts are inputs of some lines each: of one day and of several, with odd lines, with texts of the
// one before, and some that become much more than they are.
func smallTexts(n int, seed uint64) (texts []string) {
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		first, lines := random.IntN(3000), 1+random.IntN(40)
		at := func(k int) int64 { return startMillis + int64(first+k)*1000 }
		switch random.IntN(6) {
		case 0:
			at = func(k int) int64 { return startMillis + int64(k%5)*86_400_000 + int64(i) }
		case 1:
			many := ""
			for k := range 900 {
				many += fmt.Sprintf(`,"m%d":%d`, k, k%7)
			}
			texts = append(texts, strings.Replace(alert(first, at(0)), `,"agent"`, many+`,"agent"`, 1))
			continue
		case 2:
			lines = 1
		}
		texts = append(texts, alerts(lines, at)+fmt.Sprintf(`{"rule":{"level":99},"input":%d}`, i))
	}
	return texts
}

// smallSetup is setup for chunks of which small inputs share a batch.
func smallSetup(t *testing.T, root string, workers int, ins []source.Input) Config {
	c := setup(t, root, workers, ins)
	c.Read.ChunkBytes = 128 << 10
	return c
}

// What becomes of an input is what becomes of it alone, although small ones share batches.
func TestSmallInputsAreWrittenAsIfAlone(t *testing.T) {
	for seed := range uint64(2) {
		var ins []source.Input
		for i, text := range smallTexts(60, seed) {
			ins = append(ins, inputs(t, write(t, fmt.Sprintf("%d.json", i), text))...)
		}
		alone := filepath.Join(t.TempDir(), "lake")
		for _, in := range ins {
			c := smallSetup(t, alone, 1, []source.Input{in})
			if _, err := Run(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			closeAll(t, c)
		}
		want := tree(t, alone)
		for _, workers := range []int{1, 2, 8} {
			root := filepath.Join(t.TempDir(), "lake")
			c := smallSetup(t, root, workers, ins)
			if _, err := Run(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			closeAll(t, c)
			if d := differ(want, tree(t, root)); d != "" {
				t.Fatalf("%d workers: %s", workers, d)
			}
		}
	}
}

// sharedBy has one worker map inputs, and returns what became of each.
func sharedBy(t *testing.T, limits lake.Limits, texts ...string) (items []*item) {
	var ins []source.Input
	for i, text := range texts {
		ins = append(ins, inputs(t, write(t, fmt.Sprintf("%d.json", i), text))...)
	}
	c := smallSetup(t, t.TempDir(), 1, ins)
	c.Sources, c.Warm, c.Limits = []string{"wazuh"}, new(Warm), limits.WithDefaults()
	r := newRun(&c, nil)
	waiting := make(chan *item, len(ins))
	for _, in := range ins {
		p := &part{run: r, unit: r.newUnit([]source.Input{in})}
		var err error
		if p.reader, err = source.NewReader(t.Context(), in, c.Read); err != nil {
			t.Fatal(err)
		}
		chunk, err := p.reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !r.add(t.Context(), p.unit, chunk, p.reader.AtEnd()) {
			t.Fatal("the run has ended")
		}
		items = append(items, <-r.toMap)
		waiting <- items[len(items)-1]
		p.reader.Close()
	}
	w := r.newWorker()
	for len(waiting) > 0 {
		if more, err := w.take(t.Context(), <-waiting, waiting); !more || err != nil {
			t.Fatal(more, err)
		}
	}
	for _, it := range items {
		<-it.done
	}
	return items
}

// TestSmallInputsShareBatches: the last input that has rows of a batch has its memory, and gives it back.
func TestSmallInputsShareBatches(t *testing.T) {
	some, none := alerts(12, ascending), " \n"
	several := alerts(10, func(i int) int64 { return startMillis + int64(i)*86_400_000 })
	grows := alert(1, startMillis)
	for i := range 900 {
		grows = strings.Replace(grows, `,"agent"`, fmt.Sprintf(`,"m%d":1,"agent"`, i), 1)
	}
	large := alerts(200, ascending)
	tight := lake.Limits{ObjectBytes: 512 << 10}
	for name, test := range map[string]struct {
		limits lake.Limits
		texts  []string
		have   string // whether each has memory of batches
	}{
		"all":              {lake.Limits{}, []string{some, some, some}, "001"},
		"without rows":     {lake.Limits{}, []string{none, some, some, none}, "0010"},
		"of several days":  {lake.Limits{}, []string{some, several, some, several}, "0111"},
		"a large one":      {lake.Limits{}, []string{some, some, large, some, some}, "01101"},
		"one that grows":   {tight, []string{some, some, grows, some, some}, "01101"},
		"one grows first":  {tight, []string{grows, some, some}, "101"},
		"no room for that": {lake.Limits{ObjectBytes: 512 << 10, RowGroupBytes: 1}, []string{grows, grows}, "11"},
	} {
		have := ""
		for _, it := range sharedBy(t, test.limits, test.texts...) {
			if it.out.reserved > 4<<10 {
				have += "1"
			} else {
				have += "0"
			}
		}
		if have != test.have {
			t.Errorf("%s: memory of batches is with %s, and belongs to %s", name, have, test.have)
		}
	}
}
