package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
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

// What is wrong elsewhere in a lake is not reported for a part of it.
func TestVerifyKnowsItsPart(t *testing.T) {
	l := lakeOf{t, smallLake(t)}
	l.write(l.path("d.ndjson"), []byte(`{"id":"d","time":1773532850000}`+"\n"))
	accepts(t, "run", "-q", "-m", l.path("m.yaml"), "-o", l.path("lake"), l.path("d.ndjson"))
	nextDay := l.path("lake", strings.Replace(dayOfSmall, "20260314", "20260315", 1))
	objects, err := filepath.Glob(nextDay + "/*.parquet")
	if err != nil || len(objects) != 1 {
		t.Fatal(objects, err)
	}
	l.do(os.Remove(objects[0]))
	for part, want := range map[string]string{nextDay: "manifests", l.path("lake", dayOfSmall): "", l.objects()[0]: ""} {
		v, _ := verified(t, part)
		v.mustBe(t, part, want)
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
