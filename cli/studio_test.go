package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/cli/studio"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/profile"
)

// page is a studio that runs, as its page sees it.
type page struct {
	t          *testing.T
	url, token string
	stop       func() (code int, messages string)
}

var pageAddress = regexp.MustCompile(`(http://127\.0\.0\.1:[0-9]+)/#([A-Z2-7]+)\n`)

// openStudio starts `sluice studio` and reads its address.
func openStudio(t *testing.T, args ...string) *page {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, append([]string{"studio"}, args...), cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: w}, func(string) string { return "" })
		w.Close()
	}()
	var said bytes.Buffer
	buffer := make([]byte, 4096)
	for pageAddress.Find(said.Bytes()) == nil {
		n, err := r.Read(buffer)
		said.Write(buffer[:n])
		if err != nil {
			cancel()
			t.Fatalf("studio has ended with %d: %s", <-ended, said.String())
		}
	}
	rest := make(chan string, 1)
	go func() {
		more, _ := io.ReadAll(r) // a pipe has no errors
		rest <- string(more)
	}()
	m := pageAddress.FindStringSubmatch(said.String())
	p := &page{t: t, url: m[1], token: m[2]}
	p.stop = func() (int, string) {
		cancel()
		return <-ended, said.String() + <-rest
	}
	t.Cleanup(cancel)
	return p
}

// ask asks as the page does, and reads the answer into out.
func (p *page) ask(route string, in, out any) {
	p.t.Helper()
	if status, body := p.status(route, in); status != http.StatusOK {
		p.t.Fatalf("%s: %d %s", route, status, body)
	} else if err := json.Unmarshal(body, out); err != nil {
		p.t.Fatalf("%s: %v", route, err)
	}
}

func (p *page) status(route string, in any) (int, []byte) {
	p.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+"/api/"+route, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sluice-Token", p.token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, text
}

// pageFile is a file as the page knows it.
type pageFile struct {
	Name, Kind, Fixed, Digest string
	Missing, Shipped          bool
	Text                      *string
}

type pageTrial struct {
	Trial    int
	Stamp    string
	Files    []pageFile
	Check    any
	Error    string
	Compiled bool
	Outcomes *studio.Outcomes // what all says
}

func (p *page) try(edits map[string]string) (t pageTrial) {
	p.t.Helper()
	all := map[string]studio.Edit{}
	for name, text := range edits {
		all[name] = studio.Edit{Text: text}
	}
	p.ask("try", map[string]any{"edits": all}, &t)
	if t.Compiled {
		p.ask("all", map[string]int{"trial": t.Trial}, &t.Outcomes)
	}
	return t
}

// printed is what a command prints, as JSON.
func printed(t *testing.T, out any, args ...string) {
	t.Helper()
	var text, messages bytes.Buffer
	cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &text, Err: &messages}, func(string) string { return "" })
	if err := json.Unmarshal(text.Bytes(), out); err != nil {
		t.Fatalf("%q: %v: %s%s", args, err, text.String(), messages.String())
	}
}

func decoded(t *testing.T, v any) (out any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ownMapping writes what init writes, and returns the folder and the text of the mapping.
func ownMapping(t *testing.T) (dir, file, text string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "my")
	if code := cli.Run(t.Context(), []string{"init", dir}, cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}, func(string) string { return "" }); code != 0 {
		t.Fatal(code)
	}
	file = filepath.ToSlash(filepath.Join(dir, "findings.yaml"))
	read, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return dir, file, string(read)
}

// Law: the page says of a mapping and of alerts what check, explain, profile and diff say.
func TestStudioSaysWhatTheCommandsSay(t *testing.T) {
	const alerts = "../testdata/alerts"
	dir, file, text := ownMapping(t)
	edit := strings.NewReplacer("when: =rule.level >= 3", "when: =rule.level >= 5", "count: =rule.firedtimes", "count: =rule.description").Replace(text)
	old, edited := filepath.Join(t.TempDir(), "findings.yaml"), filepath.Join(t.TempDir(), "findings.yaml")
	writeAs(t, old, text)
	p := openStudio(t, "-m", dir, alerts)
	before := p.try(nil)
	if before.Error != "" || before.Outcomes.Diff != nil {
		t.Fatalf("%+v", before)
	}
	now := p.try(map[string]string{file: edit})
	writeAs(t, file, edit) // the commands read it there; the page reads it again, and has the same edit
	writeAs(t, edited, edit)
	var check any
	printed(t, &check, "check", "--format", "json", dir)
	if !reflect.DeepEqual(now.Check, check) {
		t.Errorf("check: the page has %v, the command %v", now.Check, check)
	}
	var summary profile.Report
	printed(t, &summary, "profile", "--json", "-m", dir, alerts)
	s := now.Outcomes.Summary
	if s.Counts != summary.Counts || s.Leaves != summary.Leaves || !reflect.DeepEqual(s.EventsByMapping, summary.EventsByMapping) || !reflect.DeepEqual(s.KeptMost, summary.KeptMost()) {
		t.Errorf("profile: the page has %+v, the command %+v %+v", s, summary.Counts, summary.Leaves)
	}
	var run struct {
		Failed int64 `json:"conversions_failed"`
	}
	printed(t, &run, "run", "--json", "-q", "-m", dir, "-o", t.TempDir(), alerts)
	if s.ConversionsFailed != run.Failed || run.Failed == 0 {
		t.Errorf("%d conversions failed, in a run %d", s.ConversionsFailed, run.Failed)
	}
	var diff compare.Report
	printed(t, &diff, "diff", "--json", "-m", old, "-m", edited, alerts)
	if a, b := decoded(t, now.Outcomes.Diff), decoded(t, diff); !reflect.DeepEqual(a, b) || diff.Moved == 0 || diff.Changed == 0 {
		t.Errorf("diff: the page has %v, the command %v", a, b)
	}
	changed := int64(0)
	for _, o := range now.Outcomes.Alerts {
		if o.Changed {
			changed++
		}
	}
	if changed != diff.Changed+diff.Moved {
		t.Errorf("%d alerts are marked as changed, %d are", changed, diff.Changed+diff.Moved)
	}
	p.explains(dir)
	if code, messages := p.stop(); code != 0 || strings.Count(messages, "\n") != 5 {
		t.Errorf("it ends with %d and says %q", code, messages)
	}
}

// explains compares what the page and explain say of each alert.
func (p *page) explains(mapping string) {
	p.t.Helper()
	var start struct {
		Alerts []struct {
			Title, Origin string
			Line          int64
		}
	}
	p.ask("start", struct{}{}, &start)
	if len(start.Alerts) < 100 {
		p.t.Errorf("only %d alerts", len(start.Alerts))
	}
	for i, a := range start.Alerts {
		var one struct{ Explanation any }
		p.ask("alert", map[string]int{"number": i}, &one)
		var want any
		printed(p.t, &want, "explain", "--format", "json", "-m", mapping, fmt.Sprintf("%s:%d", a.Origin, a.Line))
		if !reflect.DeepEqual(one.Explanation, want) {
			p.t.Errorf("%s:%d: the page has %v, explain %v", a.Origin, a.Line, one.Explanation, want)
		}
	}
}

func writeAs(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Law: the page says of tests what test says, with edits of mappings and of tests; faults of
// tests have their places.
func TestStudioTestsAsTheCommandDoes(t *testing.T) {
	dir, file, text := ownMapping(t)
	tests := strings.Replace(file, ".yaml", "_test.yaml", 1)
	testText, err := os.ReadFile(tests)
	if err != nil {
		t.Fatal(err)
	}
	p := openStudio(t, "-m", dir, filepath.Join(dir, "alerts.ndjson"))
	tested := func(edits map[string]string) (tested studio.Tested) {
		p.ask("tests", map[string]int{"trial": p.try(edits).Trial}, &tested)
		return tested
	}
	edits := map[string]string{file: strings.Replace(text, "message: =rule.description", "message: =upper(rule.description)", 1), tests: string(testText) + "- {name: another, alert: {id: 1}, expect: {reject: x}}\n"}
	asSaved, edited := tested(nil), tested(edits)
	bad := tested(map[string]string{tests: "- {name: no alert}\n"})
	if len(bad.Faults) == 0 || !strings.HasPrefix(bad.Faults[0].Where, tests+":1:") || bad.Report != nil {
		t.Errorf("%+v", bad)
	}
	for _, got := range []any{asSaved.Report, edited.Report} {
		var want struct{ Failed int }
		var all any
		printed(t, &all, "test", "--format", "json", dir)
		printed(t, &want, "test", "--format", "json", dir)
		if !reflect.DeepEqual(got, all) || (want.Failed > 0) != reflect.DeepEqual(got, edited.Report) {
			t.Errorf("the page has %v, the command %v", got, all)
		}
		for name, text := range edits {
			writeAs(t, name, text)
		}
	}
	p = openStudio(t)
	if none := tested(nil); !strings.Contains(none.Error, "cannot be tested") {
		t.Errorf("%+v", none)
	}
}
