//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// result is one program on one input, and the runs of it so far.
type result struct {
	Part    string   `json:"part"`
	Name    string   `json:"name"`
	Rows    int      `json:"rows"`
	Samples []sample `json:"runs"`
	// Of all runs: the least and the median of wall seconds, the median of
	// processor seconds, rows by the median, the largest peak, the last output.
	Min       float64 `json:"min_seconds"`
	Median    float64 `json:"median_seconds"`
	CPU       float64 `json:"cpu_seconds"`
	PerSecond float64 `json:"rows_per_second"`
	Peak      int64   `json:"peak_bytes"`
	Bytes     int64   `json:"output_bytes"`

	input  string
	output string // removed before each run
	aside  string // a folder that it is moved into instead, "" for none
	args   []string
}

// sample is one run.
type sample struct {
	Wall  float64 `json:"seconds"`
	CPU   float64 `json:"cpu_seconds"`
	Peak  int64   `json:"peak_bytes"` // resident memory
	Bytes int64   `json:"output_bytes"`
}

// once runs the program.
func (r *result) once() (sample, error) {
	if err := r.clear(); err != nil {
		return sample{}, err
	}
	cmd := exec.Command(r.args[0], r.args[1:]...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s", strings.Join(r.args, " "), err, text.Bytes())
	}
	one := sample{Wall: wall.Seconds(), CPU: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
	if one.Peak, err = peak(cmd); err != nil {
		return sample{}, err
	}
	one.Bytes, err = parquetBytes(r.output)
	return one, err
}

// clear makes way for the next output.
func (r *result) clear() error {
	if r.aside == "" {
		return os.RemoveAll(r.output)
	}
	dir, err := os.MkdirTemp(r.aside, "")
	if err == nil {
		err = os.Rename(r.output, filepath.Join(dir, "output"))
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// add counts a run.
func (r *result) add(one sample) {
	r.Samples = append(r.Samples, one)
	walls, cpus := make([]float64, len(r.Samples)), make([]float64, len(r.Samples))
	for i, s := range r.Samples {
		walls[i], cpus[i] = s.Wall, s.CPU
		r.Peak = max(r.Peak, s.Peak)
	}
	r.Min, r.Median, r.CPU = slices.Min(walls), median(walls), median(cpus)
	r.PerSecond, r.Bytes = float64(r.Rows)/r.Median, one.Bytes
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// peak is the most resident memory that a program had that ended. Linux counts
// that of this program when it started the other, which is small.
func peak(cmd *exec.Cmd) (int64, error) {
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, fmt.Errorf("this system does not say how much memory %s had", cmd.Path)
	}
	return usage.Maxrss << 10, nil
}

// parquetBytes sums the sizes of the objects of an output, a file or a folder. A
// run over nothing makes no folder.
func parquetBytes(output string) (int64, error) {
	if _, err := os.Stat(output); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	sum := int64(0)
	err := filepath.WalkDir(output, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".parquet") {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}
