//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/bench/alerts"
)

// The cases by name, as the goals refer to them.
const (
	sluiceShipped  = "sluice"
	sluiceBare     = "sluice without unmapped"
	sluiceDeep     = "sluice detection_finding"
	duckUnsorted   = "DuckDB"
	duckSorted     = "DuckDB ORDER BY time"
	duckUnmapped   = "DuckDB with unmapped"
	duckUnmappedBy = "DuckDB with unmapped ORDER BY time"
	duckShallow    = "DuckDB with shallow unmapped"
	floor          = "written by hand"
	plain          = "encoding/json into maps"
)

// sluiceCase runs sluice on an input, which may be a folder.
func (m *measurement) sluiceCase(name, input string, rows, workers int, more ...string) *result {
	out := m.made("sluice")
	args := append([]string{m.sluice, "run", "--quiet", "--workers", strconv.Itoa(workers), "-o", out}, more...)
	return &result{Name: name, Rows: rows, input: input, output: out, args: append(args, input)}
}

func (m *measurement) bareCase(input string, rows int) *result {
	return m.sluiceCase(sluiceBare, input, rows, m.workers, "-m", m.bare)
}

func (m *measurement) duckCase(name, input string, rows int, flags ...string) *result {
	out := m.made("duckdb.parquet")
	args := append([]string{m.program("duckdb"), "copy", "-threads", strconv.Itoa(m.workers), "-o", out}, flags...)
	return &result{Name: name, Rows: rows, input: input, output: out, args: append(args, input)}
}

func (m *measurement) floorCase(input string, rows int) *result {
	out := m.made("floor.parquet")
	return &result{Name: floor, Rows: rows, input: input, output: out,
		args: []string{m.program("floor"), "-workers", strconv.Itoa(m.workers), "-o", out, input}}
}

func (m *measurement) plainCase(input string, rows int) *result {
	out := m.made("plain")
	return &result{Name: plain, Rows: rows, input: input, output: out,
		args: []string{m.program("plain"), "-workers", strconv.Itoa(m.workers), "-o", out, input}}
}

// samplesPart is input A or L.
func (m *measurement) samplesPart(name string) error {
	input, err := m.input(name, m.rows)
	if err != nil {
		return err
	}
	return m.turns(name, m.rounds,
		m.bareCase(input, m.rows),
		m.duckCase(duckUnsorted, input, m.rows),
		m.floorCase(input, m.rows),
		m.sluiceCase(sluiceShipped, input, m.rows, m.workers),
		m.duckCase(duckSorted, input, m.rows, "-sort"),
		m.plainCase(input, m.rows))
}

// weekPart is input R, and, beside DuckDB and the floor, R0: the same without
// the odd alerts, which neither can read.
func (m *measurement) weekPart() error {
	odd, err := m.input("R", m.rows)
	if err != nil {
		return err
	}
	even, err := m.input("R0", m.rows)
	if err != nil {
		return err
	}
	if err := m.turns("R", m.rounds,
		m.sluiceCase(sluiceShipped, odd, m.rows, m.workers),
		m.sluiceCase(sluiceDeep, odd, m.rows, m.workers, "--class", "detection_finding"),
		m.sluiceCase(sluiceBare, odd, m.rows, m.workers, "-m", m.bare),
		m.plainCase(odd, m.rows)); err != nil {
		return err
	}
	return m.turns("R0", m.rounds,
		m.sluiceCase(sluiceShipped, even, m.rows, m.workers),
		m.duckCase(duckUnmapped, even, m.rows, "-unmapped"),
		m.bareCase(even, m.rows),
		m.duckCase(duckUnsorted, even, m.rows),
		m.duckCase(duckUnmappedBy, even, m.rows, "-unmapped", "-sort"),
		m.duckCase(duckShallow, even, m.rows, "-unmapped", "-depth", "1"),
		m.duckCase(duckSorted, even, m.rows, "-sort"),
		m.floorCase(even, m.rows))
}

// check makes sure that all programs make the same rows, of small inputs.
func (m *measurement) check() error {
	rows := min(m.rows, 5000)
	fmt.Fprintf(m.out, "\nThe same rows of %d alerts?\n", rows)
	for _, name := range []string{"A", "L", "R0"} {
		input, err := m.input(name, rows)
		if err != nil {
			return err
		}
		bare := m.bareCase(input, rows)
		for _, other := range []*result{
			m.duckCase(duckUnsorted, input, rows), m.duckCase(duckSorted, input, rows, "-sort"), m.floorCase(input, rows),
		} {
			if err := m.same(name, bare, other); err != nil {
				return err
			}
		}
		if err := m.same(name, m.sluiceCase(sluiceShipped, input, rows, m.workers), m.plainCase(input, rows)); err != nil {
			return err
		}
	}
	few := min(rows, 1000)
	input, err := m.input("R0", few)
	if err != nil {
		return err
	}
	return m.same("R0", m.sluiceCase(sluiceShipped, input, few, m.workers), m.duckCase(duckUnmapped, input, few, "-unmapped", "-depth", "9"))
}

// same runs both and compares their outputs by DuckDB.
func (m *measurement) same(input string, a, b *result) error {
	for _, r := range []*result{a, b} {
		if _, err := r.once(); err != nil {
			return err
		}
	}
	text, err := exec.Command(m.program("duckdb"), "-against", b.output, a.output).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %s and %s: %w\n%s", input, a.Name, b.Name, err, text)
	}
	fmt.Fprintf(m.out, "%-2s  %s, %s: %s", input, a.Name, b.Name, text)
	return nil
}

// filesPart is input L in one file, and in files of 100 alerts.
func (m *measurement) filesPart() error {
	one, err := m.input("L", m.rows)
	if err != nil {
		return err
	}
	dir := m.made("files")
	if err := alerts.WriteFiles(dir, 100, m.alerts("L", m.rows)); err != nil {
		return err
	}
	aside := m.made("earlier")
	if err := os.MkdirAll(aside, 0o755); err != nil {
		return err
	}
	cases := []*result{
		m.sluiceCase("one file", one, m.rows, m.workers),
		m.sluiceCase("files of 100 alerts", dir, m.rows, m.workers),
		m.sluiceCase("files of 100 alerts, --merge", dir, m.rows, m.workers, "--merge"),
	}
	for _, c := range cases {
		c.aside = aside // where ext4 has removed ten thousand files it takes minutes to make some as fast again
	}
	return m.turns("files", m.rounds, cases...)
}

// memoryPart is the peak memory by the size of the input and the workers.
func (m *measurement) memoryPart() error {
	if m.memoryRows == "" {
		m.memoryRows = fmt.Sprintf("%d,%d", m.rows, 10*m.rows)
	}
	for text := range strings.SplitSeq(m.memoryRows, ",") {
		rows, err := strconv.Atoi(text)
		if err != nil || rows < 1 {
			return fmt.Errorf("-memory-rows %q: give numbers joined by commas", m.memoryRows)
		}
		input, err := m.input("L", rows)
		if err != nil {
			return err
		}
		var cases []*result
		for _, workers := range []int{2, 8} {
			cases = append(cases, m.sluiceCase(fmt.Sprintf("%d alerts, %d workers", rows, workers), input, rows, workers))
		}
		if err := m.turns("memory", min(m.rounds, 3), cases...); err != nil {
			return err
		}
		if err := os.Remove(input); err != nil {
			return err
		}
	}
	return nil
}

// startPart is how long a run over an empty file takes.
func (m *measurement) startPart() error {
	input := m.made("empty.ndjson")
	if err := os.WriteFile(input, nil, 0o644); err != nil {
		return err
	}
	return m.turns("start", 4*m.rounds, m.sluiceCase("empty file", input, 0, m.workers))
}
