package cli_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/cli/studio"
)

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

// What a mapping of somebody's own has of the shipped ones is shown, and is not edited.
func TestStudioOfAVariantOfAShippedMapping(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "own.yaml")
	for _, of := range []string{"sluice://wazuh/security_finding.yaml", "sluice://wazuh/detection_finding"} {
		writeAs(t, file, "mapping: my/own\nextends: "+of+"\n")
		now := openStudio(t, "-m", file).try(nil)
		if now.Outcomes == nil || now.Outcomes.Summary.Events < 40 {
			t.Fatalf("%s: %+v", of, now)
		}
		for _, f := range now.Files {
			if shipped := strings.HasPrefix(f.Name, "sluice://"); f.Shipped != shipped || (f.Fixed != "") != shipped {
				t.Errorf("%s: shipped is %v, and it is fixed since %q", f.Name, f.Shipped, f.Fixed)
			}
			if f.Name == of && !strings.HasSuffix(of, ".yaml") {
				t.Errorf("the set %s is shown as a file", of)
			}
		}
		if len(now.Files) < 3 {
			t.Errorf("only %d files are shown", len(now.Files))
		}
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
