package syntax

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxMemoryMiB is all that WebAssembly addresses with 32 bits.
const maxMemoryMiB = 4096

// Module is a WebAssembly module that a mapping names, with its settings.
type Module struct {
	Pos Pos // of the file's name
	// File is the module's name, resolved against the folder of the mapping.
	File   string
	SHA256 string // hex, "" pins nothing
	Config any    // plain data, nil without one
	Limits Limits
	// Clock and Random grant the real ones; Fresh makes a new instance for each
	// call.
	Clock, Random, Fresh bool
}

// Limits of one guest. Zero stands for the host's default, a TimeoutMS below zero
// for no limit.
type Limits struct {
	MemoryMiB, TimeoutMS, ResultKiB int
}

// GuestFunction is a function from WebAssembly, called like any other.
type GuestFunction struct {
	Pos    Pos // of the name
	Name   string
	Export string
	Args   int // -1: any number
	// Skip makes a failed call a failed conversion; otherwise it rejects the alert.
	Skip   bool
	Module Module
}

// Transform changes whole alerts or events.
type Transform struct {
	Pos    Pos
	Event  bool // events, after the rules; otherwise alerts, before them
	Skip   bool // go on without it when the guest fails
	Module Module
}

var (
	moduleKeys    = []string{"wasm", "sha256", "config", "limits", "grant", "fresh"}
	functionKeys  = append([]string{"export", "args", "on_error"}, moduleKeys...)
	transformKeys = append([]string{"stage", "on_error"}, moduleKeys...)
	limitKeys     = []string{"memory_mib", "timeout_ms", "result_kib"}
)

func (p *parser) guestFunction(m *Mapping, f pair) {
	out := GuestFunction{Pos: p.pos(f.key), Name: f.key.Value, Export: f.key.Value, Args: -1}
	for _, kv := range p.pairs(f.value) {
		switch kv.key.Value {
		case "export":
			out.Export = p.text(kv).Value
		case "args":
			out.Args = p.count(kv)
		case "on_error":
			out.Skip = p.choice(kv, "reject", "skip")
		default:
			p.moduleKey(&out.Module, kv, functionKeys)
		}
	}
	p.needsModule(out.Pos, "function `"+out.Name+"`", &out.Module)
	m.Guests = append(m.Guests, out)
}

func (p *parser) transforms(m *Mapping, kv pair) {
	if kv.value.Kind != yaml.SequenceNode {
		p.faults.Add(p.pos(kv.value), "`transforms` is a list of steps, not %s", kindName(kv.value))
		return
	}
	for _, n := range kv.value.Content {
		if n = p.follow(n); n == nil {
			continue
		}
		if n.Kind != yaml.MappingNode {
			p.faults.Add(p.pos(n), "a transform holds `wasm`, `stage` and what it needs, not %s", kindName(n))
			continue
		}
		m.Transforms = append(m.Transforms, p.transform(n))
	}
}

func (p *parser) transform(n *yaml.Node) Transform {
	out := Transform{Pos: p.pos(n)}
	staged := false
	for _, kv := range p.pairs(n) {
		switch kv.key.Value {
		case "stage":
			staged = true
			out.Event = p.choice(kv, "alert", "event")
		case "on_error":
			out.Skip = p.choice(kv, "reject", "skip")
		default:
			p.moduleKey(&out.Module, kv, transformKeys)
		}
	}
	if !staged {
		p.faults.Add(out.Pos, "the transform lacks `stage`: alert (before the rules) or event (after them)")
	}
	p.needsModule(out.Pos, "the transform", &out.Module)
	return out
}

// choice reads one of two words and reports whether it is the second.
func (p *parser) choice(kv pair, first, second string) bool {
	t := p.text(kv)
	if t.Value != "" && t.Value != first && t.Value != second {
		p.faults.Add(t.Pos, "`%s` is %s or %s, not %q", kv.key.Value, first, second, t.Value)
	}
	return t.Value == second
}

func (p *parser) needsModule(at Pos, who string, m *Module) {
	if m.File == "" {
		p.faults.Add(at, "%s lacks `wasm`: name the module's file, beside the mapping", who)
	}
}

func (p *parser) moduleKey(m *Module, kv pair, known []string) {
	switch kv.key.Value {
	case "wasm":
		t := p.text(kv)
		m.Pos = t.Pos
		if t.Value != "" {
			m.File = beside(p.file, t.Value)
		}
	case "sha256":
		m.SHA256 = strings.ToLower(p.text(kv).Value)
		if m.SHA256 != "" && !isHex64(m.SHA256) {
			p.faults.Add(p.pos(kv.value), "`sha256` is 64 hex digits: copy them from sha256sum")
		}
	case "config":
		m.Config = p.data(kv.value, 0, configIsPlain)
	case "limits":
		p.limits(&m.Limits, kv)
	case "grant":
		p.grants(m, kv)
	case "fresh":
		m.Fresh = p.truth(kv)
	default:
		p.faults.Add(p.pos(kv.key), "unknown key `%s`%s", kv.key.Value, orList(kv.key.Value, known))
	}
}

func isHex64(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func (p *parser) limits(l *Limits, kv pair) {
	if !p.isObject(kv) {
		return
	}
	for _, limit := range p.pairs(kv.value) {
		switch limit.key.Value {
		case "memory_mib":
			if l.MemoryMiB = p.count(limit); l.MemoryMiB > maxMemoryMiB {
				p.faults.Add(p.pos(limit.value), "`memory_mib` is %d, a guest has at most %d", l.MemoryMiB, maxMemoryMiB)
				l.MemoryMiB = 0 // the module may have no other fault
			}
		case "timeout_ms":
			if l.TimeoutMS = p.count(limit); l.TimeoutMS == 0 {
				l.TimeoutMS = -1 // trusted: nothing stops it
			}
		case "result_kib":
			l.ResultKiB = p.count(limit)
		default:
			p.faults.Add(p.pos(limit.key), "unknown limit `%s`%s", limit.key.Value, orList(limit.key.Value, limitKeys))
		}
	}
}

// count reads a whole number that is not below zero.
func (p *parser) count(kv pair) int {
	t := p.text(kv)
	n, err := strconv.Atoi(t.Value)
	if t.Value != "" && (err != nil || n < 0) {
		p.faults.Add(t.Pos, "`%s` must be a whole number from 0 on, not %q", kv.key.Value, t.Value)
		return 0
	}
	return n
}

func (p *parser) grants(m *Module, kv pair) {
	nodes := []*yaml.Node{kv.value}
	if kv.value.Kind == yaml.SequenceNode {
		nodes = kv.value.Content
	}
	for _, n := range nodes {
		switch n.Value {
		case "clock":
			m.Clock = true
		case "random":
			m.Random = true
		default:
			p.faults.Add(p.pos(n), "`grant` is clock, random or a list of them, not %q", n.Value)
		}
	}
}
