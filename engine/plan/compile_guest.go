package plan

import (
	"fmt"
	"slices"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// GuestUse is what a mapping uses of a module.
type GuestUse struct {
	Module       syntax.Module
	Functions    []string // exports that expressions call
	Alert, Event bool     // stages that it serves
}

// Guest is a loaded module as plain funcs: the engine knows nothing of
// WebAssembly. Open makes an instance for one goroutine.
type Guest struct {
	Open func() (Instance, error)
}

// Instance is one guest of one goroutine. Its errors are sentences for people
// that hold nothing of the alert but what the guest itself says.
type Instance struct {
	// Func gives a function of the guest.
	Func func(export string) (func(args []alert.Value) (alert.Value, error), error)
	// Alert and Event run a stage: JSON in, JSON out. The result is the
	// caller's.
	Alert, Event func(in []byte) (out []byte, dropped bool, err error)
	// Renew discards what the guest remembers.
	Renew func()
	Close func()
}

// guestSet is the guests of a plan. Rules that name the same module with the
// same settings share one.
type guestSet struct {
	uses   []GuestUse
	loaded []*Guest
	calls  []guestCall
	stages []stage
}

// guestCall is one function from WebAssembly: number i of Machine.Guests.
type guestCall struct {
	name   string // as expressions call it
	guest  int
	export string
	skip   bool
}

// stage is one transform.
type stage struct {
	guest int
	event bool
	skip  bool
	pos   syntax.Pos
}

// ChangesAlerts reports a mapping whose transforms may change an alert before
// its rules read it.
func (p *Plan) ChangesAlerts() bool {
	return slices.ContainsFunc(p.guestSet.stages, func(s stage) bool { return !s.event })
}

// guests collects what the mapping uses and loads it.
func (c *compiler) guests() {
	s := &c.guestSet
	at := map[string]int{}
	use := func(m syntax.Module) int {
		key := m
		key.Pos = syntax.Pos{}
		name := fmt.Sprintf("%+v", key) // maps print in the order of their keys
		i, ok := at[name]
		if !ok {
			i = len(s.uses)
			at[name] = i
			s.uses = append(s.uses, GuestUse{Module: m})
		}
		return i
	}
	for _, f := range c.m.Guests {
		c.guestFunction(f, use(f.Module))
	}
	for _, t := range c.m.Transforms {
		i := use(t.Module)
		s.uses[i].Alert, s.uses[i].Event = s.uses[i].Alert || !t.Event, s.uses[i].Event || t.Event
		s.stages = append(s.stages, stage{guest: i, event: t.Event, skip: t.Skip, pos: t.Pos})
	}
	for _, u := range s.uses {
		c.load(u)
	}
}

// guestFunction makes a function known to expressions.
func (c *compiler) guestFunction(f syntax.GuestFunction, guest int) {
	if !c.functionName(f.Name, f.Pos) {
		return
	}
	s, i := &c.guestSet, len(c.guestSet.calls)
	s.uses[guest].Functions = appendNew(s.uses[guest].Functions, f.Export)
	s.calls = append(s.calls, guestCall{f.Name, guest, f.Export, f.Skip})
	c.addFunction(f.Name, expression.Function{Args: f.Args, Index: i})
}

func (c *compiler) load(u GuestUse) {
	switch {
	case u.Module.File == "": // the parser has said so
		return
	case c.options.Load == nil:
		c.faults.Add(u.Module.Pos, "WebAssembly is not available here")
		return
	}
	g, err := c.options.Load(u)
	if err != nil {
		c.faults.Add(u.Module.Pos, "%v", err)
		return
	}
	c.guestSet.loaded = append(c.guestSet.loaded, g)
}
