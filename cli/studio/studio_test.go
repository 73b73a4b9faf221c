package studio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sluice-lake/sluice/cli/studio"
	"github.com/sluice-lake/sluice/engine"
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

// Law: what an alert says comes back as data of JSON, and no answer is HTML.
func TestHostileAlertsAreData(t *testing.T) {
	text, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	c := serve(t, bench(t, alertLine(5, `,"description":`+string(text)+`,`+string(text)+`:`+string(text))))
	c.ask("try", object{}, &trial{})
	var one struct {
		Text, Explanation string
		Leaves            []struct{ Path, Value string }
	}
	c.ask("alert", object{"number": 0}, &one)
	if !strings.Contains(one.Text, `onerror=alert(1)`) || len(one.Leaves) < 4 {
		t.Errorf("%+v", one)
	}
	status, body, header := c.do(c.request(http.MethodPost, "/api/alert", `{"number":0}`))
	if status != 200 || header.Get("Content-Type") != "application/json" || strings.ContainsAny(body, "<>") || !json.Valid([]byte(body)) {
		t.Errorf("%d %v %s", status, header, body)
	}
	var found struct{ Numbers []int }
	c.ask("find", object{"text": "ONERROR"}, &found)
	if len(found.Numbers) != 1 {
		t.Error("the text is not found")
	}
	c.ask("find", object{"text": "elsewhere"}, &found)
	if len(found.Numbers) != 0 {
		t.Error("a text is found that is not there")
	}
}

// Law: only the page of this start, on this machine, gets an answer.
func TestStrangersAreKeptOut(t *testing.T) {
	c := serve(t, bench(t, alertLine(5, `,"description":"secret"`)))
	c.ask("try", object{}, &trial{})
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, s := range map[string]struct {
		spoil func(*http.Request)
		want  int
	}{
		"no token":            {set("Sluice-Token", ""), 401},
		"a wrong token":       {set("Sluice-Token", token+"x"), 401},
		"a shorter token":     {set("Sluice-Token", token[:4]), 401},
		"a foreign host":      {func(r *http.Request) { r.Host = "evil.example" }, 403},
		"a rebound name":      {func(r *http.Request) { r.Host = "127.0.0.1.evil.example:80" }, 403},
		"a foreign address":   {func(r *http.Request) { r.Host = "192.0.2.1" }, 403},
		"no host":             {func(r *http.Request) { r.Host = " " }, 403},
		"a foreign origin":    {set("Origin", "http://evil.example"), 403},
		"another port":        {set("Origin", "http://127.0.0.1:1"), 403},
		"no origin of a page": {set("Origin", "null"), 403},
		"another scheme":      {set("Origin", strings.Replace(c.url, "http:", "https:", 1)), 403},
		"a page elsewhere":    {set("Sec-Fetch-Site", "cross-site"), 403},
		"a page of this site": {set("Sec-Fetch-Site", "same-site"), 403},
		"a form":              {set("Content-Type", "text/plain"), 415},
		"no type":             {set("Content-Type", ""), 415},
		"GET":                 {func(r *http.Request) { r.Method = http.MethodGet }, 405},
		"no JSON":             {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("{")) }, 400},
		"an unknown field":    {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"nmber":0}`)) }, 400},
		"an alert too many":   {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"number":1}`)) }, 404},
		"an alert before all": {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"number":-1}`)) }, 404},
	} {
		r := c.request(http.MethodPost, "/api/alert", `{"number":0}`)
		r.ContentLength = -1
		s.spoil(r)
		if status, body, _ := c.do(r); status != s.want || strings.Contains(body, "secret") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for _, host := range []string{"localhost:1", "127.0.0.1", "[::1]:80"} { // a forwarded port
		r := c.request(http.MethodPost, "/api/alert", `{"number":0}`)
		r.Host = host
		r.Header.Set("Origin", "http://"+host)
		if status, body, _ := c.do(r); status != 200 {
			t.Errorf("%s: %d %s", host, status, body)
		}
	}
	long := c.request(http.MethodPost, "/api/find", `{"text":"`+strings.Repeat("x", 17<<20)+`"}`)
	if status, body, _ := c.do(long); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 17 MiB: %d %s", status, body)
	}
	for _, edits := range []object{{"n.yaml": object{"text": "x"}}, {"../m.yaml": object{"text": "x"}}, {"./m.yaml": object{"text": "x"}}, {"/etc/passwd": object{"text": "x"}}, {"": object{"text": "x"}}, {"t.csv": object{"text": "x"}}} {
		body, err := json.Marshal(object{"edits": edits})
		if err != nil {
			t.Fatal(err)
		}
		if status, answer, _ := c.do(c.request(http.MethodPost, "/api/try", string(body))); status != 400 {
			t.Errorf("%v: %d %s", edits, status, answer)
		}
	}
}

// Every answer has the headers that keep the page to itself, and no path leads to anything
// but its files.
func TestThePageIsClosed(t *testing.T) {
	c := serve(t, bench(t))
	for _, path := range []string{"/", "/main.js", "/nothing", "/api/alert", "/studio.css"} {
		_, _, header := c.do(c.request(http.MethodGet, path, ""))
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, header)
		}
	}
	for _, path := range []string{"/../studio.go", "/..%2fstudio.go", "/%2e%2e/studio.go", "/studio.go", "/page/main.js", "/samples.ndjson", "/etc/passwd", "/api/", "/api/nothing", "/..\\studio.go", "/main.js/"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			status, body, _ := c.do(c.request(method, path, "{}"))
			if status == http.StatusOK || strings.Contains(body, "package studio") {
				t.Errorf("%s %s: %d", method, path, status)
			}
		}
	}
	r := c.request(http.MethodGet, "/", "")
	r.Host = "evil.example"
	if status, _, _ := c.do(r); status != http.StatusForbidden {
		t.Errorf("the page is shown to another host: %d", status)
	}
}

// Listen takes addresses of this machine alone.
func TestListen(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.org:80", "127.0.0.1", "127.0.0.1:x", "", "localhost.evil.example:0"} {
		if l, err := studio.Listen(t.Context(), address); err == nil {
			t.Errorf("%s is listened at", address)
			l.Close()
		}
	}
	l, err := studio.Listen(t.Context(), "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		t.Error(l.Addr())
	}
}

// A studio ends with its context, whatever goes on.
func TestServeEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	l, err := studio.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	began, release := make(chan bool), make(chan bool)
	defer close(release)
	b := bench(t, alertLine(5, ""))
	b.Open = func(context.Context, map[string][]byte) *studio.Version {
		close(began)
		<-release
		return &studio.Version{}
	}
	ended := make(chan error)
	go func() { ended <- studio.New(b, token).Serve(ctx, l) }()
	go func() {
		r := client{t, "http://" + l.Addr().String()}.request(http.MethodPost, "/api/try", "{}")
		if response, err := http.DefaultClient.Do(r); err == nil {
			response.Body.Close()
		}
	}()
	<-began
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A fault of sluice's own is said, without what it says of an alert.
func TestAPanicIsAnAnswer(t *testing.T) {
	b := bench(t, alertLine(5, ""))
	b.Explain = func(*engine.Engine, source.Line) any { panic("secret") }
	c := serve(t, b)
	c.ask("try", object{}, &trial{})
	if status, body, _ := c.do(c.request(http.MethodPost, "/api/alert", `{"number":0}`)); status != 500 || strings.Contains(body, "secret") || !strings.Contains(body, "report it") {
		t.Errorf("%d %s", status, body)
	}
	if _, body, _ := c.do(c.request(http.MethodPost, "/api/start", "{}")); !bytes.Contains([]byte(body), []byte(`"alerts"`)) {
		t.Error("it does not go on")
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
