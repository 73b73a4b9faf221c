package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/cli"
)

// oddMapping has a fault that speaks of a comma, a percent sign and a colon.
const oddMapping = `mapping: m
schema: 1.1.0
class: detection_finding
let: {unused: 1}
event:
  activity_id: 1
  severity_id: 2
  time: =timestamp
  metadata: {product: {name: N, vendor_name: V}}
  finding_info: {title: t, uid: =id}
`

func checked(t *testing.T, format string, args ...string) string {
	t.Helper()
	var out, messages bytes.Buffer
	cli.Run(context.Background(), append([]string{"check", "--notes", "--format", format}, args...), cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &messages}, func(string) string { return "" })
	if out.Len() == 0 {
		t.Fatal(messages.String())
	}
	return out.String()
}

// findings are those of --format json, as lines.
func findings(t *testing.T, args ...string) []map[string]any {
	t.Helper()
	var all struct {
		Findings []map[string]any `json:"findings"`
	}
	if err := json.Unmarshal([]byte(checked(t, "json", args...)), &all); err != nil {
		t.Fatal(err)
	}
	return all.Findings
}

func oddFiles(t *testing.T) []string {
	t.Helper()
	t.Chdir(t.TempDir())
	files := map[string]string{"maps/a b,100%.yaml": oddMapping, "maps/bad.yaml": strings.Replace(oddMapping, "time: =timestamp", "time: \"=a ? b, 7% : 'größe: x' +\"", 1)}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"maps/a b,100%.yaml", "maps/bad.yaml"}
}

// Law: each finding is one workflow command, from which its file, place and message
// can be read again.
func TestGitHubFormat(t *testing.T) {
	files := oddFiles(t)
	want := findings(t, files...)
	command := regexp.MustCompile(`^::(error|warning|notice) file=([^:,]+),line=(\d+),col=(\d+),title=([^:,]+)::(.+)$`)
	back := strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",")
	lines := strings.Split(strings.TrimSuffix(checked(t, "github", files...), "\n"), "\n")
	if len(lines) != len(want) || len(want) < 4 {
		t.Fatalf("%d lines for %d findings", len(lines), len(want))
	}
	levels := map[string]any{"error": "fault", "warning": "warning", "notice": "note"}
	for i, line := range lines {
		m := command.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no command: %s", line)
			continue
		}
		f := want[i]
		if levels[m[1]] != f["severity"] || back.Replace(m[2]) != f["file"] || "sluice "+f["rule"].(string) != m[5] || back.Replace(m[6]) != f["message"] ||
			m[3] != number(f["line"]) || m[4] != number(f["column"]) {
			t.Errorf("%s is of %v", line, f)
		}
	}
}

func number(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Law: a SARIF log has what the schema of 2.1.0 requires, refers to rules that it
// declares, and has every finding.
func TestSARIF(t *testing.T) {
	files := oddFiles(t)
	want := findings(t, files...)
	text := checked(t, "sarif", files...)
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name, InformationURI string
					Rules                []struct{ ID string }
				}
			}
			ColumnKind string
			Results    []struct {
				RuleID    string
				RuleIndex *int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.HasSuffix(log.Schema, "sarif-2.1.0.json") || len(log.Runs) != 1 {
		t.Fatalf("%.300s", text)
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name != "sluice" || run.ColumnKind != "unicodeCodePoints" || len(run.Results) != len(want) {
		t.Errorf("%+v", run.Tool)
	}
	ids := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || ids[r.ID] {
			t.Errorf("the rule %q is there twice, or has no id", r.ID)
		}
		ids[r.ID] = true
	}
	levels := map[string]string{"fault": "error", "warning": "warning", "note": "note"}
	for i, r := range run.Results {
		f := want[i]
		if r.RuleIndex == nil || *r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID || r.RuleID != f["rule"] {
			t.Errorf("result %d refers to no rule: %+v", i, r)
		}
		if r.Level != levels[f["severity"].(string)] || r.Message.Text != f["message"] || len(r.Locations) != 1 {
			t.Errorf("%+v is of %v", r, f)
			continue
		}
		place := r.Locations[0].PhysicalLocation
		u, err := url.Parse(place.ArtifactLocation.URI)
		if err != nil || u.Path != f["file"] || u.IsAbs() {
			t.Errorf("%s is not the URI of %s: %v", place.ArtifactLocation.URI, f["file"], err)
		}
		if number(place.Region.StartLine) != number(f["line"]) || number(place.Region.StartColumn) != number(f["column"]) || place.Region.StartLine < 1 || place.Region.StartColumn < 1 {
			t.Errorf("%+v is not the place of %v", place.Region, f)
		}
	}
	// With nothing found the lists are there and empty.
	if text := checked(t, "sarif", "wazuh/detection_finding", "--notes=false"); !strings.Contains(text, `"results": []`) || !strings.Contains(text, `"rules": []`) {
		t.Error(text)
	}
}
