package wasm

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// state is what the host knows of one instance while guest code runs. It is the
// context of all calls into that instance, so that imports find it without an
// allocation for each call.
type state struct {
	config  *Config
	stopped atomic.Int32                      // why the guest must stop
	global  atomic.Pointer[api.MutableGlobal] // see interrupt.Global; nil until the instance exists
	fired   chan struct{}                     // one token each time that the timer has done its work

	refused bool
	exited  bool
	reason  string // of the refusal
	code    uint32 // of the exit

	work   int       // bytes that host functions worked on since they last looked at stopped
	said   int       // texts logged in this call
	lines  [3][]byte // begun on the standard streams
	words  string    // first line on standard error in this call
	random uint64    // state of the fixed random bytes
	slept  int64     // nanoseconds that the guest believes to have slept
}

const (
	runsOut int32 = iota + 1
	cancelled
)

type stateKey struct{}

// What unwinds a guest from inside a host function. The state holds the rest.
var (
	errRefused = errors.New("refused")
	errExited  = errors.New("exited")
	errStopped = errors.New("stopped")
)

func newState(config *Config) *state {
	s := &state{config: config, fired: make(chan struct{}, 1)}
	s.begin()
	return s
}

// begin forgets the call before.
func (s *state) begin() {
	s.work = 0
	s.said = 0
	s.words = ""
	s.random = 0x9e3779b97f4a7c15
}

// stop ends a running guest that can be interrupted. Any goroutine may call it.
func (s *state) stop(why int32) {
	if s.stopped.CompareAndSwap(0, why) {
		s.interrupt()
	}
}

// interrupt sets the global of the instance if there is a reason and a global.
// It is called when either arrives, so that their order does not matter.
func (s *state) interrupt() {
	if global := s.global.Load(); global != nil && s.stopped.Load() != 0 {
		(*global).Set(1)
	}
}

// workPerLook is how many bytes host functions work on, a millisecond or two,
// before they look whether to stop. A call that asks for less is never stopped in
// one, so that a busy machine does not fail short calls.
const workPerLook = 1 << 20

// spend counts work of a host function before it is done, and ends the call if
// it is time to.
func (s *state) spend(bytes int) {
	if s.work += bytes; s.work < workPerLook {
		return
	}
	s.work = 0
	if s.stopped.Load() != 0 {
		panic(errStopped) // wazero unwinds the guest; instance.fault gives the reason
	}
}

// watch keeps the global of an instance that has not run yet.
func (s *state) watch(global api.MutableGlobal) {
	s.global.Store(&global)
	s.interrupt()
}

// runOut is what the timer does.
func (s *state) runOut() {
	s.stop(runsOut)
	s.fired <- struct{}{}
}

// spare lets an instance go on whose call ended by itself though its time was over:
// the machine was busy, not the guest.
func (s *state) spare() {
	if s.stopped.Load() != runsOut {
		return
	}
	if global := s.global.Load(); global != nil {
		(*global).Set(0)
	}
	s.stopped.Store(0) // nobody else changes it from runsOut
}

func (s *state) cancel() { s.stop(cancelled) }

// Deadline, Done and Err are empty: what stops a guest is its global.
func (s *state) Deadline() (time.Time, bool) { return time.Time{}, false }
func (s *state) Done() <-chan struct{}       { return nil }
func (s *state) Err() error                  { return nil }

// Value gives imports their state.
func (s *state) Value(key any) any {
	if _, ok := key.(stateKey); ok {
		return s
	}
	return nil
}

// failure explains the error of a call.
func (s *state) failure(err error) (Kind, string) {
	switch {
	case s.refused && s.reason == "":
		return Refusal, "without a reason"
	case s.refused:
		return Refusal, s.reason
	case s.exited:
		return Trap, s.explained(fmt.Sprintf("it ended itself with exit code %d", s.code))
	}
	return Trap, s.explained(trapText(err))
}

// explained adds the first line that the guest wrote on standard error, which
// is where language runtimes say why they break off.
func (s *state) explained(what string) string {
	s.flush()
	if s.words == "" {
		return what
	}
	return what + ": " + s.words
}

// trapText puts wazero's error into words; its stack trace stays behind.
func trapText(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	for trap, words := range map[string]string{
		"unreachable":                 "it ran into an unreachable instruction, as a panic or a failed check does",
		"out of bounds memory access": "it reached outside its memory",
		"stack overflow":              "its calls were nested too deep, as an endless recursion does",
		"integer divide by zero":      "it divided by zero",
	} {
		if strings.Contains(text, trap) {
			return words
		}
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "wasm error: "), " (recovered by wazero)")
	return clean([]byte(text), ReasonBytes)
}

const LogTexts = 16

// log passes on what the guest logs, within the limits of Config.Log.
func (s *state) log(level Level, text []byte) {
	if s.config.Log == nil || s.said >= LogTexts {
		return
	}
	if said := clean(text, LogBytes); said != "" {
		s.said++
		s.config.Log(level, said)
	}
}

// write collects bytes for standard output (1) or error (2) into lines.
func (s *state) write(fd uint32, b []byte) {
	for _, c := range b {
		switch {
		case c == '\n':
			s.line(fd)
		case len(s.lines[fd]) < LogBytes+1: // one more shows that it was cut
			s.lines[fd] = append(s.lines[fd], c)
		}
	}
}

func (s *state) line(fd uint32) {
	text := s.lines[fd]
	s.lines[fd] = text[:0]
	level := Info
	if fd == 2 {
		level = Warning
		if s.words == "" {
			s.words = clean(text, ReasonBytes-100)
		}
	}
	s.log(level, text)
}

// flush ends the lines begun.
func (s *state) flush() {
	for fd := range s.lines {
		if len(s.lines[fd]) > 0 {
			s.line(uint32(fd))
		}
	}
}
