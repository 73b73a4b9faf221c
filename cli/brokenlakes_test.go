package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// smallMapping makes events of the day 2026-03-14, with more columns if told so.
func smallMapping(more string) string {
	return "mapping: my/small\nschema: 1.1.0\nclass: security_finding\nevent:\n  activity_id: 1\n  state_id: 1\n  severity_id: 1\n  time: =time\n" +
		"  message: one\n  finding: {uid: =id, title: t" + more + "}\n  metadata: {product: {name: Wazuh, vendor_name: Wazuh}, version: 1.1.0}\n"
}

const dayOfSmall = "ext/wazuh/region=us-east-1/accountId=external/eventDay=20260314"

// smallLake is a lake of two objects of one day.
func smallLake(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	l := lakeOf{t, root}
	l.write(l.path("m.yaml"), []byte(smallMapping("")))
	l.write(l.path("more.yaml"), []byte(smallMapping(", types: [a]")))
	for i, name := range []string{"a", "b"} {
		text := fmt.Sprintf("{\"id\":\"%d\",\"time\":%d}\n{\"id\":\"x%d\",\"time\":%d}\n", i, 1773446400000+i*30000, i, 1773446460000+i)
		l.write(l.path(name+".ndjson"), []byte(text))
	}
	accepts(t, "run", "-q", "-m", filepath.Join(root, "m.yaml"), "-o", filepath.Join(root, "lake"), filepath.Join(root, "a.ndjson"), filepath.Join(root, "b.ndjson"))
	return root
}

// lakeOf are the paths of a small lake, for those who damage it.
type lakeOf struct {
	t    *testing.T
	root string
}

func (l lakeOf) path(parts ...string) string {
	return filepath.Join(append([]string{l.root}, parts...)...)
}

func (l lakeOf) objects() []string {
	found, err := filepath.Glob(l.path("lake", dayOfSmall, "*.parquet"))
	if err != nil || len(found) == 0 {
		l.t.Fatalf("%d objects: %v", len(found), err)
	}
	return found
}

func (l lakeOf) manifests() []string {
	found, err := filepath.Glob(l.path("lake/rejects/.manifests/*.json"))
	if err != nil || len(found) == 0 {
		l.t.Fatalf("%d manifests: %v", len(found), err)
	}
	return found
}

func (l lakeOf) note(what string) string {
	return l.path("lake/rejects/.manifests/compacted", dayOfSmall, "000000."+what)
}

func (l lakeOf) do(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l lakeOf) read(file string) []byte {
	data, err := os.ReadFile(file)
	l.do(err)
	return data
}

func (l lakeOf) write(file string, data []byte) {
	l.do(os.MkdirAll(filepath.Dir(file), 0o755))
	l.do(os.WriteFile(file, data, 0o644))
}

// edit replaces in a file what matches.
func (l lakeOf) edit(file, pattern, by string) {
	text := l.read(file)
	changed := regexp.MustCompile(pattern).ReplaceAll(text, []byte(by))
	if bytes.Equal(text, changed) {
		l.t.Fatalf("nothing in %s is %s", text, pattern)
	}
	l.write(file, changed)
}

// mention copies an object to another KEY, and adds a member with it to a manifest.
func (l lakeOf) mention(member string) {
	key := dayOfSmall + "/" + strings.Repeat("ab", 16) + ".parquet"
	l.write(l.path("lake", key), l.read(l.objects()[0]))
	l.edit(l.manifests()[0], `\}\n$`, ","+strings.Replace(member, "KEY", key, 1)+"}\n")
}

func (l lakeOf) compact(flags ...string) {
	accepts(l.t, append([]string{"compact", "--apply", "--older", "0s", l.path("lake")}, flags...)...)
}

func (l lakeOf) run(mapping string, flags ...string) {
	l.write(l.path("c.ndjson"), []byte(`{"id":"c","time":1773446450000}`+"\n"))
	accepts(l.t, append([]string{"run", "-q", "-m", l.path(mapping), "-o", l.path("lake"), l.path("c.ndjson")}, flags...)...)
}

// brokenLakes are lakes that break a demand.
var brokenLakes = []struct {
	name   string
	damage func(lakeOf)
	want   string
}{
	{"none", func(lakeOf) {}, ""},
	{"a file that is not an object", func(l lakeOf) { l.write(l.path("lake/ext/wazuh/_SUCCESS"), nil) }, "path"},
	{"no region", func(l lakeOf) { l.write(l.path("lake/ext/wazuh/eventDay=20260314/x.parquet"), l.read(l.objects()[0])) }, "path"},
	{"no day", func(l lakeOf) {
		l.write(l.path("lake/ext/wazuh/region=us-east-1/accountId=external/eventDay=20261399/x.parquet"), l.read(l.objects()[0]))
	}, "event-day listed? object-name path"},
	{"account", func(l lakeOf) { l.run("m.yaml", "--account", "acme") }, "account?"},
	{"other day", func(l lakeOf) {
		from := l.objects()[0]
		l.write(strings.Replace(from, "20260314", "20260315", 1), l.read(from))
		l.do(os.Remove(from))
	}, "event-day listed? manifests"},
	{"renamed", func(l lakeOf) { l.do(os.Rename(l.objects()[0], l.path("lake", dayOfSmall, "mine.parquet"))) }, "listed? manifests object-name"},
	{"copied", func(l lakeOf) {
		l.write(l.path("lake", dayOfSmall, strings.Repeat("ab", 16)+".parquet"), l.read(l.objects()[0]))
	}, "listed?"},
	{"schemas that disagree", func(l lakeOf) { l.run("more.yaml") }, "table"},
	{"two classes", func(l lakeOf) {
		l.write(l.path("more.yaml"), []byte(strings.Replace(strings.Replace(smallMapping(""), "security_finding", "detection_finding", 1), "  state_id: 1\n", "", 1)))
		l.edit(l.path("more.yaml"), "finding:", "finding_info:")
		l.run("more.yaml")
	}, "class"},
	{"cut", func(l lakeOf) { data := l.read(l.objects()[0]); l.write(l.objects()[0], data[:len(data)-5]) }, "manifests readable"},
	{"removed", func(l lakeOf) { l.do(os.Remove(l.objects()[0])) }, "manifests"},
	{"all removed", func(l lakeOf) { l.do(os.Remove(l.objects()[0])); l.do(os.Remove(l.objects()[0])) }, "manifests"},
	{"other rows", func(l lakeOf) { l.edit(l.manifests()[0], `"rows":2`, `"rows":3`) }, "manifests"},
	{"other bytes", func(l lakeOf) { l.edit(l.manifests()[0], `"bytes":\d+`, `"bytes":3`) }, "manifests"},
	{"other lines", func(l lakeOf) { l.edit(l.manifests()[0], `"lines":2`, `"lines":3`) }, "manifests"},
	{"interrupted", func(l lakeOf) {
		l.edit(l.manifests()[0], `\}\n$`, `,"pending":{"digest":"x","objects":["`+dayOfSmall+`/x.parquet"]}}`+"\n")
	}, "manifests"},
	{"lines of every outcome", func(l lakeOf) {
		l.write(l.path("set/drop.yaml"), []byte("mapping: my/drop\nwhen: =id == 'd'\ndrop: true\n"))
		l.write(l.path("set/take.yaml"), []byte(strings.Replace(smallMapping(""), "event:\n", "when: =id != 'u'\nevent:\n", 1)))
		l.write(l.path("c.ndjson"), []byte("{\"id\":\"c\",\"time\":1773446450000}\n\n{\"id\":\"d\"}\n{\"id\":\"u\"}\nnot an alert\n"))
		if out, messages, code := sluice(l.t, "", "run", "--json", "-q", "-m", l.path("set"), "-o", l.path("lake"), l.path("c.ndjson")); code != 3 || !regexp.MustCompile(`"lines":5,"taken":1,.*"rejects":1,"unmatched":1,"dropped":1,"blank":1,`).MatchString(out) {
			l.t.Fatalf("exit code %d: %s%s", code, messages, out)
		}
	}, ""},
	{"interrupted behind an object", func(l lakeOf) { l.mention(`"pending":{"digest":"x","objects":["KEY"]}`) }, "manifests"},
	{"replaced and not removed", func(l lakeOf) { l.mention(`"stale":["KEY"]`) }, ""},
	{"joined", func(l lakeOf) { l.compact() }, ""},
	{"planned", func(l lakeOf) {
		keep := l.objects()
		texts := [][]byte{l.read(keep[0]), l.read(keep[1])}
		l.compact()
		l.do(os.Remove(l.objects()[0]))
		l.do(os.Remove(l.note("result")))
		for i := range keep {
			l.write(keep[i], texts[i])
		}
	}, "compaction"},
	{"joined and still there", func(l lakeOf) {
		one := l.objects()[0]
		text := l.read(one)
		l.compact()
		l.write(one, text)
	}, "compaction"},
	{"joined and gone", func(l lakeOf) { l.compact(); l.do(os.Remove(l.objects()[0])) }, "compaction"},
	{"joined, other rows", func(l lakeOf) { l.compact(); l.edit(l.note("result"), `"rows":4`, `"rows":5`) }, "manifests"},
	{"divided", func(l lakeOf) { l.compact(); l.compact("--undo") }, ""},
	{"divided and joined", func(l lakeOf) { l.compact(); l.compact("--undo"); l.compact() }, ""},
	{"divided by half", func(l lakeOf) { l.compact(); l.compact("--undo"); l.do(os.Remove(l.note("undone"))) }, "compaction"},
	{"divided and still there", func(l lakeOf) {
		l.compact()
		one := l.objects()[0]
		text := l.read(one)
		l.compact("--undo")
		l.write(one, text)
	}, "compaction"},
	{"divided and gone", func(l lakeOf) { l.compact(); l.compact("--undo"); l.do(os.Remove(l.objects()[0])) }, "compaction"},
}

// Law: each way in which a lake breaks a demand is found, with exit code 1, and nothing else.
func TestLakesThatBreakADemand(t *testing.T) {
	for _, c := range brokenLakes {
		l := lakeOf{t, smallLake(t)}
		c.damage(l)
		v, code := verified(t, l.path("lake"))
		v.mustBe(t, c.name, c.want)
		if faults := v.Faults > 0; faults != (code == 1) || code > 1 || !v.Complete {
			t.Errorf("%s: exit %d with %d faults", c.name, code, v.Faults)
		}
	}
}
