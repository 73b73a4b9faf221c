package alert

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// FuzzPassages states that a scanner that has read many alike lines gives what a fresh one
// gives, errors, places and order included, and that a number stands for one value.
func FuzzPassages(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := alike{rand.New(rand.NewPCG(seed, 7))}
		wants := slices.DeleteFunc(usual(), func(Want) bool { return g.IntN(4) == 0 })
		if g.IntN(8) == 0 {
			wants = append(wants, Want{Used: g.IntN(2) == 0}, Want{Path: Path{{Name: "rule"}}})
		}
		if g.IntN(3) > 0 {
			wants = append(wants, slices.DeleteFunc(outlined(), func(Want) bool { return g.IntN(4) == 0 })...)
			g.Shuffle(len(wants), func(i, j int) { wants[i], wants[j] = wants[j], wants[i] })
		}
		readings := []Reading{{wants, g.IntN(2) == 0}, {wants[:len(wants)/2], g.IntN(4) == 0}}
		spec := NewSharedSpec(readings, g.limits())
		sc, values := spec.NewScanner(), make([]map[uint32]Value, len(wants))
		ids := map[uint32][]Leaf{}
		for i := range 250 {
			line := g.line()
			fresh := spec.NewScanner()
			err, freshErr := sc.Scan(line), fresh.Scan(line)
			for j, r := range readings {
				got, want := resultOf(sc.NewReader(j), err, r.Wants), resultOf(fresh.NewReader(j), freshErr, r.Wants)
				if !reflect.DeepEqual(got, want) {
					t.Fatalf("line %d, reading %d: %s\n got %+v\nwant %+v", i, j, line, got, want)
				}
			}
			if !slices.Equal(sc.There(nil), fresh.There(nil)) {
				t.Fatalf("line %d: %s\nother values are there", i, line)
			}
			oneValueEach(t, sc, values)
			absentByOutline(t, sc, line, len(wants))
			fresh.spans = nil
			for j := 0; j < len(readings) && err == nil; j++ {
				sameLeaves(t, sc.NewReader(j), ids)
				o, by, again := g.written(line), sc.NewReader(j), fresh.NewReader(j)
				got, want := by.AppendUnwritten(nil, o), again.AppendUnwritten(nil, o)
				if !slices.Equal(got, want) || by.Joined() != again.Joined() {
					t.Fatalf("line %d, reading %d: %s\nunwritten %+v\nwant %+v", i, j, line, got, want)
				}
			}
		}
	})
}

// outlined are wants of which some are inside others.
func outlined() []Want {
	data, win, system, list := Step{Name: "data"}, Step{Name: "win"}, Step{Name: "system"}, Step{Name: "list"}
	return []Want{
		{Path: Path{data}, Used: true}, {Path: Path{data, win, system, {Name: "eventID"}}, Used: true}, {Path: Path{data, win, system}}, {Path: Path{data, win}},
		{Path: Path{data, list, {IsIndex: true}, {Name: "a"}}}, {Path: Path{data, list, {IsIndex: true}}, Used: true}, {Path: Path{{Name: "agent"}}, Used: true},
	}
}

// absentByOutline checks that a list or object of the line is not said to lack absent texts where it has one.
func absentByOutline(t *testing.T, sc *Scanner, line string, wants int) {
	t.Helper()
	a := NewAbsent([]string{"-", "N/A", `C:\`, "größe"})
	for i := range wants {
		v := sc.Value(i)
		if v.Kind < List {
			continue
		}
		tree, _ := buildTree(v.Text)
		if (absentReference{a, v.Origin}).in(tree) && !sc.MayHave(a, &v) {
			t.Fatalf("want %d, which has an absent text, is said to have none: %s", i, line)
		}
	}
}

// sameLeaves checks that each group has leaves of the rest, and had the same ones in all lines.
func sameLeaves(t *testing.T, r *Reader, ids map[uint32][]Leaf) {
	t.Helper()
	rest := r.Rest()
	for _, l := range r.AppendRest(nil) {
		g := l.Group
		if g == nil {
			rest = rest[1:]
			continue
		}
		bytes := 0
		for _, l := range g.Leaves {
			bytes += len(l.Key) + len(l.Value)
		}
		if bytes != g.Bytes || !slices.Equal(rest[:len(g.Leaves)], g.Leaves) {
			t.Fatalf("a group of %d bytes for %+v: %+v", bytes, rest, g)
		}
		if before, ok := ids[g.ID]; g.ID == 0 || ok && !slices.Equal(before, g.Leaves) {
			t.Fatalf("the ID %d stands for %+v, and for %+v", g.ID, before, g.Leaves)
		}
		ids[g.ID], rest = g.Leaves, rest[len(g.Leaves):]
	}
}

// oneValueEach checks that each number had the same value in all lines.
func oneValueEach(t *testing.T, sc *Scanner, values []map[uint32]Value) {
	t.Helper()
	for i := range values {
		n, v := sc.Known(i), sc.Value(i)
		if v.Origin = 0; n == Unique {
			continue
		}
		before, ok := values[i][n]
		if !ok {
			if values[i] == nil {
				values[i] = map[uint32]Value{}
			}
			v.Text = strings.Clone(v.Text)
			values[i][n] = v
		} else if !reflect.DeepEqual(before, v) {
			t.Fatalf("want %d: the number %d stands for %+v, and for %+v", i, n, before, v)
		}
	}
}

// alike makes lines that have pieces in common, and that differ in a few bytes anywhere.
type alike struct{ *rand.Rand }

func (g alike) limits() Limits {
	switch g.IntN(9) {
	case 3:
		return Limits{KeyBytes: 100 + g.IntN(400), PathBytes: 60 + g.IntN(400)}
	case 0:
		return Limits{Leaves: 20 + g.IntN(20)}
	case 1:
		return Limits{PathBytes: 60 + g.IntN(120)}
	case 2:
		return Limits{Depth: 2 + g.IntN(4)}
	}
	return Limits{}
}

func (g alike) pick(texts ...string) string { return texts[g.IntN(len(texts))] }

func (g alike) line() string {
	line := fmt.Sprintf(`{"timestamp":"%d"%s,"rule":{%s},"agent":%s,%s"manager":{"name":"a manager of all"},"id":"%d",%s"decoder":{"name":"%s"},"data":{%s},"location":"%s"}`,
		g.Uint64(), g.pick("", "", "", ` , "@timestamp" : "x"`), g.rule(), g.agent(), g.pick("", "", `"input":{"type":"log"},`), g.IntN(1000),
		g.pick("", `"full_log":"a line that comes again and again",`, `"full_log":"with \"quotes\" and \\ that come again",`, `"agent":{"id":"twice"},`),
		g.pick("sshd", "sudo", `s\u0075do`), g.data(), g.pick("/var/log/auth.log", "EventChannel"))
	switch g.IntN(24) {
	case 0:
		return `{"_index":"an index of many alerts","_source":` + line + `,"_id":"7"}`
	case 1:
		at := g.IntN(len(line))
		return line[:at] + g.pick(`"`, "}", "5", ",", " ", "\x01", `\`) + line[min(len(line), at+g.IntN(2)):]
	case 2:
		return line[:g.IntN(len(line))]
	case 3:
		return `{"_index":"an index of many alerts","_source":{"rule":{"id":"57"},"id":"1"},"id":"` + g.pick("7", "8") + `","location":"of a short alert"}`
	}
	return line
}

// written makes the origins of some values of a line: those of all texts, of many of them and of objects, of
// those of the first part, or of those that begin a list.
func (g alike) written(line string) *Origins {
	o, kind, most := new(Origins), g.IntN(5), g.IntN(len(line)+1)
	for i := range line {
		switch {
		case line[i] == '{' && kind == 0 && g.IntN(4) == 0:
			o.Written(originAt(i))
		case line[i] != '"', kind == 0 && g.IntN(2) == 0, kind == 1 && i > most, kind == 2 && line[i-1] != '[':
		default:
			o.Written(originAt(i))
		}
	}
	return o
}

func (g alike) rule() string {
	level := g.pick("3", "3", "3", "35", "3.5", `"3"`, "true", "null")
	text := g.pick("a rule that begins like the others", "a rule that begins like the others, and goes on", `a rule that begins like the \u006fthers`)
	return fmt.Sprintf(`"level":%s,"description":"%s","id":"%s",%s"firedtimes":%s,"mail":false,"groups":["one","two"%s],"gdpr":["IV_35.7.d"]%s`,
		level, text, g.pick("5715", "5716", "57"), g.pick("", `"mitre":{"id":["T1110"],"tactic":["Credential Access"],"technique":["Brute Force"`+g.pick("", `,"x"`)+`]},`),
		g.pick("1", "1", "12", "2"), g.pick("", `,"three"`, `,"a group whose name has more characters than a word has bits","four"`), g.pick("", "", "", " ", `,"id":"twice"`, `,"new`+fmt.Sprint(g.IntN(50))+`":1`))
}

func (g alike) agent() string {
	n := g.IntN(100)
	return fmt.Sprintf(`{"id":"00%d","name":"an agent with a name %d","ip":"192.0.2.%d"}`, n, n, n)
}

func (g alike) data() string {
	return fmt.Sprintf(`"srcip":"198.51.100.7","win":{"system":{"eventID":"%d","channel":"Security of all"%s}},"list":[%s,{"a":%d}],"srcuser":"%s"%s`,
		4624+g.IntN(2), g.pick("", "", `,"path":"C:\\temp"`, `, "path" : "C:\\"`, `,"text":"\u002d","none":null`, `,"level":"-","of":{"a":{"b":[]},"c":true}`, `,"of":{"a":1,"a":2}`),
		g.pick(`{"a":1}`, `{"a":"\u002d"}`, `"\t"`), g.IntN(2), g.pick("root", "", "guest", "-"), g.pick("", `,"e f":{"x":"N\/A"},"y":{}`, `,"more":["gr\u00f6\u00dfe",{"n":-1.50}]`))
}

// A passage that came often enough is taken at once, with the numbers of its values, and
// costs no allocation, not even for texts with escapes.
func TestPassagesAreTaken(t *testing.T) {
	g := alike{rand.New(rand.NewPCG(1, 2))}
	rule := g.rule()
	lines := make([]string, 100)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"timestamp":"%d","full_log":"a \"text\" with escapes in it","rule":{%s},"id":"%d"}`, i, rule, i)
	}
	sc := NewSpec(usual(), true, Limits{}).NewScanner()
	allocations(t, sc, lines...) // while passages are learned
	if n := allocations(t, sc, lines...); n != 0 {
		t.Errorf("%v allocations", n)
	}
	line := lines[0]
	for _, name := range []string{"full_log", "rule"} {
		m := sc.memory.find(sc.memory.root, name)
		i := strings.Index(line, `"`+name+`":`) + len(name) + 3
		p, members := sc.memory.passages.find(headOf(line, i, m), line[i:], m, 1)
		if p == nil || members != len(p.members) {
			t.Errorf("%s: %d members of the passage %+v", name, members, p)
		}
	}
}

// Where alerts are of many kinds, it takes some hundred lines until what their rules begin is known.
func TestPassagesOfManyKinds(t *testing.T) {
	g, sc := rand.New(rand.NewPCG(3, 4)), NewSpec(usual(), true, Limits{}).NewScanner()
	for range 5000 {
		n := g.IntN(100)
		line := fmt.Sprintf(`{"timestamp":"%d","rule":{"id":"%d","description":"the rule %[2]d%[2]d%[2]d with a text that many rules have, each with its number","level":%d},"id":"%d"}`, g.Uint64(), n, n%16, g.Uint64())
		if err := sc.Scan(line); err != nil {
			t.Fatal(err)
		}
	}
	if m := sc.memory.find(sc.memory.root, "rule"); m.credit <= firstCredit {
		t.Errorf("what comes again has credit of %d", m.credit)
	}
}

// What a scanner keeps of passages is bounded, and nodes whose values never come again are
// not looked for any more.
func TestPassagesAreBounded(t *testing.T) {
	sc := NewSpec(usual(), true, Limits{}).NewScanner()
	many := `{"a":[` + strings.Repeat("1,", 20) + `1],"b":[` + strings.Repeat("2,", 20) + `2],"c":[` + strings.Repeat("3,", 20) + `3]}`
	for i := range 20_000 {
		line := fmt.Sprintf(`{"rule":{"description":"the rule %d of many rules","id":"%d"},"full_log":"%d never comes again, of course","id":"1","of":%s}`, i/8, i/8, i, many)
		if err := sc.Scan(line); err != nil {
			t.Fatal(err)
		}
	}
	ps := &sc.memory.passages
	if len(ps.seats) != passageSeats || len(ps.trials) != passageTrials || cap(ps.notes) > 2*mostNotes {
		t.Errorf("%d seats, %d trials, %d notes", len(ps.seats), len(ps.trials), cap(ps.notes))
	}
	for _, seat := range ps.seats {
		if p := seat.passage; p != nil && (len(p.text) > longestPassage || max(len(p.members), len(p.slots), len(p.rest)) > mostPassed) {
			t.Errorf("a passage of %d bytes, %d members, %d values and %d leaves", len(p.text), len(p.members), len(p.slots), len(p.rest))
		}
	}
	if m := sc.memory.find(sc.memory.root, "full_log"); m.credit > 0 {
		t.Errorf("what never comes again has credit of %d", m.credit)
	}
}
