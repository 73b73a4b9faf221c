package wasm

import (
	"fmt"
	"time"

	"github.com/sluice-lake/sluice/engine/alert"
)

// The defaults of a Config: a zero field means one of these.
const (
	DefaultMemoryPages  = 1024 // 64 MiB
	DefaultTimeout      = time.Second
	DefaultStartTimeout = 10 * time.Second
	DefaultCompileTime  = time.Minute
	DefaultResultBytes  = 1 << 20
)

// PageBytes is the size of a page of WebAssembly memory.
const PageBytes = 64 << 10

const maxPages = 65536 // all that 32 bits address

// Config is what a mapping calls in a module, and the limits of the module. The
// zero value of a limit is its default.
type Config struct {
	// Functions names the exports that Call may call.
	Functions []string
	// Alert and Event say that the module serves these stages.
	Alert, Event bool

	// Settings is the mapping's config, given to each new instance.
	Settings alert.Value
	// SHA256 pins the module's bytes, as 64 hex digits; empty pins nothing.
	SHA256 string

	// MemoryPages bounds the memory of one instance, in pages of 64 KiB.
	MemoryPages uint32
	// Timeout bounds the wall time of one call: a guest that runs longer is
	// stopped when package interrupt next looks. A call that ends before that has
	// its result, so a busy machine does not fail short calls. Below zero there is
	// no limit: such a guest is trusted. It cannot be stopped, and while it runs no
	// memory of the process is collected.
	Timeout time.Duration
	// StartTimeout bounds making an instance: its start and its configure.
	// Without a Timeout it bounds nothing.
	StartTimeout time.Duration
	// CompileTime bounds compiling the module, in wall time, on a machine that has
	// no cache folder or none with this module. It holds without a Timeout too.
	CompileTime time.Duration
	// ResultBytes bounds the result of one call.
	ResultBytes int

	// Fresh makes a new instance for each call, so that nothing can pass from
	// one alert to the next. It costs an instantiation a call.
	Fresh bool
	// Clock and Random grant the real ones. Results may then differ from run to
	// run.
	Clock, Random bool

	// Log gets what guests log, without control characters and cut to LogBytes, at
	// most LogTexts texts a call. The goroutine of each guest calls it, so several
	// may at once. Nil drops the texts.
	Log func(level Level, text string)
}

// Level is the level of a text that a guest logs.
type Level uint8

// The levels of the ABI.
const (
	Debug Level = iota
	Info
	Warning
	Error
)

func (c Config) withDefaults() Config {
	if c.MemoryPages == 0 {
		c.MemoryPages = DefaultMemoryPages
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.StartTimeout <= 0 {
		c.StartTimeout = max(DefaultStartTimeout, c.Timeout)
	}
	if c.CompileTime <= 0 {
		c.CompileTime = DefaultCompileTime
	}
	if c.ResultBytes == 0 {
		c.ResultBytes = DefaultResultBytes
	}
	return c
}

// timed reports whether calls of such a module can be stopped.
func (c *Config) timed() bool { return c.Timeout > 0 }

// faults returns the settings that no module could satisfy.
func (c *Config) faults() []string {
	var all []string
	if c.MemoryPages > maxPages {
		all = append(all, fmt.Sprintf("the limit of %d memory pages is more than the %d that exist: ask for less", c.MemoryPages, maxPages))
	}
	if c.ResultBytes < 0 {
		all = append(all, fmt.Sprintf("the limit of %d result bytes is below zero: set it above, or leave it out", c.ResultBytes))
	}
	if c.SHA256 != "" && !isDigest(c.SHA256) {
		all = append(all, fmt.Sprintf("the sha256 %s is not 64 hex digits: copy it from sha256sum", quote(c.SHA256)))
	}
	if len(c.Functions) == 0 && !c.Alert && !c.Event {
		all = append(all, "the config names nothing to call: name a function or a stage")
	}
	return all
}

func isDigest(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return len(s) == 64
}
