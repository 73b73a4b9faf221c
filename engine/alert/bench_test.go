package alert

import (
	"encoding/json"
	"strings"
	"testing"
)

// usual are the paths that a mapping of findings reads.
func usual() []Want {
	var wants []Want
	for _, p := range []string{
		"rule.level", "rule.id", "rule.description", "rule.groups", "rule.mitre.id", "rule.mitre.technique", "rule.mitre.tactic", "rule.firedtimes",
		"agent.id", "agent.name", "id", "timestamp", "@timestamp", "full_log", "decoder.name", "location", "manager.name", "input.type", "_index",
	} {
		var path Path
		for _, name := range strings.Split(p, ".") {
			path = append(path, Step{Name: name})
		}
		wants = append(wants, Want{Path: path, Used: true})
	}
	return wants
}

// The baseline decodes the same lines into maps with encoding/json, so that one
// run gives the ratio.
func BenchmarkScan(b *testing.B) {
	bytes := 0
	for _, line := range samples {
		bytes += len(line)
	}
	scan := func(rest bool) func(*testing.B) {
		return func(b *testing.B) {
			sc := NewSpec(usual(), rest, Limits{}).NewScanner()
			b.SetBytes(int64(bytes / len(samples)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := sc.Scan(samples[i%len(samples)]); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("rest", scan(true))
	b.Run("no-rest", scan(false))
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(bytes / len(samples)))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			var m map[string]any
			if err := json.Unmarshal([]byte(samples[i%len(samples)]), &m); err != nil {
				b.Fatal(err)
			}
		}
	})
}
