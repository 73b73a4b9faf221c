package pipeline

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/lake"
)

// variant is the mapping under another name, for other alerts.
func variant(name, when, source string) string {
	text := strings.Replace(mapping, "test/finding", name, 1)
	text = strings.Replace(text, "=rule.level != 99", when, 1)
	if source != "" {
		text = "source: " + source + "\n" + text
	}
	return text
}

// Mappings of one source fill its objects together; those of two are apart.
func TestMappingsShareTheObjectsOfTheirSource(t *testing.T) {
	path := write(t, "a.json", alerts(1200, ascending))
	one, _ := runTo(t, nil, inputs(t, path)...)
	low, high := "=rule.level < 7", "=rule.level >= 7 and rule.level != 99"
	shared, _ := runTo(t, func(c *Config) {
		c.Engine = enginetest.Compile(t, engine.Options{}, variant("a", low, ""), variant("b", high, ""))
	}, inputs(t, path)...)
	if diff := cmp.Diff(one.Inputs[0].Objects, shared.Inputs[0].Objects, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Bytes" }, cmp.Ignore())); diff != "" {
		t.Errorf("two mappings of one source: %s", diff)
	}
	apart, _ := runTo(t, func(c *Config) {
		c.Engine = enginetest.Compile(t, engine.Options{}, variant("a", low, "first"), variant("b", high, "second"))
	}, inputs(t, path)...)
	rows := map[string]int64{}
	for _, o := range apart.Inputs[0].Objects {
		rows[strings.Split(o.Key, "/")[1]] += o.Rows
	}
	if rows["first"]+rows["second"] != one.Events || rows["first"] == 0 || rows["second"] == 0 {
		t.Errorf("two sources have the rows %v of %d", rows, one.Events)
	}
}

// Law: failed conversions are counted by attribute, and the example of each is the
// first in the order of the input, for any number of workers.
func TestFailedConversionsAreCountedByAttribute(t *testing.T) {
	line := strings.Replace(alert(1, startMillis), `"firedtimes":1`, `"firedtimes":"many"`, 1)
	text := alert(2, startMillis) + "\n" + strings.Replace(line, "many", "often", 1) + "\n" + strings.Repeat(line+"\n", 500)
	path := write(t, "a.json", text)
	for _, workers := range []int{1, 8} {
		for _, shown := range []bool{false, true} {
			res, _ := runTo(t, func(c *Config) { c.Workers, c.Examples, c.Read.ChunkBytes = workers, shown, 4096 }, inputs(t, path)...)
			if len(res.Conversions) != 1 || res.ConversionsFailed != 501 || res.Events != 502 {
				t.Fatalf("%d workers: %d failed conversions of %d events: %+v", workers, res.ConversionsFailed, res.Events, res.Conversions)
			}
			c := res.Conversions[0]
			if want := (Conversion{Mapping: "test/finding", Attribute: "count", Count: 501, Kept: true, Example: c.Example}); c != want {
				t.Errorf("%d workers: %+v", workers, c)
			}
			if e := c.Example; (e != nil) != shown || e != nil && (e.Origin != path || e.Line != 2 || !strings.Contains(e.Reason, `"often"`)) {
				t.Errorf("%d workers: the example is %+v", workers, e)
			}
		}
	}
}

// What does not fit is kept where the mapping has a place for it, and the count
// says whether it is.
func TestWhetherOriginalsAreKept(t *testing.T) {
	line := strings.Replace(alert(1, startMillis), `"firedtimes":1`, `"firedtimes":"many"`, 1)
	for rest, kept := range map[string]bool{"": false, "  unmapped: {$rest: true}\n": true, "  unmapped: {tenant: acme}\n": true} {
		res, _ := runTo(t, func(c *Config) {
			c.Engine = setOf(t, [2]string{strings.Replace(findings, "event:\n", "event:\n  count: =rule.firedtimes\n"+rest, 1), ""})
		}, inputs(t, write(t, "a.json", line))...)
		if len(res.Conversions) != 1 || res.Conversions[0].Kept != kept {
			t.Errorf("with %q: %+v", rest, res.Conversions)
		}
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"workers is 0":                        func(c *Config) { c.Workers = 0 },
		"no mapping":                          func(c *Config) { c.Engine = nil },
		"no output":                           func(c *Config) { c.Out = nil },
		"for rejects":                         func(c *Config) { c.Rejects = nil },
		`region "a/b"`:                        func(c *Config) { c.Region = "a/b" },
		"account is empt":                     func(c *Config) { c.Account = "" },
		`source of mapping test/finding ".."`: func(c *Config) { c.Sources = []string{".."} },
		"mappings of several classes": func(c *Config) {
			c.Engine, c.Sources = setOf(t, [2]string{findings, "one"}, [2]string{logins, "two"}), []string{"x", "x"}
		},
		"2 custom sources for 1 mapping": func(c *Config) { c.Sources = []string{"a", "b"} },
		"ObjectRows":                     func(c *Config) { c.Limits = lake.Limits{ObjectRows: -1} },
	} {
		c := setup(t, t.TempDir(), 1, inputs(t, write(t, "a.json", alert(1, startMillis))))
		change(&c)
		if res, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) || res == nil {
			t.Errorf("%s: %v", want, err)
		}
	}
}
