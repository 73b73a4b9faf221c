package studio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sluice-lake/sluice/cli/studio"
	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/source"
)

const token = "the token of a test"

const mappingText = `mapping: m
schema: 1.1.0
class: detection_finding
when: =rule.level >= 3
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  message: =rule.description
  count: =rule.firedtimes
  finding_info: {uid: "=id ?? 'none'", title: "=rule.description ?? 'none'"}
  metadata: {product: {name: N, vendor_name: V}}
  unmapped: {$rest: true}
`

// hostile is a text that must not become HTML.
const hostile = `</textarea><img src=x onerror=alert(1)><script>alert(1)</script>&"'`

func alertLine(level int, more string) string {
	return fmt.Sprintf(`{"timestamp":"2026-03-14T00:00:00Z","id":"7","rule":{"level":%d%s}}`, level, more)
}

// bench has one mapping of one file, in memory.
func bench(t *testing.T, lines ...string) studio.Bench {
	t.Helper()
	b := studio.Bench{Mappings: []string{"m.yaml"}, Columns: func(_, _ *engine.Engine) []compare.Column { return nil }}
	for i, text := range lines {
		b.Alerts = append(b.Alerts, studio.Alert{Line: source.Line{Text: text, Origin: "in", OriginLine: int64(i + 1)}, Title: "t"})
	}
	b.Stamp = func([]studio.File) string { return "same" }
	b.Explain = func(e *engine.Engine, line source.Line) any {
		w := e.NewWorker()
		defer w.Close()
		return w.Explain(line.Text).Outcome.String()
	}
	b.Test = func(_ context.Context, edits map[string][]byte) studio.Tested {
		return studio.Tested{Error: fmt.Sprint(len(edits))}
	}
	b.Open = func(_ context.Context, edits map[string][]byte) *studio.Version {
		text := []byte(mappingText)
		if edited, ok := edits["m.yaml"]; ok {
			text = edited
		}
		e, found := engine.Lint([]engine.File{{Name: "m.yaml", Text: text}}, engine.Options{Follow: true}, nil)
		faults := 0
		for _, f := range found {
			if f.Severity == syntax.Broken {
				faults++
			}
		}
		return &studio.Version{Files: []studio.File{{Name: "m.yaml", Kind: "mapping", Text: string(text)}, {Name: "t.csv", Kind: "table", Fixed: "it is fixed"}}, Engine: e, Check: map[string]int{"faults": faults}}
	}
	return b
}

// client asks a studio as the page does.
type client struct {
	t   *testing.T
	url string
}

func serve(t *testing.T, b studio.Bench) client {
	t.Helper()
	server := httptest.NewServer(studio.New(b, token).Handler())
	t.Cleanup(server.Close)
	return client{t, server.URL}
}

// request is one that the page could send, for a test to spoil.
func (c client) request(method, path, body string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sluice-Token", token)
	r.Header.Set("Origin", c.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

func (c client) do(r *http.Request) (status int, body string, header http.Header) {
	c.t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, string(text), response.Header
}

// ask sends an object and reads the answer into out.
func (c client) ask(route string, in, out any) {
	c.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	status, text, _ := c.do(c.request(http.MethodPost, "/api/"+route, string(body)))
	if status != http.StatusOK {
		c.t.Fatalf("%s: %d %s", route, status, text)
	}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		c.t.Fatalf("%s: %v: %s", route, err, text)
	}
}

type trial struct {
	Trial int
	Files []struct {
		Name, Kind, Fixed, Digest string
		Text                      *string
	}
	Check    struct{ Faults int }
	Error    string
	Compiled bool
	Outcomes *studio.Outcomes // what all says
}

// try tries edits, and asks what they make of all alerts.
func (c client) try(in object) (t trial) {
	c.t.Helper()
	c.ask("try", in, &t)
	if t.Compiled {
		c.ask("all", object{"trial": t.Trial}, &t.Outcomes)
	}
	return t
}

type object = map[string]any

// Each alert is mapped once by each version, so that an edit waits no longer than it must.
func TestEachAlertIsMappedOnce(t *testing.T) {
	var lines []string
	for i := range 20 {
		lines = append(lines, alertLine(i%4+2, fmt.Sprintf(`,"firedtimes":%d`, i)))
	}
	lines = append(lines, "no JSON")
	b := bench(t, lines...)
	var mapped sync.Map // how often a version has mapped an alert, by both
	load := func(u plan.GuestUse) (*plan.Guest, error) {
		return &plan.Guest{Open: func() (plan.Instance, error) {
			return plan.Instance{Renew: func() {}, Close: func() {}, Alert: func(in []byte) ([]byte, bool, error) {
				n, _ := mapped.LoadOrStore(u.Module.File+string(in), new(atomic.Int32))
				n.(*atomic.Int32).Add(1)
				return in, false, nil
			}}, nil
		}}, nil
	}
	b.Open = func(_ context.Context, edits map[string][]byte) *studio.Version {
		text := "transforms: [{wasm: disk.wasm, stage: alert}]\n" + mappingText
		if edited, ok := edits["m.yaml"]; ok {
			text = string(edited)
		}
		e, _ := engine.Lint([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, engine.Options{Follow: true, Load: load}, nil)
		return &studio.Version{Files: []studio.File{{Name: "m.yaml", Kind: "mapping", Text: text}}, Engine: e}
	}
	edit := "transforms: [{wasm: edit.wasm, stage: alert}]\n" + strings.Replace(mappingText, ">= 3", ">= 4", 1)
	got := serve(t, b).try(object{"edits": object{"m.yaml": object{"text": edit}}})
	if d := got.Outcomes.Diff; d == nil || d.Lines != 21 || d.Moved != 5 || got.Outcomes.Summary.Unmatched != 10 {
		t.Errorf("%+v", got.Outcomes)
	}
	versions := 0
	mapped.Range(func(key, n any) bool {
		if versions++; n.(*atomic.Int32).Load() != 1 {
			t.Errorf("mapped %d times: %s", n.(*atomic.Int32).Load(), key)
		}
		return true
	})
	if versions != 2*20 && versions != 2*21 { // what is no JSON need not get to a transform
		t.Errorf("%d alerts of both versions were mapped", versions)
	}
}

// An edit is tried on all alerts, and compared with what the disk has; one with faults leaves
// the last good version to look at.
func TestTry(t *testing.T) {
	c := serve(t, bench(t, alertLine(5, `,"description":"a","firedtimes":2`), alertLine(3, `,"firedtimes":"x"`), alertLine(1, ""), "no JSON"))
	first := c.try(object{"edits": object{}})
	if first.Files[0].Name != "m.yaml" || *first.Files[0].Text != mappingText || first.Outcomes == nil || first.Outcomes.Diff != nil {
		t.Fatalf("%+v", first)
	}
	var outcomes []string
	for _, o := range first.Outcomes.Alerts {
		outcomes = append(outcomes, fmt.Sprint(o.Outcome, o.Failed, o.Changed))
	}
	if got := strings.Join(outcomes, " "); got != "event0 false event1 false unmatched0 false reject0 false" {
		t.Error(got)
	}
	s := first.Outcomes.Summary
	if s.Lines != 4 || s.Events != 2 || s.Rejects != 1 || s.Unmatched != 1 || s.ConversionsFailed != 1 || s.Leaves.Written == 0 {
		t.Errorf("%+v", s)
	}
	edit := strings.NewReplacer(">= 3", ">= 4", "message: =rule.description", "message: =upper(rule.description)").Replace(mappingText)
	changed := c.try(object{"edits": object{"m.yaml": object{"text": edit}}, "have": object{"m.yaml": first.Files[0].Digest}})
	if changed.Files[0].Text != nil || changed.Files[0].Digest != first.Files[0].Digest {
		t.Error("the text of the disk is sent again, or is that of the edit")
	}
	d := changed.Outcomes.Diff
	if a := changed.Outcomes.Alerts; d == nil || d.Changed != 1 || d.Moved != 1 || d.Same != 2 || !a[0].Changed || !a[1].Changed || a[2].Changed || a[3].Changed {
		t.Errorf("%+v", changed.Outcomes)
	}
	var one struct {
		Trial       int
		Text        string
		Events      []string
		Leaves      []struct{ Path, Value, Fate string }
		Explanation string
		Diff        *compare.Report
	}
	broken := c.try(object{"edits": object{"m.yaml": object{"text": strings.Replace(mappingText, "=timestamp", "=timestump(", 1)}}})
	if broken.Outcomes != nil || broken.Check.Faults != 1 {
		t.Errorf("%+v", broken)
	}
	c.ask("alert", object{"number": 0}, &one)
	if one.Trial != changed.Trial || len(one.Events) != 1 || !strings.Contains(one.Events[0], `"message": "A"`) || one.Explanation != "event" || one.Diff == nil {
		t.Errorf("%+v", one)
	}
	var tested studio.Tested
	if c.ask("tests", object{"trial": changed.Trial}, &tested); tested.Error != "1" {
		t.Error("the tests do not run with the edit")
	}
	for _, route := range []string{"all", "tests"} {
		if status, _, _ := c.do(c.request(http.MethodPost, "/api/"+route, fmt.Sprintf(`{"trial":%d}`, first.Trial))); status != http.StatusConflict {
			t.Errorf("%s answers for an earlier trial: %d", route, status)
		}
	}
	fates := map[string]string{}
	for _, l := range one.Leaves {
		fates[l.Path] = l.Fate + " " + l.Value
	}
	if fates["rule.level"] != "kept 5" || fates["rule.firedtimes"] != "written 2" {
		t.Error(fates)
	}
	var start struct {
		Alerts []object
		Edits  map[string]studio.Edit
	}
	c.ask("start", object{}, &start)
	if len(start.Alerts) != 4 || !strings.Contains(start.Edits["m.yaml"].Text, "timestump") {
		t.Error("a page that is loaded again does not get the edits that it had")
	}
}

// Law: however many pages try edits and look at alerts while the files change, each answer is
// of one version: the edit that was sent, and the alert that was asked for.
func TestReloadsWhileAlertsAreMapped(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, alertLine(5, fmt.Sprintf(`,"description":"d%d"`, i)))
	}
	b := bench(t, lines...)
	var stamps atomic.Int64
	b.Stamp = func([]studio.File) string { return fmt.Sprint(stamps.Add(1) / 5) }
	c := serve(t, b)
	c.ask("try", object{}, &trial{})
	var group sync.WaitGroup
	var all atomic.Int64
	for i := range 4 {
		group.Go(func() {
			edit := strings.Replace(mappingText, "=rule.description\n", fmt.Sprintf("=rule.description + ' %d'\n", i), 1)
			for range 5 {
				var got trial
				c.ask("try", object{"edits": object{"m.yaml": object{"text": edit}}}, &got)
				status, body, _ := c.do(c.request(http.MethodPost, "/api/all", fmt.Sprintf(`{"trial":%d}`, got.Trial)))
				if status == http.StatusConflict {
					continue // another page was faster
				}
				all.Add(1)
				if err := json.Unmarshal([]byte(body), &got.Outcomes); status != http.StatusOK || err != nil {
					t.Errorf("%d %s", status, body)
					return
				}
				examples := got.Outcomes.Diff.Attributes
				if len(examples) != 1 || got.Outcomes.Diff.Changed != 40 || examples[0].Examples[0].New != fmt.Sprintf(`"d0 %d"`, i) {
					t.Errorf("edit %d: %+v", i, got.Outcomes.Diff)
				}
				var one struct {
					Text   string
					Events []string
				}
				c.ask("alert", object{"number": i}, &one)
				if want := fmt.Sprintf(`"description": "d%d"`, i); len(one.Events) != 1 || !strings.Contains(one.Text, want) || !strings.Contains(one.Events[0], fmt.Sprintf(`"message": "d%d`, i)) {
					t.Errorf("alert %d: %+v", i, one)
				}
			}
		})
	}
	group.Wait()
	if all.Load() == 0 {
		t.Error("no page ever learned what becomes of all alerts")
	}
}
