package alerts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// week makes input R: the alerts of a company with 500 agents. Kinds of alerts
// have fixed shares; the rules of a kind, the agents, users, addresses, files,
// vulnerabilities and so on are drawn by Zipf's law. Now and then somebody
// tries passwords: a flood of one rule from one address against one agent,
// between other alerts. Each rule counts how often it fired.
type week struct {
	kinds  []*kind
	share  *table
	floods *table // by the kinds' share of floods
	odd    []template
	oddity float64
	agents *agents
	scene  scene
	flood  flood
}

// kind is alerts of one origin.
type kind struct {
	name    string
	system  string // of the agents that have it; any if empty
	manager bool   // the manager's own agent, 000, has it
	rules   []*rule
	skew    *skew
	alerts  []template
}

// flood is the attack that is under way; left counts the alerts that are to come.
type flood struct {
	kind   *kind
	rule   *rule
	agent  *agent
	source uint64
	left   int
}

const (
	floodStarts = 2800 // alerts between two floods
	floodLeast  = 40   // alerts of one flood
	floodMost   = 600
)

func newWeek(s Settings) (*week, error) {
	c, err := readCatalog()
	if err != nil {
		return nil, err
	}
	w := &week{oddity: s.Odd, agents: newAgents()}
	names, err := fs.Glob(weekFiles, "week/*.json")
	if err != nil {
		return nil, err
	}
	var shares, floods []int
	for _, name := range names {
		if name == "week/catalog.json" {
			continue
		}
		kinds, err := readKinds(c, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, k := range kinds {
			w.kinds = append(w.kinds, k.kind)
			shares, floods = append(shares, k.Share), append(floods, k.Flood)
		}
	}
	w.share, w.floods = newTable(shares), newTable(floods)
	odd, err := weekFiles.ReadFile("week/odd.ndjson")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(odd)) {
		t, err := c.compile(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("week/odd.ndjson: %w", err)
		}
		w.odd = append(w.odd, t)
	}
	return w, nil
}

// kindFile is a kind as it is written in the files of week.
type kindFile struct {
	Name, System string
	Share, Flood int
	Manager      bool
	Rules        []string
	Alerts       []json.RawMessage
	kind         *kind
}

func readKinds(c *catalog, name string) ([]kindFile, error) {
	content, err := weekFiles.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var all []kindFile
	if err := json.Unmarshal(content, &all); err != nil {
		return nil, err
	}
	for i := range all {
		f := &all[i]
		f.kind = &kind{name: f.Name, system: f.System, manager: f.Manager, skew: newSkew(len(f.Rules), 1)}
		for _, text := range f.Rules {
			r, err := c.rule(text)
			if err != nil {
				return nil, fmt.Errorf("%s: rule %q: %w", f.Name, text, err)
			}
			f.kind.rules = append(f.kind.rules, r)
		}
		for _, a := range f.Alerts {
			t, err := c.compile(string(compact(a)))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			f.kind.alerts = append(f.kind.alerts, t)
		}
	}
	return all, nil
}

// compact takes the spaces and the outer braces off an object.
func compact(object json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if err := json.Compact(&b, object); err != nil {
		panic(err) // a RawMessage is valid JSON
	}
	return b.Bytes()[1 : b.Len()-1]
}

func (w *week) appendAlert(line []byte, serial int, when time.Time, rng *rand.Rand) []byte {
	s := &w.scene
	s.seed, s.time, s.flood = rng.Uint64(), when, 0
	if rng.IntN(200) == 0 { // it took its time to the manager
		s.time = when.Add(-time.Duration(rng.Int64N(int64(time.Minute))))
	}
	start := len(line)
	switch {
	case rng.Float64() < w.oddity:
		s.agent = w.agents.draw("", rng.Uint64())
		line = w.odd[rng.IntN(len(w.odd))].append(line, s)
	case w.inFlood(rng):
		f := &w.flood
		f.left--
		s.agent, s.flood = f.agent, f.source
		line = s.appendAlert(line, f.kind, f.rule, rng)
	default:
		k := w.kinds[w.share.draw(rng)]
		s.agent = w.agents.of(k, rng.Uint64())
		line = s.appendAlert(line, k, k.rules[k.skew.draw(rng.Uint64())], rng)
	}
	s.offset += int64(len(line) - start + 1)
	return line
}

// inFlood says that the next alert is one of a flood, and starts one now and then.
func (w *week) inFlood(rng *rand.Rand) bool {
	f := &w.flood
	if f.left > 0 {
		return rng.IntN(4) > 0
	}
	if rng.IntN(floodStarts) > 0 {
		return false
	}
	k := w.kinds[w.floods.draw(rng)]
	*f = flood{
		kind: k, rule: k.rules[rng.IntN(min(2, len(k.rules)))], agent: w.agents.of(k, rng.Uint64()),
		source: rng.Uint64() | 1, left: floodLeast + rng.IntN(floodMost-floodLeast),
	}
	return true
}

// table draws numbers in proportion to shares.
type table struct {
	upTo []int
	sum  int
}

func newTable(shares []int) *table {
	t := new(table)
	for _, n := range shares {
		t.sum += n
		t.upTo = append(t.upTo, t.sum)
	}
	return t
}

func (t *table) draw(rng *rand.Rand) int {
	n, i := rng.IntN(t.sum), 0
	for n >= t.upTo[i] {
		i++
	}
	return i
}

// rule is what an alert says of the rule that fired.
type rule struct {
	before template // level, description, id, mitre
	after  []byte   // mail, groups, controls
	fired  int
}

// rule reads "id | level | description | groups | techniques | controls".
func (c *catalog) rule(text string) (*rule, error) {
	fields := strings.Split(text, " | ")
	if len(fields) != 6 {
		return nil, fmt.Errorf("it has %d fields, not 6", len(fields))
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	level, err := strconv.Atoi(fields[1])
	if err != nil {
		return nil, err
	}
	controls, ok := c.controls[fields[5]]
	if !ok {
		return nil, fmt.Errorf("there are no controls %q", fields[5])
	}
	mitre, err := c.mitre(fields[4])
	if err != nil {
		return nil, err
	}
	before, err := c.compile(fmt.Sprintf(`"rule":{"level":%d,"description":%s,"id":"%s",%s"firedtimes":`,
		level, jsonText(fields[2]), fields[0], mitre))
	if err != nil {
		return nil, err
	}
	after := fmt.Sprintf(`,"mail":%t,"groups":%s,%s}`, level >= 12, jsonText(strings.Split(fields[3], ",")), controls)
	return &rule{before: before, after: []byte(after)}, nil
}

func (c *catalog) mitre(ids string) (string, error) {
	if ids == "" {
		return "", nil
	}
	var all struct {
		ID        []string `json:"id"`
		Tactic    []string `json:"tactic"`
		Technique []string `json:"technique"`
	}
	seen := map[string]bool{}
	for id := range strings.SplitSeq(ids, ",") {
		t, ok := c.techniques[id]
		if !ok {
			return "", fmt.Errorf("there is no technique %s", id)
		}
		all.ID, all.Technique = append(all.ID, id), append(all.Technique, t.name)
		for _, tactic := range t.tactics {
			if !seen[tactic] {
				seen[tactic] = true
				all.Tactic = append(all.Tactic, tactic)
			}
		}
	}
	return `"mitre":` + jsonText(all) + ",", nil
}

// jsonText writes what can always be written.
func jsonText(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}
