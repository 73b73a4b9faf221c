//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// goal is one of the project's goals, and the figure that was measured.
type goal struct {
	Text    string  `json:"goal"`
	Limit   float64 `json:"limit"`
	Figure  float64 `json:"figure"`
	CPU     float64 `json:"cpu_ratio,omitempty"` // of a ratio of times: that of the processor seconds
	Verdict string  `json:"verdict"`
}

const (
	met         = "met"
	missed      = "MISSED"
	tie         = "a tie: not met yet"
	notMeasured = "not measured"
)

func (m *measurement) judge() {
	for _, part := range []string{"A", "L"} {
		m.rival(part+": without unmapped, to DuckDB unsorted", 0.85, part, sluiceBare, duckUnsorted)
		m.rival(part+": without unmapped, to DuckDB ORDER BY time", 0.6, part, sluiceBare, duckSorted)
	}
	m.ratio("L: without unmapped, to the program written by hand", 1.3, "L", sluiceBare, floor)
	for _, part := range []string{"A", "L", "R"} {
		m.ratio(part+": shipped mapping, to the same without unmapped", 1.3, part, sluiceShipped, sluiceBare)
	}
	m.ratio("R: detection_finding, to security_finding", 1.7, "R", sluiceDeep, sluiceShipped)
	m.rival("R: shipped mapping, to DuckDB with unmapped, unsorted", 1, "R0", sluiceShipped, duckUnmapped)
	m.ratio("files of 100 alerts, to one file", 2, "files", "files of 100 alerts", "one file")
	m.ratio("files of 100 alerts with --merge, to one file", 1.3, "files", "files of 100 alerts, --merge", "one file")
	m.memoryGoals()
	m.sizes("R: bytes written, to DuckDB sorted, all columns", sluiceShipped, duckUnmappedBy)
	m.sizes("R: bytes written, to DuckDB sorted, without unmapped", sluiceBare, duckSorted)
	m.lambdaGoals()
	m.allocationGoals()
	m.atMost("start on an empty file, median ms", 20, m.find("start", "empty file"), func(r *result) float64 { return r.Median * 1000 })
	m.atMost("bootstrap to its first next, median ms", 15, m.find("lambda", firstNext), func(r *result) float64 { return r.Median * 1000 })
	m.printGoals()
}

func (m *measurement) judged(text string, limit, figure, cpu float64) {
	g := goal{Text: text, Limit: limit, Figure: figure, CPU: cpu, Verdict: met}
	if !(figure <= limit) {
		g.Verdict = missed
	}
	m.goals = append(m.goals, g)
}

func (m *measurement) unknown(text string, limit float64) {
	m.goals = append(m.goals, goal{Text: text, Limit: limit, Verdict: notMeasured})
}

// ratio sets the medians of the wall times of two cases against a limit.
func (m *measurement) ratio(text string, limit float64, part, ours, theirs string) {
	a, b := m.find(part, ours), m.find(part, theirs)
	if a == nil || b == nil {
		m.unknown(text, limit)
		return
	}
	m.judged(text, limit, a.Median/b.Median, a.CPU/b.CPU)
}

// rival is a ratio to a program that is to be beaten: less than 15 % apart is a tie.
func (m *measurement) rival(text string, limit float64, part, ours, theirs string) {
	m.ratio(text, limit, part, ours, theirs)
	if g := &m.goals[len(m.goals)-1]; g.Verdict == met && g.Figure*1.15 > 1 {
		g.Verdict = tie
	}
}

func (m *measurement) sizes(text, ours, theirs string) {
	const limit = 1.05
	a, b := m.find("R0", ours), m.find("R0", theirs)
	if a == nil || b == nil {
		m.unknown(text, limit)
		return
	}
	m.judged(text, limit, float64(a.Bytes)/float64(b.Bytes), 0)
}

func (m *measurement) atMost(text string, limit float64, r *result, figure func(*result) float64) {
	if r == nil {
		m.unknown(text, limit)
		return
	}
	m.judged(text, limit, figure(r), 0)
}

func (m *measurement) memoryGoals() {
	const limit, spread = 200, 1.1
	least, most := int64(0), int64(0)
	for _, r := range m.results {
		if r.Part != "memory" {
			continue
		}
		if most = max(most, r.Peak); least == 0 || r.Peak < least {
			least = r.Peak
		}
	}
	if most == 0 {
		m.unknown("peak memory of any size and workers, MiB", limit)
		m.unknown("the largest peak memory, to the smallest", spread)
		return
	}
	m.judged("peak memory of any size and workers, MiB", limit, float64(most)/(1<<20), 0)
	m.judged("the largest peak memory, to the smallest", spread, float64(most)/float64(least), 0)
}

func (m *measurement) printGoals() {
	fmt.Fprintln(m.out, "\nGoals (ratios of median wall times; in brackets that of the processor seconds)")
	w := tabwriter.NewWriter(m.out, 0, 0, 2, ' ', 0)
	for _, g := range m.goals {
		figure := "-"
		if g.Verdict != notMeasured {
			figure = fmt.Sprintf("%.3g", g.Figure)
		}
		if g.CPU > 0 {
			figure += fmt.Sprintf(" (%.3g)", g.CPU)
		}
		fmt.Fprintf(w, "  %s\tat most %.3g\t%s\t%s\n", g.Text, g.Limit, figure, g.Verdict)
	}
	w.Flush()
}

// writeJSON writes all that was measured.
func (m *measurement) writeJSON() error {
	text, err := json.MarshalIndent(map[string]any{
		"sluice": m.version, "time": time.Now().UTC().Format(time.RFC3339), "rows": m.rows, "rounds": m.rounds, "workers": m.workers,
		"processors": runtime.NumCPU(), "go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH, "processor": processor(),
		"results": m.results, "goals": m.goals,
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(m.json, append(text, '\n'), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(m.out, "\nwritten to %s\n", m.json)
	return nil
}

// processor is its name where Linux says it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(text), "model name")
	name, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
}
