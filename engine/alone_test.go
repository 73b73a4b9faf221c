package engine_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// The files of a set that share definitions, some of which no rule uses.
var sharing = map[string]string{
	"shared.yaml": `
settings:
  zone: utc
tables:
  levels: {"3": 1, "5": 2}
functions:
  low(x): '=lower(x ?? "")'
  named(x): '=low(x) + settings.zone'
let:
  user: =data.srcuser ?? data.dstuser
  address: =data.srcip
  level: =rule.level
  loud: =level >= 10
  both: =[user, address]
  label: =named(user)
  rank: =tables.levels[string(level)]
  odd: =loud and rank == 2
parts:
  who:
    name: =user
    uid: =low(data.uid)
  named(who): "=low(who) + named(address)"
  flag(x):
    uid: =x
    name: =label
  listed:
    name: '=any(both, # == "root")'
`,
	"more.yaml": `
let:
  late: =label + "!"
  size: =len(both)
parts:
  counted: {uid: =late, name: =string(size)}
`,
	"a.yaml": `
mapping: a
include: [shared.yaml]
schema: 1.1.0
class: authentication
when: =loud
let: {own: =user}
event:
  severity_id: 1
  time: =timestamp
  metadata: {version: 1.1.0, product: {name: p, vendor_name: v}}
  service: {name: s}
  activity_id: 1
  user: {$part: who}
  message: =own
  unmapped: {$rest: true}
`,
	"b.yaml": `
mapping: b
include: [shared.yaml, more.yaml]
schema: 1.1.0
class: authentication
let: {address2: =address}
event:
  severity_id: 1
  time: =timestamp
  metadata: {version: 1.1.0, product: {name: p, vendor_name: v}}
  service: {name: s}
  activity_id: 1
  user: {$part: flag(rule.id)}
  message: =late
`,
	"c.yaml": `
mapping: c
include: [shared.yaml, more.yaml]
schema: 1.1.0
class: authentication
tables: {other: {x: 1}}
event:
  severity_id: 1
  time: =timestamp
  metadata: {version: 1.1.0, product: {name: p, vendor_name: v}}
  service: {name: s}
  activity_id: =tables.other.x
  user: {name: '=named(rank ?? "x")'}
`,
}

// A set has the faults of its mappings, one by one: what a mapping leaves out because
// another of the set has done it hides nothing.
func TestFaultsOfASetAreThoseOfItsMappings(t *testing.T) {
	words := strings.FieldsFunc(sharing["shared.yaml"]+sharing["more.yaml"], func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz", r) })
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range sharing {
			if !yield(name) {
				return
			}
		}
	})
	const sets = 150
	one, several := 0, 0
	for seed := range uint64(sets) {
		r := rand.New(rand.NewPCG(seed, 1))
		texts := map[string]string{}
		for name, text := range sharing {
			texts[name] = text
		}
		if r.IntN(4) == 0 {
			texts["c.yaml"] = strings.Replace(texts["c.yaml"], "[shared.yaml, more.yaml]", "[more.yaml, shared.yaml]", 1)
		}
		for range r.IntN(3) {
			name := names[r.IntN(len(names))]
			texts[name] = otherWord(r, texts[name], words)
		}
		order := []string{"a.yaml", "b.yaml", "c.yaml"}
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		set := faultsOf(t, texts, order...)
		var alone []string
		files := 0
		for _, name := range order {
			found := faultsOf(t, texts, name)
			alone, files = append(alone, found...), files+min(len(found), 1)
		}
		slices.Sort(alone)
		if alone = slices.Compact(alone); !slices.Equal(set, alone) {
			t.Fatalf("seed %d: the set has\n%s\nits mappings have\n%s", seed, strings.Join(set, "\n"), strings.Join(alone, "\n"))
		}
		if files == 1 {
			one++
		} else if files > 1 {
			several++
		}
	}
	if one < sets/10 || several < sets/10 || one+several > sets*9/10 {
		t.Errorf("of %d sets, %d have faults in one mapping, %d in several", sets, one, several)
	}
}

// otherWord puts another word in place of one of the text.
func otherWord(r *rand.Rand, text string, words []string) string {
	for {
		at := strings.Index(text, words[r.IntN(len(words))])
		if at < 0 {
			continue
		}
		end := at
		for end < len(text) && 'a' <= text[end] && text[end] <= 'z' {
			end++
		}
		return text[:at] + words[r.IntN(len(words))] + text[end:]
	}
}

func faultsOf(t *testing.T, texts map[string]string, names ...string) []string {
	t.Helper()
	includes := map[string]syntax.Include{}
	for name, text := range texts {
		includes[name] = syntax.Include{Text: []byte(text)}
	}
	var files []engine.File
	for _, name := range names {
		files = append(files, engine.File{Name: name, Text: []byte(texts[name]), Includes: includes})
	}
	_, err := engine.Compile(files, engine.Options{})
	var faults syntax.Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatal(err)
	}
	var out []string
	for _, f := range faults {
		if !strings.Contains(f.Message, "already used by") { // two mappings of one name are not a fault of either
			out = append(out, f.Pos.String()+": "+f.Message)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
