package studio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/cli/studio"
	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/source"
)

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
	b.Columns = func(_, _ *engine.Engine) []compare.Column { panic("secret") }
	other := serve(t, b)
	var edited trial
	other.ask("try", object{"edits": object{"m.yaml": object{"text": mappingText + "# edited\n"}}}, &edited)
	if status, body, _ := other.do(other.request(http.MethodPost, "/api/all", fmt.Sprintf(`{"trial":%d}`, edited.Trial))); status != 500 || strings.Contains(body, "secret") {
		t.Errorf("%d %s", status, body)
	}
	if _, body, _ := c.do(c.request(http.MethodPost, "/api/start", "{}")); !bytes.Contains([]byte(body), []byte(`"alerts"`)) {
		t.Error("it does not go on")
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
