package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// guestLevels are the levels of what guests log, the gravest last.
var guestLevels = []string{"debug", "info", "warning", "error"}

// firstLogged is how many texts of a module the summary shows.
const firstLogged = 3

// guestLogs collects what guests log in a run, within bounds. Several goroutines
// may use it.
type guestLogs struct {
	mu      sync.Mutex
	modules map[string]*guestLog
}

// guestLog is what one module logged.
type guestLog struct {
	Levels map[string]int64 `json:"levels"` // how many texts of each level
	First  []string         `json:"first"`  // the first of the gravest level
	level  int              `json:"-"`      // of First
}

func (l *guestLogs) add(module, level, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.modules == nil {
		l.modules = map[string]*guestLog{}
	}
	m := l.modules[module]
	if m == nil {
		m = &guestLog{Levels: map[string]int64{}}
		l.modules[module] = m
	}
	m.Levels[level]++
	if grave := slices.Index(guestLevels, level); grave > m.level {
		m.First, m.level = m.First[:0], grave
	} else if grave < m.level || len(m.First) == firstLogged {
		return
	}
	m.First = append(m.First, text)
}

// take returns what was collected and starts again with nothing.
func (l *guestLogs) take() map[string]*guestLog {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.modules
	l.modules = nil
	return all
}

// guestsLogged shows people what guests logged in the run.
func (a *app) guestsLogged() {
	all := a.logged.take()
	for _, module := range slices.Sorted(maps.Keys(all)) {
		m := all[module]
		var counts []string
		for _, level := range slices.Backward(guestLevels) {
			if n := m.Levels[level]; n > 0 {
				counts = append(counts, fmt.Sprintf("%d %s", n, level))
			}
		}
		printf(a.Err, "%s logged %s, such as\n", module, strings.Join(counts, ", "))
		for _, text := range m.First {
			printf(a.Err, "    %s: %s\n", guestLevels[m.level], text)
		}
	}
}
