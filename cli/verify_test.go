package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// verdict is what `verify --json` says.
type verdict struct {
	Found    []verify.Fault
	Objects  int
	Rows     int
	Own      int
	Faults   int
	Advice   int
	Compared bool
	Complete bool
}

func verified(t *testing.T, args ...string) (v verdict, code int) {
	t.Helper()
	out, messages, code := sluice(t, "", append([]string{"verify", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("%v in %s; %s", err, out, messages)
	}
	return v, code
}

// demands are those that are broken, sorted; advice ends in "?".
func (v *verdict) demands() string {
	all := map[string]bool{}
	for _, f := range v.Found {
		name := f.Demand
		if f.Advice {
			name += "?"
		}
		all[name] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(all)), " ")
}

func (v *verdict) mustBe(t *testing.T, what, demands string) {
	t.Helper()
	if v.demands() != demands {
		t.Errorf("%s breaks %q, want %q:", what, v.demands(), demands)
		for _, f := range v.Found {
			t.Errorf("  %+v", f)
		}
	}
}

func accepts(t *testing.T, args ...string) {
	t.Helper()
	if _, messages, code := sluice(t, "", args...); code != 0 && code != 3 {
		t.Fatalf("%q: exit %d: %s", args, code, messages)
	}
}

// Law: a lake of each shipped mapping keeps every demand, as it is written, joined and
// divided again.
func TestShippedMappingsKeepEveryDemand(t *testing.T) {
	for _, class := range []string{"security_finding", "detection_finding", "by_class"} {
		t.Run(class, func(t *testing.T) {
			lake := filepath.Join(t.TempDir(), "lake")
			accepts(t, "run", "-q", "--class", class, "-o", lake, "../testdata/alerts", "../testdata/wazuh4", "../testdata/wazuh5")
			for _, step := range []string{"run", "compact", "compact --undo"} {
				if step != "run" {
					accepts(t, append(strings.Fields(step), "--apply", "--older", "0s", lake)...)
				}
				v, code := verified(t, lake)
				v.mustBe(t, step, "")
				if code != 0 || v.Objects != v.Own || v.Rows < 500 || !v.Compared || !v.Complete {
					t.Errorf("after %s: exit %d, %+v", step, code, v)
				}
			}
		})
	}
}

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

// A day of many small objects is advice.
func TestManySmallObjects(t *testing.T) {
	l := lakeOf{t, smallLake(t)}
	text := l.read(l.objects()[0])
	for i := range 301 {
		l.write(l.path("lake", dayOfSmall, fmt.Sprintf("%032x.parquet", i)), text)
	}
	v, code := verified(t, "--rejects", l.path("lake/rejects"), l.path("lake"))
	v.mustBe(t, "the lake", "listed? object-size?")
	if code != 0 || v.Objects != 303 {
		t.Errorf("exit %d: %d objects", code, v.Objects)
	}
}

// Law: a lake, a folder in it and each object by itself have the same faults of objects, in
// text and in JSON, for any number of workers.
func TestVerifyPartsOfALake(t *testing.T) {
	l := lakeOf{t, smallLake(t)}
	data := l.read(l.objects()[1])
	l.write(l.objects()[1], data[:len(data)/2])
	want, _ := verified(t, l.path("lake"))
	for _, args := range [][]string{{"--workers", "1", l.path("lake")}, {l.path("lake/ext/wazuh")}, {l.path("lake", dayOfSmall)}, l.objects()} {
		v, code := verified(t, args...)
		if d := cmp.Diff(want, v); d != "" || code != 1 {
			t.Errorf("%q: exit %d (-lake +this):\n%s", args, code, d)
		}
	}
	out, messages, code := sluice(t, "", "verify", l.path("lake"))
	if strings.Count(out, "\n") != len(want.Found)+1 || code != 1 || messages != "" {
		t.Errorf("exit %d, %s%s", code, out, messages)
	}
	copied := l.path("copy.parquet") // in no lake, so its path is not judged
	l.write(copied, data)
	if v, code := verified(t, copied); code != 0 || len(v.Found) > 0 || v.Objects != 1 || v.Compared {
		t.Errorf("exit %d: %+v", code, v)
	}
}

// Law: a bucket is judged as a folder is.
func TestVerifyABucket(t *testing.T) {
	server := s3test.New(t, "lake", "rejects")
	s3test.Setenv(t, server.URL)
	l := lakeOf{t, smallLake(t)}
	accepts(t, "run", "-q", "-m", l.path("m.yaml"), "-o", "s3://lake", "--rejects", "s3://rejects", l.path("a.ndjson"), l.path("b.ndjson"))
	v, code := verified(t, "--rejects", "s3://rejects", "s3://lake")
	v.mustBe(t, "the bucket", "")
	if code != 0 || v.Objects != 2 || v.Rows != 4 || !v.Compared {
		t.Errorf("exit %d: %+v", code, v)
	}
	bodies := server.Bodies("lake", "")
	keys := slices.Sorted(maps.Keys(bodies))
	server.Put("lake", keys[0], bodies[keys[0]][:100])
	for _, arg := range []string{"s3://lake/", "s3://lake/ext/wazuh", "s3://lake/" + keys[0]} {
		v, code := verified(t, "--rejects", "s3://rejects", arg)
		v.mustBe(t, arg, "manifests readable")
		if code != 1 || v.Found[0].Object != "s3://lake/"+keys[0] {
			t.Errorf("%s: exit %d, %+v", arg, code, v.Found)
		}
	}
	if v, code := verified(t, "s3://lake"); code != 1 || v.Compared || v.demands() != "readable" {
		t.Errorf("without rejects: exit %d, %+v", code, v)
	}
}

// Law: who interrupts it gets what was found, and is told that it is not all.
func TestVerifyIsInterrupted(t *testing.T) {
	l := lakeOf{t, smallLake(t)}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, messages bytes.Buffer
	code := cli.Run(ctx, []string{"verify", "--json", l.path("lake")}, cli.Streams{Out: &out, Err: &messages}, func(string) string { return "" })
	var v verdict
	if err := json.Unmarshal(out.Bytes(), &v); err != nil || v.Complete || code != 1 || !strings.Contains(messages.String(), "not everything was judged") {
		t.Errorf("exit %d, %v: %s%s", code, err, out.String(), messages.String())
	}
}
