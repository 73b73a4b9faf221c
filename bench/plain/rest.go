package main

import (
	"strconv"
	"strings"
)

// used are the paths that the mapping reads; everything below them counts too.
var used = map[string]bool{
	"timestamp": true, "@timestamp": true, "id": true, "full_log": true, "location": true, "_index": true,
	"agent.id": true, "agent.name": true, "manager.name": true, "decoder.name": true, "input.type": true,
	"rule.id": true, "rule.level": true, "rule.description": true, "rule.firedtimes": true, "rule.groups": true,
	"rule.nist_800_53": true, "rule.mitre.id": true, "rule.mitre.technique": true, "rule.mitre.tactic": true,
}

// rest is what becomes of the leaves that no attribute takes.
type rest struct{ kept map[string]string }

func newRest() *rest { return &rest{kept: map[string]string{}} }

func (r *rest) collect(alert map[string]any) map[string]string {
	r.walk("", alert)
	if len(r.kept) == 0 {
		return nil
	}
	return r.kept
}

func (r *rest) walk(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, item := range v {
			if p := join(path, name); !used[p] {
				r.walk(p, item)
			}
		}
	case []any:
		for i, item := range v {
			r.walk(path+"."+strconv.Itoa(i), item)
		}
	default:
		if s := asText(v); s != "" {
			r.kept[path] = s
		}
	}
}

// join writes names that could be mistaken for a path in brackets and quotes.
func join(path, name string) string {
	if name == "" || strings.ContainsAny(name, ".[]\"\\ ") {
		return path + "[" + strconv.Quote(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}
