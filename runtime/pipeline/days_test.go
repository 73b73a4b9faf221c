package pipeline

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// daysMapping makes an event of one time of an alert, and leaves the other to the next.
const daysMapping = `mapping: days/%[1]s
also: true
schema: 1.1.0
class: security_finding
when: =%[1]s != nil
event:
  activity_id: 1
  state_id: 1
  severity_id: 1
  time: =%[1]s
  count: =n
  finding: {uid: =id, title: t}
  metadata: {product: {name: Wazuh, vendor_name: Wazuh}, version: 1.1.0}
  unmapped: {$rest: true}
`

// dayRules are what a run may be told of days.
type dayRules struct {
	window *lake.Window
	most   int
}

// refuses reports for each alert, given by the days of its events, whether the rules
// refuse it, when they are followed line by line.
func (d dayRules) refuses(alerts [][]int32) (refused []bool) {
	taken := map[int32]bool{}
	for _, days := range alerts {
		refused = append(refused, slices.ContainsFunc(days, func(day int32) bool {
			if !d.window.Holds(day) || d.most > 0 && !taken[day] && len(taken) == d.most {
				return true
			}
			taken[day] = true
			return false
		}))
	}
	return refused
}

// Law: of whatever days the events of an input are, and whatever days the lake takes,
// each line is accounted for, exactly those alerts are rejects that the days refuse in
// the order of the lines, and the number of workers changes no byte.
func TestEventDaysAreAccountedFor(t *testing.T) {
	for seed := range uint64(16) {
		r := rand.New(rand.NewPCG(seed, 3))
		spread := 1 + r.Int32N(50)
		day := func() int32 { return 19_000 + r.Int32N(spread) - r.Int32N(1+spread/9)*r.Int32N(9) }
		var alerts [][]int32
		var text strings.Builder
		for n := range 200 + r.IntN(300) {
			days := []int32{day(), day()}[:1+r.IntN(8)/7]
			alerts = append(alerts, days)
			fmt.Fprintf(&text, `{"n":"no number of a day","id":"%d","a":%d`, n, int64(days[0])*86_400_000)
			if len(days) > 1 {
				fmt.Fprintf(&text, `,"b":%d`, int64(days[1])*86_400_000)
			}
			fmt.Fprintf(&text, `,"location":"/var/log/%d.log"}`+"\n", n*n%3)
		}
		rules := dayRules{most: r.IntN(3) * r.IntN(30)}
		if r.IntN(2) == 0 {
			rules.window = &lake.Window{First: 19_000 - r.Int32N(30), Last: 19_000 + r.Int32N(spread)}
		}
		in := write(t, "a.json", text.String())
		a, b := fmt.Sprintf(daysMapping, "a"), fmt.Sprintf(daysMapping, "b")
		if seed%2 == 1 {
			a, b = large(a), large(b) // lines are mapped with those that are like them
		}
		var first map[string][]byte
		for _, workers := range []int{1, 3} {
			root := t.TempDir()
			c := setup(t, root, workers, inputs(t, in))
			c.Engine, c.Window, c.MaxDays = enginetest.Compile(t, engine.Options{}, a, b), rules.window, rules.most
			c.Read = source.Options{ChunkBytes: 1 << 10}
			result, err := Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			all := tree(t, root)
			maps.DeleteFunc(all, func(key string, _ []byte) bool { return strings.Contains(key, ".sluice-tmp/") })
			checkDays(t, rules, alerts, result, all)
			if first == nil {
				first = all
			} else if diff := gocmp.Diff(first, all); diff != "" {
				t.Errorf("seed %d: %d workers (-one +several):\n%.2000s", seed, workers, diff)
			}
			if t.Failed() {
				t.Fatalf("seed %d, %d workers, %+v", seed, workers, rules)
			}
		}
	}
}

// checkDays compares what became of alerts with what the rules say.
func checkDays(t *testing.T, rules dayRules, alerts [][]int32, result *Result, all map[string][]byte) {
	t.Helper()
	refused, days, rejects, events := rules.refuses(alerts), map[int32]bool{}, int64(0), int64(0)
	for i, no := range refused {
		if no {
			rejects++
			continue
		}
		events += int64(len(alerts[i]))
		for _, day := range alerts[i] {
			days[day] = true
		}
	}
	if want := (Counts{Lines: int64(len(alerts)), Taken: int64(len(alerts)) - rejects, Rejects: rejects, Events: events}); result.Counts != want {
		t.Errorf("counts %+v, want %+v", result.Counts, want)
	}
	if result.ConversionsFailed != events {
		t.Errorf("%d conversions failed, of %d events", result.ConversionsFailed, events)
	}
	for key, data := range all {
		if _, in, ok := strings.Cut(key, "eventDay="); ok {
			if day := in[:8]; !slices.ContainsFunc(alerts, func(of []int32) bool {
				return slices.ContainsFunc(of, func(d int32) bool { return days[d] && lake.Date(d) == day })
			}) {
				t.Errorf("%s is of a day that no alert has", key)
			}
			continue
		}
		for line := range strings.Lines(string(data)) {
			reject, ok := source.ParseReject(strings.TrimSuffix(line, "\n"))
			var alert struct{ ID string }
			if err := json.Unmarshal([]byte(reject.Raw), &alert); !ok || err != nil || !refused[reject.Line-1] || alert.ID != fmt.Sprint(reject.Line-1) {
				t.Errorf("%s has %s (%v)", filepath.Base(key), line, err)
			}
			if !strings.Contains(reject.Reason, "EVENT_DAYS") || !strings.Contains(reject.Where, "time") {
				t.Errorf("%s at %q", reject.Reason, reject.Where)
			}
		}
	}
}
