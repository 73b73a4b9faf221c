// Package studio is a page on this machine in which a person changes a mapping and sees at
// once what becomes of alerts.
//
//	the page ──edits──► Bench.Open ──► engine ──► each alert: outcome, difference, leaves ──► the page
//
// The package serves the page, keeps strangers out (guard.go) and holds the alerts. What it
// says of a mapping or an alert is what the commands say: a Bench has their funcs, and the
// sums are those of the packages profile and compare. It writes nothing but the files that a
// person saves (save.go), and logs nothing.
package studio

import (
	"context"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/source"
)

// Bench is what the page works with. Its funcs may be called from several goroutines.
type Bench struct {
	Mappings []string // as they were named
	Alerts   []Alert
	LeftOut  string // why there are not all alerts, "" if there are
	Hint     string // what to do to keep a change, "" where files can be saved

	// Files are those of the mappings when the studio begins, for Stamp.
	Files []File

	// Open compiles the mappings with edits in place of what files hold, by their names.
	Open func(ctx context.Context, edits map[string][]byte) *Version
	// Stamp changes when a file of the mappings does.
	Stamp func(files []File) string
	// Read reads a file of the mappings as it lies on the disk now.
	Read func(name string) (File, error)
	// Write replaces the text of a file, in one step, or makes one that is missing.
	Write func(name, text string) error
	// Explain says of an alert what `sluice explain --format json` says.
	Explain func(*engine.Engine, source.Line) any
	// Test runs the tests of the mappings with edits, as `sluice test` does.
	Test func(ctx context.Context, edits map[string][]byte) Tested
	// Columns compares the tables of two versions, as `sluice diff` does.
	Columns func(old, new *engine.Engine) []compare.Column
}

// Alert is one alert that was read: one line, whose texts are its own.
type Alert struct {
	source.Line
	Title string // for people
}

// Version is the mappings as they are with some edits. It is immutable.
type Version struct {
	Files  []File
	Engine *engine.Engine // nil if they have faults
	Check  any            // what `sluice check --format json` says, nil if there is an Err
	Err    error          // why they could not be read
}

// File is one file of the mappings.
type File struct {
	Name string
	Kind string // mapping, included, table or tests
	Text string
	// Fixed says why the file cannot be edited, "" if it can.
	Fixed string
	// Shipped is set for a part of the program: edits of it cannot be saved.
	Shipped bool
	// Missing is set for a file that a mapping names and that is not there: a save makes it.
	Missing bool
}

// Tested is what tests came to: one of the three.
type Tested struct {
	Report any     `json:"report,omitempty"` // what `sluice test --format json` says
	Faults []Fault `json:"faults,omitempty"` // of tests and mappings: nothing was tested
	Error  string  `json:"error,omitempty"`  // why there are no tests
}

// Fault is what is wrong at a place, as file:line:column.
type Fault struct {
	Where   string `json:"where"`
	Message string `json:"message"`
}

// Studio serves one Bench.
type Studio struct {
	bench Bench
	token string
	busy  chan struct{} // a place for each piece of work that may go on at a time

	saving sync.Mutex // a save looks at a file before it writes it

	mu    sync.Mutex
	files []File   // of disk, those of the Bench before the first trial
	disk  *Version // the mappings without edits, nil before the first trial
	stamp string   // of files when disk was read
	last  *trial   // the last that compiled, nil before
	edits map[string]Edit
	count int
}

// trial is a Version that compiled, with the one on the disk at that time. It is immutable.
type trial struct {
	number    int
	now, disk *Version
	edits     map[string][]byte // of now
}

// New makes a Studio. Only requests with the token are answered.
func New(b Bench, token string) *Studio {
	const atOnce = 2
	return &Studio{bench: b, token: token, files: b.Files, busy: make(chan struct{}, atOnce)}
}

// workTime bounds the work for one request.
const workTime = time.Minute

// begin waits for a place to work, and returns a func that gives it back.
func (s *Studio) begin(ctx context.Context) (end func(), err error) {
	select {
	case s.busy <- struct{}{}:
		return func() { <-s.busy }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
