package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// The shipped mapping can be tried on the samples; its files are no file of this machine.
func TestStudioOfTheShippedMapping(t *testing.T) {
	t.Chdir(t.TempDir())
	p := openStudio(t)
	var start struct {
		Mappings []string
		Hint     string
		Alerts   []struct{ Title string }
	}
	p.ask("start", struct{}{}, &start)
	if !strings.Contains(start.Hint, "sluice init") || len(start.Alerts) < 40 || start.Alerts[0].Title == "" {
		t.Errorf("%+v", start)
	}
	now := p.try(nil)
	if now.Outcomes == nil || now.Outcomes.Summary.Events < 40 || now.Outcomes.Summary.Rejects > 0 {
		t.Fatalf("%+v", now)
	}
	i := slices.IndexFunc(now.Files, func(f pageFile) bool { return f.Name == "wazuh/security_finding.yaml" })
	edited := p.try(map[string]string{now.Files[i].Name: strings.Replace(*now.Files[i].Text, "state_id: 1", "state_id: 2", 1)})
	if edited.Outcomes.Diff == nil || edited.Outcomes.Diff.Changed < 40 {
		t.Errorf("%+v", edited.Outcomes.Diff)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("it left %v (%v)", left, err)
	}
}

// A file that changes on the disk is taken up, also one that has faults or is not there.
func TestStudioFollowsTheDisk(t *testing.T) {
	dir, file, text := ownMapping(t)
	p := openStudio(t, "-m", file, filepath.Join(dir, "alerts.ndjson"))
	first := p.try(nil)
	writeAs(t, file, strings.Replace(text, "=timestamp", "=timestump(", 1))
	var stamp struct{ Stamp string }
	p.ask("stamp", struct{}{}, &stamp)
	broken := p.try(nil)
	if stamp.Stamp == first.Stamp || broken.Stamp != stamp.Stamp || broken.Outcomes != nil || !strings.Contains(fmt.Sprint(broken.Check), "faults:1") {
		t.Errorf("%+v", broken)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if gone := p.try(nil); !strings.Contains(gone.Error, "findings.yaml") || gone.Outcomes != nil {
		t.Errorf("%+v", gone)
	}
	writeAs(t, file, text)
	if again := p.try(nil); again.Error != "" || again.Outcomes == nil || again.Files[0].Digest != first.Files[0].Digest {
		t.Errorf("%+v", again)
	}
}

// More alerts than the page shows are left out, and that is said.
func TestStudioLoadsSoMuch(t *testing.T) {
	name := filepath.Join(t.TempDir(), "alerts.json")
	writeAs(t, name, strings.Repeat(`{"timestamp":"2026-03-14T00:00:00Z","rule":{"level":5,"description":"d"}}`+"\n", 5003)+"\n")
	long := filepath.Join(t.TempDir(), "long.json")
	writeAs(t, long, strings.Repeat(`{"rule":{"description":"`+strings.Repeat("x", 1<<20)+"\"}}\n", 10))
	for file, want := range map[string]string{name: "the first 5000 alerts, and 3 are left out", long: "the first 7 alerts, and 3 are left out"} {
		p := openStudio(t, file)
		var start struct {
			LeftOut string `json:"left_out"`
			Alerts  []any
		}
		p.ask("start", struct{}{}, &start)
		_, messages := p.stop()
		if !strings.Contains(start.LeftOut, want) || !strings.Contains(messages, want) || !strings.Contains(want, fmt.Sprint(len(start.Alerts))) {
			t.Errorf("%s: %d alerts, %q, %q", file, len(start.Alerts), start.LeftOut, messages)
		}
	}
}

// A file that an edit includes is shown, and can be edited when that is saved; one that an edit
// drops stays, with its own edits.
func TestStudioIncludesAsItIsTyped(t *testing.T) {
	dir, file, text := ownMapping(t)
	shared := filepath.ToSlash(filepath.Join(dir, "shared.yaml"))
	writeAs(t, shared, "let: {verb: =upper(rule.description)}\n")
	p := openStudio(t, "-m", file, filepath.Join(dir, "alerts.ndjson"))
	p.try(nil)
	including := strings.Replace(strings.Replace(text, "when:", "include: shared.yaml\nwhen:", 1), "message: =rule.description", "message: =verb", 1)
	now := p.try(map[string]string{file: including})
	i := slices.IndexFunc(now.Files, func(f pageFile) bool { return f.Name == shared })
	if i < 0 || now.Files[i].Fixed == "" || now.Outcomes == nil || now.Outcomes.Diff.Changed != 1 {
		t.Fatalf("%+v", now)
	}
	if status, body := p.status("try", map[string]any{"edits": map[string]studio.Edit{shared: {Text: "x"}}}); status != http.StatusBadRequest {
		t.Errorf("%d %s", status, body)
	}
	writeAs(t, file, including)
	edited := p.try(map[string]string{file: text, shared: "let: {verb: x}\n"})
	if i := slices.IndexFunc(edited.Files, func(f pageFile) bool { return f.Name == shared }); i < 0 || edited.Files[i].Fixed != "" || edited.Outcomes == nil {
		t.Errorf("%+v", edited)
	}
}

// An address that is in use ends the command, with 1.
func TestStudioNeedsAPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var messages bytes.Buffer
	code := cli.Run(t.Context(), []string{"studio", "--listen", l.Addr().String()}, cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: &messages}, func(string) string { return "" })
	if code != 1 || !strings.Contains(messages.String(), "name a free port") {
		t.Errorf("%d %s", code, messages.String())
	}
}

// The samples of the page are the first two alerts of each source in testdata/alerts. With
// -update the test writes them.
func TestStudioSamples(t *testing.T) {
	const samples = "studio/samples.ndjson"
	names, err := filepath.Glob("../testdata/alerts/*.ndjson")
	if err != nil || len(names) < 20 {
		t.Fatal(err, len(names))
	}
	want := ""
	for _, name := range names {
		if base := filepath.Base(name); base == "long.ndjson" || base == "odd.ndjson" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		want += strings.Join(lines[:min(2, len(lines))], "")
	}
	if flag.Lookup("update").Value.String() == "true" {
		writeAs(t, samples, want)
	}
	if got, err := os.ReadFile(samples); err != nil || string(got) != want {
		t.Errorf("%s is not what testdata/alerts has (%v): run go test ./cli -run StudioSamples -update", samples, err)
	}
}

// Law: a file is saved as it was sent, in one step, and only over the text that the edit began
// with; no other file is ever written.
func TestStudioSaves(t *testing.T) {
	dir, file, text := ownMapping(t)
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	before := treeOf(dir)
	p := openStudio(t, "-m", dir, filepath.Join(dir, "alerts.ndjson"))
	first := p.try(nil)
	if i := slices.IndexFunc(first.Files, func(f pageFile) bool { return f.Name == file }); i < 0 {
		t.Fatal(first.Files)
	} else if digest := first.Files[i].Digest; digest == "" {
		t.Fatal("it has no digest")
	} else {
		p.saves(file, text, digest)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("it has the mode %v (%v)", info.Mode(), err)
	}
	if after := treeOf(dir); len(after) != len(before) {
		t.Errorf("there are files more or less: %v", after)
	}
	if now := p.try(map[string]string{file: text + "# 3\n"}); now.Outcomes.Diff != nil {
		t.Error("a saved edit differs from the disk")
	}
}

func (p *page) saves(file, text, digest string) {
	t := p.t
	t.Helper()
	save := func(name, text, digest string) (int, string) {
		status, body := p.status("save", map[string]string{"name": name, "text": text, "digest": digest})
		return status, string(body)
	}
	read := func() string {
		now, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(now)
	}
	var saved struct{ Digest, Text string }
	status, body := save(file, text+"# 1\r\n", digest)
	if err := json.Unmarshal([]byte(body), &saved); err != nil || status != 200 || read() != text+"# 1\r\n" || saved.Text != read() {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := save(file, text+"# 2\n", digest); status != 409 || read() != text+"# 1\r\n" || !strings.Contains(body, saved.Digest) {
		t.Errorf("an edit of an older text: %d %s", status, body)
	}
	writeAs(t, file, text+"# by somebody else\n")
	if status, body := save(file, text+"# 2\n", saved.Digest); status != 409 || read() != text+"# by somebody else\n" || !strings.Contains(body, `# by somebody else\n`) {
		t.Errorf("an edit of a text that somebody changed: %d %s", status, body)
	}
	for _, name := range []string{"", "findings.yaml", file + "/", "./" + file, file + ".new", filepath.Dir(file) + "/../my/findings.yaml", filepath.Dir(file) + "/alerts.ndjson", "/etc/passwd", "../x.yaml", filepath.Dir(file) + "/mapping.schema.json"} {
		if status, body := save(name, "x", digest); status != 409 {
			t.Errorf("%q: %d %s", name, status, body)
		}
	}
	var now struct{ File struct{ Digest string } }
	_, body = save(file, "", "")
	if err := json.Unmarshal([]byte(body), &now); err != nil {
		t.Fatal(err)
	}
	if status, _ := save(file, strings.Repeat("#", 1<<20+1), now.File.Digest); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a text over the limit: %d", status)
	}
	if status, body := save(file, text+"# 3\n", now.File.Digest); status != 200 || read() != text+"# 3\n" {
		t.Errorf("%d %s", status, body)
	}
}

// Of several saves over the same text at the same time, one is done.
func TestOneOfSeveralSavesWins(t *testing.T) {
	dir, file, text := ownMapping(t)
	p := openStudio(t, "-m", dir, filepath.Join(dir, "alerts.ndjson"))
	first := p.try(nil)
	i := slices.IndexFunc(first.Files, func(f pageFile) bool { return f.Name == file })
	var group sync.WaitGroup
	var done atomic.Int64
	for n := range 8 {
		group.Go(func() {
			status, _ := p.status("save", map[string]string{"name": file, "text": text + fmt.Sprintf("# %d\n", n), "digest": first.Files[i].Digest})
			if status == http.StatusOK {
				done.Add(1)
			}
		})
	}
	group.Wait()
	if done.Load() != 1 {
		t.Errorf("%d saves were done", done.Load())
	}
}

// What belongs to the program, what a link leads to outside, and what is read-only is not
// saved.
func TestStudioDoesNotSave(t *testing.T) {
	dir, file, text := ownMapping(t)
	p := openStudio(t, "-m", dir, "-m", "wazuh/security_finding")
	now := p.try(nil)
	for _, f := range now.Files {
		if f.Kind == "mapping" && f.Name != file {
			if status, body := p.status("save", map[string]string{"name": f.Name, "text": "x", "digest": f.Digest}); status != http.StatusForbidden {
				t.Errorf("%s: %d %s", f.Name, status, body)
			}
		}
	}
	outside := filepath.Join(t.TempDir(), "outside.yaml")
	writeAs(t, outside, text)
	if err := errors.Join(os.Remove(file), os.Symlink(outside, file)); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(now.Files, func(f pageFile) bool { return f.Name == file })
	if status, body := p.status("save", map[string]string{"name": file, "text": "x", "digest": now.Files[i].Digest}); status != http.StatusConflict || !strings.Contains(string(body), "leads out") {
		t.Errorf("a link that leads out: %d %s", status, body)
	}
	if read, err := os.ReadFile(outside); err != nil || string(read) != text {
		t.Errorf("the file behind the link is %q (%v)", read, err)
	}
}
