package syntax

import (
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"
)

// Setting is a value of a mapping that whoever runs it may replace.
type Setting struct {
	Pos     Pos // of the name
	Name    string
	Default Scalar // not Null
	At      Pos    // of the default
}

// settingName is what names of settings look like. They are lower case, so that
// each has one variable of the environment.
var settingName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// settings reads the settings of a mapping or of a file that it includes.
func (p *parser) settings(m *Mapping, kv pair) {
	if !p.isObject(kv) {
		m.notRead("")
		return
	}
	for _, s := range p.pairs(kv.value) {
		name := s.key.Value
		if !settingName.MatchString(name) {
			p.faults.Add(p.pos(s.key), "`%s` cannot be the name of a setting: use lower-case letters, digits and _, a letter first", name)
			m.notRead(name)
			continue
		}
		if at, ok := p.including.settings[name]; ok && !p.replaces(at) {
			p.faults.Add(p.pos(s.key), "setting `%s` is already defined at %s: rename one of them", name, at)
			continue
		} else if ok {
			m.Settings = slices.DeleteFunc(m.Settings, func(have Setting) bool { return have.Name == name })
		}
		p.including.settings[name] = p.pos(s.key)
		if !p.isSetting(s) {
			m.notRead(name)
			continue
		}
		m.Settings = append(m.Settings, Setting{p.pos(s.key), name, scalar(s.value), p.pos(s.value)})
	}
}

// isSetting reports whether a value can be the default of a setting, and adds a
// fault if it cannot.
func (p *parser) isSetting(s pair) bool {
	at := p.pos(s.value)
	switch {
	case s.value.Kind != yaml.ScalarNode:
		p.faults.Add(at, "setting `%s` must be a single value, not %s; lookup data belongs in `tables`", s.key.Value, kindName(s.value))
	case isExpression(s.value):
		p.faults.Add(at, "setting `%s` must be a constant, not an expression, which belongs in `let`", s.key.Value)
	case s.value.Tag == "!!null":
		p.faults.Add(p.pos(s.key), "setting `%s` has no default: write one, or `\"\"` for a text that is empty unless it is set", s.key.Value)
	default:
		return true
	}
	return false
}
