package alerts

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"
)

// TestWeekKeepsItsPromises counts what input R is made for.
func TestWeekKeepsItsPromises(t *testing.T) {
	const lines = 40_000
	s := settings("R", lines, 7)
	c := newCount()
	for i, line := range bytes.Split(bytes.TrimSpace(generate(t, s)), []byte("\n")) {
		if err := c.add(line); err != nil {
			t.Fatalf("line %d is not JSON: %v\n%s", i+1, err, line)
		}
	}
	share := func(what string, n int, least, most float64) {
		t.Helper()
		if part := float64(n) / lines; part < least || part > most {
			t.Errorf("%s: %d of %d alerts, %.3f; want %.3f to %.3f", what, n, lines, part, least, most)
		}
	}
	share("with a full_log of its own", len(c.logs), 0.27, 0.33)
	share("with the time after the one before", lines-c.back, 0.95, 1)
	share("Windows and CloudTrail", c.documents, 0.3, 0.6)
	share("Windows and CloudTrail of 2 to 8 KB", c.large, 0.25, 0.5)
	share("the most frequent rule", c.top(1), 0.04, 0.2)
	share("the 20 most frequent rules", c.top(20), 0.4, 0.9)
	share("the most frequent agent", slices.Max(values(c.agents)), 0.01, 0.2)
	share("in runs of one rule and one address", c.inFlood, 0.01, 0.2)
	for what, n := range map[string]struct{ have, want int }{
		"rules": {len(c.rules), 120}, "agents": {len(c.agents), 450}, "days": {len(c.days), 7},
		"addresses": {len(c.addresses), 1500}, "descriptions": {len(c.titles), 1000}, "odd kinds": {len(c.odd), 10},
	} {
		if n.have < n.want {
			t.Errorf("%d %s, want %d", n.have, what, n.want)
		}
	}
	if len(c.days) > 8 {
		t.Errorf("the days are %v", c.days)
	}
}

// count is what is known of the alerts so far.
type count struct {
	rules, agents, logs, days, addresses, titles, odd map[string]int
	documents, large, back, inFlood                   int
	last                                              string
	rule, source                                      string // of the last alert that has an address
}

func newCount() *count {
	m := func() map[string]int { return map[string]int{} }
	return &count{rules: m(), agents: m(), logs: m(), days: m(), addresses: m(), titles: m(), odd: m()}
}

func (c *count) add(line []byte) error {
	var a struct {
		Timestamp any
		FullLog   string `json:"full_log"`
		Location  string
		Rule      struct {
			ID          any
			Description string
			Firedtimes  any
		}
		Agent struct{ ID any }
		Data  any
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return err
	}
	id, _ := a.Rule.ID.(string)
	if agent, ok := a.Agent.ID.(string); ok {
		c.agents[agent]++
	}
	c.rules[id]++
	c.titles[a.Rule.Description]++
	if a.FullLog != "" {
		c.logs[a.FullLog]++
	}
	if when, ok := a.Timestamp.(string); ok {
		c.days[when[:10]]++
		if when < c.last {
			c.back++
		}
		c.last = when
	}
	if a.Location == "EventChannel" || a.Location == "Wazuh-AWS" {
		c.documents++
		if len(line) >= 2000 && len(line) <= 9000 {
			c.large++
		}
	}
	if len(id) == 6 || id == "" {
		c.odd[a.Rule.Description]++
	}
	c.addFlood(id, sourceOf(a.Data))
	return nil
}

// addFlood counts the alerts of the same rule and address as the last one that
// has an address.
func (c *count) addFlood(rule, source string) {
	switch {
	case source == "":
		return
	case rule == c.rule && source == c.source:
		c.inFlood++
	}
	c.rule, c.source = rule, source
	c.addresses[source]++
}

func sourceOf(data any) string {
	m, _ := data.(map[string]any)
	if source, ok := m["srcip"].(string); ok {
		return source
	}
	win, _ := m["win"].(map[string]any)
	event, _ := win["eventdata"].(map[string]any)
	source, _ := event["ipAddress"].(string)
	return source
}

func values(m map[string]int) []int {
	var all []int
	for _, n := range m {
		all = append(all, n)
	}
	return all
}

func (c *count) top(n int) int {
	all := values(c.rules)
	slices.Sort(all)
	sum := 0
	for _, v := range all[max(0, len(all)-n):] {
		sum += v
	}
	return sum
}

// TestRulesCountTheirFirings: firedtimes of a rule rises by one from alert to alert.
func TestRulesCountTheirFirings(t *testing.T) {
	s := settings("R", 5000, 7)
	s.Odd = 0
	last := map[string]float64{}
	for _, line := range bytes.Split(bytes.TrimSpace(generate(t, s)), []byte("\n")) {
		var a struct {
			Rule struct {
				ID         string
				Firedtimes float64
			}
		}
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		if a.Rule.Firedtimes != last[a.Rule.ID]+1 {
			t.Fatalf("rule %s fired %g times after %g", a.Rule.ID, a.Rule.Firedtimes, last[a.Rule.ID])
		}
		last[a.Rule.ID] = a.Rule.Firedtimes
	}
	if len(last) < 80 {
		t.Errorf("%d rules fired", len(last))
	}
}

// TestOddAlertsComeAtTheirShare: none where none are asked for, all of them where
// nothing else is.
func TestOddAlertsComeAtTheirShare(t *testing.T) {
	for _, share := range []float64{0, 1} {
		s := settings("R", 2000, 7)
		s.Odd = share
		wrapped := bytes.Count(generate(t, s), []byte(`"_source"`))
		if (wrapped > 100) != (share == 1) || share == 0 && wrapped > 0 {
			t.Errorf("%d of 2000 alerts are wrapped at a share of %g", wrapped, share)
		}
	}
}

// TestSlotsAreFilledAlike: slots of equal text are equal in one alert and differ
// between alerts; slots without a key differ within one.
func TestSlotsAreFilledAlike(t *testing.T) {
	c, err := readCatalog()
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := c.compile(`${hex 40 a} ${hex 40 a} ${hex 40} ${hex 40}`)
	if err != nil {
		t.Fatal(err)
	}
	words := bytes.Fields(tmpl.append(nil, &scene{seed: 1}))
	if !bytes.Equal(words[0], words[1]) || bytes.Equal(words[1], words[2]) || bytes.Equal(words[2], words[3]) {
		t.Errorf("one alert has %s", words)
	}
	other := bytes.Fields(tmpl.append(nil, &scene{seed: 2}))
	for i := range words {
		if bytes.Equal(words[i], other[i]) || bytes.Equal(words[i][10:20], other[i][10:20]) {
			t.Errorf("two alerts have %s and %s", words[i], other[i])
		}
	}
	for _, bad := range []string{"${n 1}", "${n 2 1}", "${pick nothing}", "${what}", "${}", "${n 1 2", "${pick}"} {
		if _, err := c.compile(bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// TestSkewIsZipf: the first is drawn about twice as often as the second.
func TestSkewIsZipf(t *testing.T) {
	k := newSkew(1000, 1)
	n := [3]int{}
	for i := range 200_000 {
		if d := k.draw(mix(uint64(i))); d < len(n) {
			n[d]++
		}
	}
	if ratio := float64(n[0]) / float64(n[1]); math.Abs(ratio-2) > 0.1 {
		t.Errorf("the first is drawn %.2f times as often as the second", ratio)
	}
}
