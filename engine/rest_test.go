package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// Law: where a mapping has `$rest`, no leaf of an alert vanishes. Whatever the
// rules do with it, each is in an attribute or under `unmapped`.
//
// Every leaf of the alerts made here has a text of its own, and the rules made
// here are of functions that keep a text whole, so looking for it in the event
// decides.
func FuzzRest(f *testing.F) {
	for seed := range uint64(2000) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := &restGenerator{Rand: rand.New(rand.NewPCG(seed, 1))}
		mapping := g.mapping()
		e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, engine.Options{})
		if err != nil {
			return // some expressions can never fit their attribute; TestRestMappings bounds how many
		}
		w := e.NewWorker()
		for n := range 5 {
			if n == 4 {
				w.Spend() // neither does one of the least event
			}
			g.leaves = g.leaves[:0]
			line := g.alert()
			r := w.Apply(line)
			if r.Outcome != engine.Event {
				t.Fatalf("not an event: %s\n%s\n%s", r.Reason, line, mapping)
			}
			event := strings.ToLower(withoutObservables(t, r.Events[0].Event.AppendJSON(nil)))
			for _, leaf := range g.leaves {
				if !strings.Contains(event, leaf) {
					t.Fatalf("leaf %s vanished\nalert   %s\nevent   %s\nmapping\n%s", leaf, line, event, mapping)
				}
			}
		}
	})
}

// withoutObservables is an event without what only repeats its attributes.
func withoutObservables(t *testing.T, event []byte) string {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(event, &values); err != nil {
		t.Fatal(err)
	}
	delete(values, "observables")
	rest, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return string(rest)
}

// Most of the mappings that FuzzRest makes compile, else it proved nothing.
func TestRestMappings(t *testing.T) {
	compiled := 0
	for seed := range uint64(200) {
		g := &restGenerator{Rand: rand.New(rand.NewPCG(seed, 1))}
		if _, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(g.mapping())}}, engine.Options{}); err == nil {
			compiled++
		}
	}
	if compiled < 160 {
		t.Errorf("only %d of 200 mappings compile", compiled)
	}
}

type restGenerator struct {
	*rand.Rand
	leaves []string
	next   int
	restPieces
}

func (g *restGenerator) pick(of ...string) string { return of[g.IntN(len(of))] }

// names are few, so that rules and alerts meet.
func (g *restGenerator) name() string { return g.pick("a", "b", "c") }

func (g *restGenerator) alert() string {
	body := `"timestamp":"2026-03-14T09:26:53Z",` + strings.TrimPrefix(g.object(0), "{")
	if g.IntN(4) == 0 {
		return `{"_index":"` + g.leaf() + `","_source":{` + body + `}`
	}
	return "{" + body
}

func (g *restGenerator) object(depth int) string {
	var members []string
	for _, name := range []string{"a", "b", "c", "d.e"} {
		if g.IntN(4) > 0 {
			members = append(members, fmt.Sprintf("%q: %s", name, g.value(depth+1)))
		}
	}
	if len(members) == 0 {
		members = []string{`"z":null`}
	}
	return "{" + strings.Join(members, g.pick(",", " , ")) + "}"
}

func (g *restGenerator) value(depth int) string {
	switch n := g.IntN(10); {
	case n < 3 && depth < 4:
		return g.object(depth)
	case n < 5 && depth < 4:
		items := make([]string, g.IntN(4))
		for i := range items {
			items[i] = g.value(depth + 1)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case n == 5:
		return g.pick("null", `""`, "[]", "{}")
	case n == 6:
		g.next++
		g.leaves = append(g.leaves, fmt.Sprint(70000+g.next))
		return fmt.Sprint(70000 + g.next)
	}
	return `"` + g.leaf() + `"`
}

// leaf is a text of its own, at times with an escape.
func (g *restGenerator) leaf() string {
	g.next++
	text := fmt.Sprintf("x%dz", g.next)
	g.leaves = append(g.leaves, text)
	if g.IntN(3) == 0 {
		return `\u0078` + text[1:]
	}
	return text
}

func (g *restGenerator) mapping() string {
	var b strings.Builder
	b.WriteString("mapping: m\nschema: 1.1.0\nclass: detection_finding\n")
	if g.IntN(3) == 0 {
		b.WriteString("absent: [x1z, x3z, x4z]\n")
	}
	profiles := g.IntN(2) == 0
	if profiles {
		b.WriteString("profiles: [host, cloud, security_control, datetime]\n")
	}
	g.define(&b)
	b.WriteString("let:\n")
	for i := range 3 {
		fmt.Fprintf(&b, "  l%d: '=%s'\n", i, g.expression(2, i))
	}
	b.WriteString("event:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n  metadata: {product: {vendor_name: v, name: n}}\n")
	if profiles {
		g.ofProfiles(&b)
	}
	for _, name := range []string{"message", "raw_data", "status_detail", "count", "severity", "confidence", "risk_level", "end_time"} {
		if g.IntN(2) == 0 {
			fmt.Fprintf(&b, "  %s: '=%s'\n", name, g.scalar(3, 3))
		}
	}
	b.WriteString("  finding_info:\n    uid: u\n    title: t\n")
	fmt.Fprintf(&b, "    desc: '=%s'\n    types: ['=%s', '=%s']\n", g.scalar(3, 3), g.expression(2, 3), g.expression(2, 3))
	fmt.Fprintf(&b, "    analytic:\n      $when: '=%s'\n      type_id: 1\n      name: '=%s'\n      uid: '=%s'\n",
		g.condition(2, 3), g.scalar(2, 3), g.scalar(2, 3))
	b.WriteString(g.tactics())
	fmt.Fprintf(&b, "  resources:\n    - $each: '=%s'\n      $when: '=%s'\n      name: '=%s'\n      labels: ['=%s']\n      owner: {name: '=%s'}\n",
		g.expression(2, 3), g.condition(1, 4), g.scalar(2, 4), g.expression(2, 4), g.scalar(1, 4))
	b.WriteString(g.useOfPart())
	if profiles && g.IntN(2) == 0 {
		fmt.Fprintf(&b, "      region: '=%s'\n", g.scalar(1, 4))
	}
	b.WriteString(g.pick("", "  observables: {$from: event}\n"))
	fmt.Fprintf(&b, "  unmapped:\n    $rest: true\n    %s: '=%s'\n", g.pick("own", "a"), g.expression(2, 3))
	return b.String()
}

// ofProfiles writes attributes of profiles that an event may lack.
func (g *restGenerator) ofProfiles(b *strings.Builder) {
	for _, rule := range []string{"cloud: {provider: '=%s', region: '=%s'}", "api: {operation: '=%s', request: {uid: '=%s'}}",
		"disposition: '=%s'\n  action: '=%s'", "device: {type_id: 0, name: '=%s', os: {type: windows, name: '=%s'}}"} {
		if strings.HasPrefix(rule, "cloud") || strings.HasPrefix(rule, "disposition") || g.IntN(3) > 0 {
			fmt.Fprintf(b, "  "+rule+"\n", g.scalar(2, 3), g.scalar(1, 3))
		}
	}
}

// expression makes a rule that keeps texts whole. It may use the first lets; 4
// stands for all of them and `it`.
func (g *restGenerator) expression(depth, lets int) string {
	if depth == 0 || g.IntN(4) == 0 {
		return g.path(lets)
	}
	x := func() string { return g.expression(depth-1, lets) }
	single := func() string { // where a list is a fault
		return fmt.Sprintf(g.pick("first(%s)", "last(%s)", "get(%s, 1)"), x())
	}
	switch g.IntN(22) {
	case 20, 21:
		return g.call(lets, x)
	case 0:
		return fmt.Sprintf("(%s ?? %s)", x(), x())
	case 1:
		return fmt.Sprintf("(%s ? %s : %s)", g.condition(depth-1, lets), x(), x())
	case 2:
		return fmt.Sprintf("%s(%s)", g.pick("lower", "upper", "trim", "string", "toJSON"), single())
	case 3:
		return fmt.Sprintf("%s(%s)", g.pick("first", "last", "reverse", "uniq", "flatten", "sort", "join"), x())
	case 4:
		return fmt.Sprintf(`join(%s, ",")`, x())
	case 5:
		return fmt.Sprintf(g.pick(`split(%s, "-")`, `split(%s, "-")[0]`, "values(%s)"), single())
	case 6:
		return fmt.Sprintf("%s(%s, %s)", g.pick("zip", "concat"), x(), x())
	case 7:
		return fmt.Sprintf("filter(%s, %s)", x(), g.pick(`# != nil`, `#.a != nil`, `len(#) > 1`, `# contains "1"`))
	case 8:
		return fmt.Sprintf("map(%s, %s)", x(), g.pick("#", "#.a", "#[0]", "[#, #.b]", "lower(#)", "# ?? #.c", "get(#, \"b\")"))
	case 9:
		return fmt.Sprintf("%s(%s, %s)", g.pick("find", "findLast"), x(), g.pick(`# != nil`, `#.a != nil`))
	case 10:
		return fmt.Sprintf(`{"k": %s, "m": %s}%s`, x(), x(), g.pick("", ".k", `["m"]`))
	case 11:
		return fmt.Sprintf("[%s, %s]%s", x(), x(), g.pick("", "[0]", "[-1]"))
	case 12:
		return fmt.Sprintf(`(let v = %s; %s)`, x(), g.pick("v", "v.a", "v ?? 1", "[v, v]", "len(v) > 1 ? v : nil"))
	case 13:
		return fmt.Sprintf(`(%s + "," + %s)`, x(), x())
	case 14:
		if g.IntN(3) == 0 { // of a text a slice would be a part
			return fmt.Sprintf("concat(%s, [])%s", x(), g.pick("[1:]", "[:1]", "[-1:]"))
		}
		return fmt.Sprintf("%s%s", x(), g.pick(".a", ".b.c", "[0]", `["d.e"]`))
	case 15:
		return fmt.Sprintf("get(%s, %s)", x(), g.pick(`"a"`, "0", "-1", `"a.b"`, `"0.a"`, `"b.a.c"`))
	case 16: // the default alone is not written where the path leads somewhere
		return fmt.Sprintf("get(%s, %s, %s)", x(), g.pick(`"a"`, `"b.c"`, "0", g.path(lets)), x())
	case 17: // functions that keep the text, in what they make
		return fmt.Sprintf(g.pick(`parseCSV(%s, "/")[0]`, `parseKV("k=" + %s, "&").k`, `parseQuery("k=" + %s).k`, `parseURL("/" + %s).path`,
			`first(regexAll(%s, "(?s).+"))`, `regex(%s, "(?s)(?P<all>.+)").all`, `regexReplace(%s, "-", "_")`, `unescape(%s)`, `redact(%s, "-")`), single())
	case 18:
		return fmt.Sprintf(`toJSON(fromJSON(toJSON(%s)))`, x()) // a part of it would be one of the text
	}
	return fmt.Sprintf("sortBy(take(%s, 2), %s)", x(), g.pick("#", "#.a", "#index"))
}

// scalar makes an expression that may give a single value.
func (g *restGenerator) scalar(depth, lets int) string {
	return fmt.Sprintf(g.pick("first(%s)", "last(%s)", "toJSON(%s)", `join(%s, ",")`, "get(%s, 0)", "first(flatten(%s))"), g.expression(depth, lets))
}

// condition only tests.
func (g *restGenerator) condition(depth, lets int) string {
	x := g.expression(depth, lets)
	return fmt.Sprintf(g.pick("%s != nil", "len(%s) > 1", `%s contains "1"`, `%s in ["x1z"]`, "isIP(%s)", "%s == a", "not (%s != nil)", "any(%s, # != nil)", `type(%s) == "string"`), x)
}

func (g *restGenerator) path(lets int) string {
	of := []string{"a", "b", "c", `alert["d.e"]`, "_index", "a.a", "b.a.c", "c[0]", "b[1].a"}
	for _, p := range g.params {
		of = append(of, p, p, p, p+".a", p+"[0]", p+".b.c")
	}
	for i := range min(lets, 3) {
		of = append(of, fmt.Sprintf("l%d", i), fmt.Sprintf("l%d.%s", i, g.name()))
	}
	if lets > 3 {
		of = append(of, "it", "it.a", "it[0]", "it", "it.b", "index")
	}
	return g.pick(of...)
}
