//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/bench/alerts"
	"github.com/sluice-lake/sluice/bench/shipped"
)

// measurement is one call: what was measured so far, and what it says of the goals.
type measurement struct {
	settings
	out     io.Writer
	bare    string // the shipped mapping without unmapped
	version string // what sluice says of itself
	results []*result
	goals   []goal

	allocations []allocations

	temporary []string
}

// newMeasurement builds the programs, and makes the mapping without unmapped.
func newMeasurement(s settings, out io.Writer) (*measurement, error) {
	for _, dir := range []string{s.work, s.bin} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(s.sluice); err != nil {
		return nil, fmt.Errorf("%w: run `make build` first", err)
	}
	m := &measurement{settings: s, out: out, bare: filepath.Join(s.work, "security_finding.yaml")}
	text, err := shipped.WithoutUnmapped("..")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(m.bare, text, 0o644); err != nil {
		return nil, err
	}
	if err := s.build(); err != nil {
		return nil, err
	}
	version, err := exec.Command(s.sluice, "version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s version: %w", s.sluice, err)
	}
	m.version, _, _ = strings.Cut(string(version), "\n")
	fmt.Fprintf(out, "%s; %d alerts, %d rounds, %d workers, %s\n", m.version, s.rows, s.rounds, s.workers, time.Now().UTC().Format(time.RFC3339))
	return m, nil
}

// build builds the programs that sluice is compared with, and the function.
func (s settings) build() error {
	bin, err := filepath.Abs(s.bin)
	if err != nil {
		return err
	}
	for _, b := range []struct {
		dir, cgo string
		args     []string
	}{
		{".", "0", []string{"build", "-o", bin + "/", "./floor", "./plain"}},
		{"duckdb", "1", []string{"build", "-o", filepath.Join(bin, "duckdb"), "."}},
		{"..", "0", []string{"build", "-tags", "lambda.norpc", "-o", filepath.Join(bin, "bootstrap"), "./lambda/bootstrap"}},
	} {
		cmd := exec.Command("go", b.args...)
		cmd.Dir, cmd.Env = b.dir, append(os.Environ(), "CGO_ENABLED="+b.cgo)
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go %s in %s: %w\n%s", strings.Join(b.args, " "), b.dir, err, text)
		}
	}
	return nil
}

func (m *measurement) program(name string) string { return "./" + filepath.Join(m.bin, name) }

// made is a path in the work folder that clean removes.
func (m *measurement) made(name string) string {
	path := filepath.Join(m.work, name)
	m.temporary = append(m.temporary, path)
	return path
}

// clean removes the inputs and outputs of a part, which may be large.
func (m *measurement) clean() error {
	for _, path := range m.temporary {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	m.temporary = nil
	return nil
}

// input makes an input file: A, L, R, or R0, which is R without odd alerts.
func (m *measurement) input(name string, rows int) (string, error) {
	path := m.made(fmt.Sprintf("%s-%d.ndjson", name, rows))
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := alerts.Write(f, m.alerts(name, rows)); err != nil {
		f.Close()
		return "", err
	}
	return path, f.Close()
}

func (m *measurement) alerts(name string, rows int) alerts.Settings {
	s := alerts.Settings{
		Input: name[:1], Lines: rows, Start: time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), Days: 2, Seed: 1,
		Samples: m.samples, Longest: 16 << 10,
	}
	switch name {
	case "R":
		s.Days, s.Odd = 7, 0.005
	case "R0":
		s.Days = 7
	}
	return s
}

// turns runs the cases round by round, each round beginning with another one,
// and prints the results.
func (m *measurement) turns(title string, rounds int, cases ...*result) error {
	for _, c := range cases {
		if err := warm(c.input); err != nil {
			return err
		}
	}
	// Whoever flushes a file system waits for all that was written to it, the inputs too.
	if err := exec.Command("sync").Run(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	for round := range rounds {
		for i := range cases {
			c := cases[(round+i)%len(cases)]
			one, err := c.once()
			if err != nil {
				return fmt.Errorf("%s, %s: %w", title, c.Name, err)
			}
			c.add(one)
		}
	}
	for _, c := range cases {
		c.Part = title
		if err := os.RemoveAll(c.output); err != nil {
			return err
		}
	}
	m.results = append(m.results, cases...)
	m.print(title, cases)
	return nil
}

// warm reads an input once, so that all programs find it in memory.
func warm(path string) error {
	return filepath.WalkDir(path, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	})
}

// find is the result of a case that was measured; nil if it was not.
func (m *measurement) find(part, name string) *result {
	i := slices.IndexFunc(m.results, func(r *result) bool { return r.Part == part && r.Name == name })
	if i < 0 {
		return nil
	}
	return m.results[i]
}

func (m *measurement) print(title string, cases []*result) {
	fmt.Fprintf(m.out, "\n%s\n%-34s %8s %8s %8s %11s %9s %13s\n", title, "", "min s", "median s", "CPU s", "alerts/s", "peak MiB", "bytes written")
	for _, c := range cases {
		fmt.Fprintf(m.out, "%-34s %8.3f %8.3f %8.2f %11.0f %9.0f %13d\n",
			c.Name, c.Min, c.Median, c.CPU, c.PerSecond, float64(c.Peak)/(1<<20), c.Bytes)
	}
}
