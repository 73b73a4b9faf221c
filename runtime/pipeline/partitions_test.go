package pipeline

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/source"
)

// Law: however many custom sources the events of an input go to, and on however many days,
// each chunk has at most the partitions that it may have: every line is accounted for, and
// one alert is taken with all its events or rejected. The number of workers changes no byte.
func TestPartitionsOfAChunkAreBounded(t *testing.T) {
	const sources, lines = 25, 60
	var mappings []string
	for i := range sources {
		mappings = append(mappings, strings.Replace(fmt.Sprintf(daysMapping, "a"), "mapping: days/a", fmt.Sprintf("mapping: days/m%d\nsource: s%d", i, i), 1))
	}
	compiled := enginetest.Compile(t, engine.Options{}, mappings...)
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 4))
		days, taken := 3+r.IntN(4), map[int]bool{}
		most := 2 * days // beyond what the days of the input need, and not what their partitions need
		var text strings.Builder
		want := int64(0)
		for n := range lines {
			day := r.IntN(days)
			if !taken[day] && sources*(len(taken)+1) <= partitionsPerDay*most {
				taken[day] = true
			}
			if taken[day] {
				want++
			}
			fmt.Fprintf(&text, `{"id":"%d","a":%d}`+"\n", n, int64(19_000+day)*86_400_000)
		}
		in := write(t, "a.json", text.String())
		for _, chunk := range []int{1 << 9, 1 << 20} {
			var first map[string][]byte
			for _, workers := range []int{1, 3} {
				root := t.TempDir()
				c := setup(t, root, workers, inputs(t, in))
				c.Engine, c.MaxDays, c.Read = compiled, most, source.Options{ChunkBytes: chunk}
				result, err := Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				got, all := result.Counts, tree(t, root)
				if got.Lines != lines || got.Taken+got.Rejects != lines || got.Events != got.Taken*sources || got.Taken < want {
					t.Errorf("seed %d: %+v, and one chunk takes %d", seed, got, want)
				}
				if chunk == 1<<20 && got.Taken != want {
					t.Errorf("seed %d: %+v, want %d taken", seed, got, want)
				}
				maps.DeleteFunc(all, func(key string, _ []byte) bool { return strings.Contains(key, ".sluice-tmp/") })
				for key, data := range all {
					if strings.Contains(key, "rejects/2") && strings.Count(string(data), "SLUICE_MAX_EVENT_DAYS (--max-event-days) and replay") != strings.Count(string(data), "\n") {
						t.Errorf("%s: %.500s", key, data)
					}
				}
				if first == nil {
					first = all
				} else if diff := gocmp.Diff(first, all); diff != "" {
					t.Errorf("seed %d: %d workers (-one +several):\n%.2000s", seed, workers, diff)
				}
			}
		}
	}
}

// Law: what a chunk takes are the partitions that it reaches first, and those that it reaches
// again in a later part count again once they are many.
func TestSpread(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 5))
		tables, days := 1+r.IntN(40), 1+r.IntN(40)
		s := newSpread(&Config{MaxDays: 1 + r.IntN(100)}, tables)
		for range 2 {
			s.begin()
			count, met, here := 0, map[place]bool{}, map[place]bool{}
			for range 3000 {
				if r.IntN(400) == 0 {
					s.next()
					clear(here)
				}
				p := place{r.IntN(tables), int32(r.IntN(days))}
				costs := !met[p] || !here[p] && len(met) > fewPartitions
				want := !costs || count < s.most
				if got := s.take(p); got != want {
					t.Fatalf("seed %d: partition %v of %d taken: %v", seed, p, count, got)
				}
				if want {
					met[p], here[p] = true, true
				}
				if want && costs {
					count++
				}
			}
		}
	}
}
