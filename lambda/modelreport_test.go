package lambda_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// check compares what the lake, the rejects and the dead letters have with what came.
func (m *model) check() {
	for _, name := range []string{"alerts", "dead"} {
		if left, _ := m.q.waiting(name); len(left) > 0 {
			m.t.Errorf("%d messages are left in %s, the first %+v", len(left), name, left[0])
		}
	}
	var lines, made, events int64
	listed := map[string]bool{}
	for key, body := range m.server.Bodies("raw", "rejects/"+lake.LedgerFolder+"/") {
		if strings.Count(key, "/") != 2 || !strings.HasSuffix(key, ".json") {
			continue
		}
		man, err := lake.ParseManifest(body)
		if err != nil || man.Pending != nil {
			m.t.Errorf("%s: %v, pending %v", key, err, man.Pending)
			continue
		}
		lines += man.Lines
		made += man.Taken + man.RejectLines + man.UnmatchedLines + man.Dropped + man.Blank
		for _, o := range man.Objects {
			listed[o.Key] = true
			events += o.Rows
		}
	}
	inLake := m.server.Objects("lake")
	for key := range inLake {
		if !listed[key] {
			m.t.Errorf("%s is in the lake, and no manifest has it", key)
		}
	}
	if lines != m.lines || made != m.lines || events != m.lines || len(listed) != len(inLake) || lines == 0 {
		m.t.Errorf("%d lines came; the manifests have %d, of which something became of %d, and %d events in %d objects, where the lake has %d",
			m.lines, lines, made, events, len(listed), len(inLake))
	}
}

// Prices of us-east-1 in USD, for arm64: https://aws.amazon.com/lambda/pricing,
// …/sqs/pricing, …/s3/pricing.
const (
	perGBSecond     = 0.0000133334
	perInvocation   = 0.20 / 1e6
	perQueueRequest = 0.40 / 1e6
	perWrite        = 0.005 / 1e3 // PUT, POST, LIST
	perRead         = 0.0004 / 1e3
)

func (m *model) report(began time.Time, away, broken, forbidden time.Duration) {
	objects := len(m.arrivals)
	failures := func(failed, _ int64, _ int) bool { return failed > 0 }
	letters := func(_, _ int64, dead int) bool { return dead > 0 }
	faults := func(_, faults int64, _ int) bool { return faults > 0 }
	alarms := map[string]time.Duration{
		"the lake is away: failures":     m.alarmAfter(began.Add(away), failures, 2),
		"the mapping is broken: faults":  m.alarmAfter(began.Add(broken), faults, 1),
		"the lake forbids: dead letters": m.alarmAfter(began.Add(forbidden), letters, 1),
	}
	for what, after := range alarms {
		if after < 0 || after > 15*time.Minute {
			m.t.Errorf("%s: the alarm goes off after %s", what, after)
		}
		m.t.Logf("%s, the first alarm after %s", what, after)
	}
	var reads, writes float64
	for _, r := range m.server.Requests() {
		switch {
		case r.Bucket == "rules": // looked at for every invocation, and once a minute as a rule
		case r.Method == "GET" && r.Key != "", r.Method == "HEAD":
			reads++
		case r.Method != "DELETE":
			writes++
		}
	}
	m.q.mu.Lock()
	queue := float64(2*m.invoked + m.q.made["SendMessage"] + m.q.made["ChangeMessageVisibilityBatch"] + objects)
	m.q.mu.Unlock()
	cost := map[string]float64{
		"Lambda": m.busy.Seconds()*0.5*perGBSecond + float64(m.invoked)*perInvocation,
		"SQS":    queue * perQueueRequest,
		"S3":     writes*perWrite + reads*perRead,
	}
	m.t.Logf("%d objects (%.1f MB, the largest %.1f MB), %d lines, %d functions at once", objects, float64(m.bytes)/1e6, float64(m.large)/1e6, m.lines, len(m.free))
	m.t.Logf("%.2f receives and %.0f ms for each object, %.2f objects in an invocation", float64(m.receives)/float64(objects), m.busy.Seconds()*1e3/float64(objects), float64(m.receives)/float64(m.invoked))
	m.receivesBy(map[string][2]time.Duration{"the lake was away": {away, time.Hour}, "the mapping was broken": {broken, time.Hour},
		"the lake forbade": {forbidden, time.Hour}, "S3 was stormy": {modelTime - time.Hour, 20 * time.Minute}}, began)
	m.t.Logf("while the lake forbade: %d receives; %d letters were sent back and delivered", m.inWindow, m.redriven)
	m.t.Logf("dead letters: %v", m.letters)
	for _, service := range slices.Sorted(func(yield func(string) bool) {
		for name := range cost {
			if !yield(name) {
				return
			}
		}
	}) {
		m.t.Logf("%s: %.4f USD for a thousand objects", service, cost[service]/float64(objects)*1e3)
	}
	if hour := objects * int(time.Hour) / int(modelTime); m.inWindow > hour+2 {
		m.t.Errorf("%d receives while the lake forbade, of %d objects: some were tried in vain", m.inWindow, hour)
	}
	if per := float64(m.receives) / float64(objects); per > 3 {
		m.t.Errorf("%.2f receives for each object", per)
	}
}

// receivesBy says how often messages were received that arrived while something was wrong,
// and those of all other times. Poison is a time of its own. Those of a good time must be
// received once, but for what no object of another time can take from them.
func (m *model) receivesBy(times map[string][2]time.Duration, began time.Time) {
	objects, receives := map[string]int{}, map[string]int{}
	for body, at := range m.arrived {
		when := "all was well"
		for what, time := range times {
			if after := at.Sub(began); after >= time[0] && after < time[0]+time[1] {
				when = what
			}
		}
		if strings.Contains(body, poisonKey) {
			when = "it was poison"
		}
		objects[when]++
		receives[when] += m.received[body]
	}
	for _, when := range slices.Sorted(maps.Keys(objects)) {
		m.t.Logf("%.2f receives for each of %d objects that arrived while %s", float64(receives[when])/float64(objects[when]), objects[when], when)
	}
	if well := float64(receives["all was well"]) / float64(objects["all was well"]); well > 1.1 {
		m.t.Errorf("%.2f receives for each object that arrived while all was well", well)
	}
}
