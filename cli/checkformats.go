package cli

import (
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/version"
)

// checkFormats are the values of --format that check has.
var checkFormats = []string{"text", "json", "github", "sarif"}

// write prints the report in a format.
func (r *checkReport) write(a *app, format string) error {
	switch format {
	case "json":
		return writeJSON(a.data(), r.json())
	case "sarif":
		return r.sarif(a.data())
	case "github":
		r.github(a.Out)
	default:
		r.text(a.Out, a.paint(a.Out))
	}
	return nil
}

// github prints workflow commands, of which GitHub Actions makes annotations.
func (r *checkReport) github(w io.Writer) {
	levels := map[syntax.Severity]string{syntax.Broken: "error", syntax.Warning: "warning", syntax.Note: "notice"}
	for _, f := range r.found {
		printf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", levels[f.Severity], githubValue(f.Pos.File),
			f.Pos.Line, f.Pos.Col, githubValue("sluice "+f.Rule), githubText.Replace(f.Message))
	}
}

// What workflow commands need escaped, in their text and in their values.
var githubText = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")

func githubValue(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubText.Replace(s))
}

// The log of SARIF 2.1.0, as far as a check fills it.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID string `json:"id"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifLocation struct {
	PhysicalLocation sarifPlace `json:"physicalLocation"`
}

type sarifPlace struct {
	ArtifactLocation sarifURI     `json:"artifactLocation"`
	Region           *sarifRegion `json:"region,omitempty"`
}

type sarifURI struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
}

// sarif prints one log with one run.
func (r *checkReport) sarif(w io.Writer) error {
	levels := map[syntax.Severity]string{syntax.Broken: "error", syntax.Warning: "warning", syntax.Note: "note"}
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "sluice", Version: version.Of().Number, InformationURI: "https://github.com/sluice-lake/sluice", Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	for _, f := range r.found {
		rule := slices.Index(run.Tool.Driver.Rules, sarifRule{f.Rule})
		if rule < 0 {
			rule = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{f.Rule})
		}
		place := sarifPlace{ArtifactLocation: sarifURI{fileURI(f.Pos.File)}}
		if f.Pos.Line > 0 {
			place.Region = &sarifRegion{f.Pos.Line, max(f.Pos.Col, 1)}
		}
		run.Results = append(run.Results, sarifResult{f.Rule, rule, levels[f.Severity], sarifText{f.Message}, []sarifLocation{{place}}})
	}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// fileURI is the URI of a file: a relative one of a relative name.
func fileURI(name string) string {
	u := url.URL{Path: name}
	if path.IsAbs(name) {
		u.Scheme = "file"
	}
	return u.String()
}
