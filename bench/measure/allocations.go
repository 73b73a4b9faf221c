//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// allocationsPart counts the allocations of one alert, warm, by the engine's own
// benchmarks.
func (m *measurement) allocationsPart() error {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "Apply|Allocations", "-benchmem", "-benchtime", "20000x", "./engine")
	cmd.Dir = ".."
	text, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	for _, found := range benchLine.FindAllSubmatch(text, -1) {
		n, err := strconv.ParseFloat(string(found[2]), 64)
		if err != nil {
			return err
		}
		m.allocations = append(m.allocations, allocations{string(found[1]), n})
	}
	if len(m.allocations) == 0 {
		return fmt.Errorf("no benchmark was run\n%s", bytes.TrimSpace(text))
	}
	return nil
}

var benchLine = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s.*\s(\d+) allocs/op`)

// allocations is those of one benchmark, for each alert.
type allocations struct {
	name string
	n    float64
}

func (m *measurement) allocationGoals() {
	if len(m.allocations) == 0 {
		m.unknown("allocations of an alert, warm", 0)
	}
	for _, a := range m.allocations {
		m.judged("allocations of an alert, warm: "+a.name, 0, a.n, 0)
	}
}
