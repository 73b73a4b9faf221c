//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// group is a control group that holds a process to a share of a processor and,
// by version 2, to an amount of memory.
type group struct {
	dir    string
	memory bool // the memory is limited too
}

const groupRoot = "/sys/fs/cgroup"

// newGroup makes a group below the root of control groups, which needs the rights
// of root. It takes version 2 where its controllers are there. Where those of
// version 1 are mounted instead, only the group of the processor is made: a
// process would have to leave its own group of memory, which belongs to whoever
// runs it.
func newGroup(name string, processors float64, memory int) (*group, error) {
	const period = 100_000 // microseconds
	quota := strconv.Itoa(int(processors * period))
	controllers, err := os.ReadFile(filepath.Join(groupRoot, "cgroup.controllers"))
	if err == nil && strings.Contains(string(controllers), "cpu") && strings.Contains(string(controllers), "memory") {
		return secondVersion(name, quota+" "+strconv.Itoa(period), memory)
	}
	g := &group{dir: filepath.Join(groupRoot, "cpu", name)}
	if _, err := os.Stat(filepath.Join(groupRoot, "cpu", "cpu.cfs_quota_us")); err != nil {
		return nil, errors.Join(errors.New("there are neither control groups of version 2 nor the controller cpu of version 1 in "+groupRoot), err)
	}
	return g, g.make(map[string]string{"cpu.cfs_period_us": strconv.Itoa(period), "cpu.cfs_quota_us": quota})
}

func secondVersion(name, most string, memory int) (*group, error) {
	enable := filepath.Join(groupRoot, "cgroup.subtree_control")
	if err := os.WriteFile(enable, []byte("+cpu +memory"), 0o644); err != nil {
		return nil, err
	}
	g := &group{dir: filepath.Join(groupRoot, name), memory: true}
	return g, g.make(map[string]string{"cpu.max": most, "memory.max": strconv.Itoa(memory << 20)})
}

func (g *group) make(values map[string]string) error {
	if err := os.Mkdir(g.dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	for name, value := range values {
		if err := os.WriteFile(filepath.Join(g.dir, name), []byte(value), 0o644); err != nil {
			return errors.Join(err, g.remove())
		}
	}
	return nil
}

// add moves a process into the group.
func (g *group) add(pid int) error {
	return os.WriteFile(filepath.Join(g.dir, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o644)
}

// remove removes the group, whose processes have ended.
func (g *group) remove() error { return os.Remove(g.dir) }

func (g *group) String() string {
	if g.memory {
		return "processor and memory are limited by " + g.dir
	}
	return fmt.Sprintf("the processor is limited by %s; the memory is not: see the peak", g.dir)
}
