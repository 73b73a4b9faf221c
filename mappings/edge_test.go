package mappings_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// facts are attributes of an event by dotted path, list positions as numbers;
// nil is absence. The path of an entry of unmapped is what follows `unmapped.`.
type facts map[string]any

// edge alerts are those that break naive programs. Each says what must come of it,
// so that the oracle is held to account too.
var edges = []struct {
	name, line string
	want       facts
}{
	{"rule.id is a number", `{"timestamp":T,"rule":{"id":5710,"level":5}}`,
		facts{"analytic.uid": "5710", "finding.title": "Wazuh rule 5710", "message": nil}},
	{"rule.id is a number in its way", `{"timestamp":T,"rule":{"id":5.71e3,"level":5}}`, facts{"analytic.uid": "5.71e3"}},
	{"rule.level is text", `{"timestamp":T,"rule":{"id":"1","level":"11"}}`,
		facts{"severity_id": int64(4), "severity": "High", "risk_score": int64(11)}},
	{"rule.level lies between two bands", `{"timestamp":T,"rule":{"id":"1","level":7.5}}`,
		facts{"severity_id": int64(2), "risk_score": nil, "unmapped.rule.level": "7.5"}},
	{"rule.level is empty", `{"timestamp":T,"rule":{"id":"1","level":""}}`, facts{"severity_id": int64(0), "risk_score": nil, "unmapped": nil}},
	{"nothing where text belongs", `{"timestamp":T,"rule":{"id":"1"},"full_log":{},"location":[],"agent":{"id":{ },"name":[ ]}}`,
		facts{"raw_data": nil, "data_sources": nil, "resources": nil, "unmapped": nil}},
	{"rule.level is null", `{"timestamp":T,"rule":{"id":"1","level":null}}`, facts{"severity_id": int64(0), "risk_score": nil}},
	{"no decoder and no groups", `{"timestamp":T,"rule":{"id":"1"},"decoder":{}}`,
		facts{"analytic.name": nil, "analytic.category": nil, "analytic.uid": "1", "analytic.type": "Rule", "unmapped": nil}},
	{"decoder is text", `{"timestamp":T,"rule":{"id":"1"},"decoder":"sshd"}`, facts{"analytic.name": nil, "unmapped.decoder": "sshd"}},
	{"nothing that makes an analytic", `{"timestamp":T,"rule":{"description":"d"}}`, facts{"analytic": nil, "resources": nil}},
	{"location is empty", `{"timestamp":T,"rule":{"id":"1"},"location":"","manager":{"name":"m"}}`,
		facts{"data_sources.0": "m", "data_sources.1": nil}},
	{"data sources", `{"timestamp":T,"rule":{"id":"1"},"location":"/l","manager":{"name":"m"},"_index":"x"}`,
		facts{"data_sources.0": "x", "data_sources.1": "/l", "data_sources.2": "m"}},
	{"no data source", `{"timestamp":T,"rule":{"id":"1"},"location":null,"manager":{}}`, facts{"data_sources": nil}},
	{"agent.ip is no address", `{"timestamp":T,"rule":{"id":"1"},"agent":{"id":"001","ip":"any"}}`,
		facts{"resources.0.uid": "001", "resources.0.name": nil, "resources.1": nil, "unmapped.agent.ip": "any"}},
	{"an agent without id", `{"timestamp":T,"rule":{"id":"1"},"agent":{"name":"web"}}`, facts{"resources.0.name": "web", "resources.0.uid": nil}},
	{"nist is one text", `{"timestamp":T,"rule":{"id":"1","nist_800_53":"AU.6"}}`, facts{"nist.0": "AU.6", "nist.1": nil}},
	{"input.type is a list", `{"timestamp":T,"rule":{"id":"1"},"input":{"type":["log","","x"]}}`,
		facts{"finding.types.0": "log", "finding.types.1": "x", "finding.types.2": nil}},
	{"firedtimes is text", `{"timestamp":T,"rule":{"id":"1","firedtimes":"7"}}`, facts{"count": int64(7)}},
	{"firedtimes is beyond 32 bits", `{"timestamp":T,"rule":{"id":"1","firedtimes":2147483648}}`,
		facts{"count": nil, "unmapped.rule.firedtimes": "2147483648"}},
	{"firedtimes is whole in its way", `{"timestamp":T,"rule":{"id":"1","firedtimes":2e1}}`, facts{"count": int64(20)}},
	{"numbers beyond 64 bits", `{"timestamp":T,"rule":{"id":"1"},"data":{"n":18446744073709551616123,"f":-1.50e+400}}`,
		facts{"unmapped.data.n": "18446744073709551616123", "unmapped.data.f": "-1.50e+400"}},
	{"an id that is a number", `{"timestamp":T,"id":1580123327.49031,"rule":{"id":"1"}}`,
		facts{"finding.uid": "1580123327.49031", "metadata.uid": "1580123327.49031"}},
	{"an id that is empty", `{"timestamp":T,"id":"","rule":{"id":"1"}}`, facts{"metadata.uid": nil}},
	{"duplicate keys", `{"rule":{"id":"9","level":15},"timestamp":T,"rule":{"id":"1","id":"2","level":3}}`,
		facts{"analytic.uid": "2", "severity_id": int64(1), "risk_score": int64(3)}},
	{"a duplicate that takes its object along", `{"timestamp":T,"data":{"a":"1"},"data":{"b":"2"},"rule":{"id":"1"}}`,
		facts{"unmapped.data.a": nil, "unmapped.data.b": "2"}},
	{"wrapped by the indexer", `{"_index":"wazuh-alerts-4.x","_id":"q","_score":1,"_source":{"timestamp":T,"rule":{"id":"1"},"location":"/l"}}`,
		facts{"data_sources.0": "wazuh-alerts-4.x", "data_sources.1": "/l", "unmapped._id": "q", "unmapped._score": "1"}},
	{"wrapped the other way round", `{"_source":{"timestamp":T,"rule":{"id":"1"}},"_index":"x"}`, facts{"data_sources.0": "x", "analytic.uid": "1"}},
	{"unmapped keys", `{"timestamp":T,"rule":{"id":"1"},"data":{"a.b":{"":[1,[true,{"c d":"x"}]]},"e":[],"f":{},"g":"","h":null}}`,
		facts{`unmapped.data["a.b"][""].0`: "1", `unmapped.data["a.b"][""].1.0`: "true", `unmapped.data["a.b"][""].1.1["c d"]`: "x",
			"unmapped.data.e": nil, "unmapped.data.f": nil, "unmapped.data.g": nil, "unmapped.data.h": nil}},
	{"a name with a dot is no path", `{"timestamp":T,"rule.level":15,"rule":{"id":"1","level":3}}`,
		facts{"severity_id": int64(1), `unmapped.["rule.level"]`: "15"}},
	{"escapes", `{"timestamp":T,"rule":{"id":"1","description":"\u00e9\ud83d\ude00\ud800 \u0000\/"},"data":{"k\u00e9":"\n"}}`,
		facts{"message": "é😀\ufffd \x00/", "unmapped.data.ké": "\n"}},
	{"groups are one text", `{"timestamp":T,"rule":{"id":"1","groups":"sshd"}}`, facts{"analytic.category": "sshd"}},
	{"groups", `{"timestamp":T,"rule":{"id":"1","groups":["syslog","sshd","authentication_failed"]}}`,
		facts{"analytic.category": "syslog, sshd, authentication_failed"}},
}

func TestEdgeAlerts(t *testing.T) {
	lines := make([]string, len(edges))
	for i, e := range edges {
		lines[i] = strings.ReplaceAll(e.line, ":T", `:"2026-03-14T06:00:00.000+0000"`)
	}
	for _, class := range classes {
		rows := shipped(t, class).through(lines...)
		for i, e := range edges {
			t.Run(class+"/"+e.name, func(t *testing.T) { checkRow(t, class, lines[i], rows[i], e.want) })
		}
	}
}

// checkEdge is checkRow for the event of a line by itself.
func checkEdge(t *testing.T, class, line string, known facts) {
	t.Helper()
	checkRow(t, class, line, shipped(t, class).through(line)[0], known)
}

// checkRow holds what was read of the event of a line to the oracle and to facts, whose
// paths are those of Security Finding.
func checkRow(t *testing.T, class, line string, got object, known facts) {
	t.Helper()
	want, ok := oracle(t, class, line)
	if !ok {
		t.Fatal("the oracle rejects the alert")
	}
	if diff := cmp.Diff(want, promised(class, got)); diff != "" {
		t.Errorf("(-promised +read):\n%s", diff)
	}
	for path, v := range known {
		if class == "detection_finding" {
			if path = inDetection(path); path == "" {
				continue
			}
		}
		if diff := cmp.Diff(v, follow(got, path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// inDetection is where Detection Finding has an attribute of Security Finding that
// means the same there, "" if it has none.
func inDetection(path string) string {
	top, rest, _ := strings.Cut(path, ".")
	switch top {
	case "finding":
		path = "finding_info." + rest
	case "analytic", "attacks":
		path = "finding_info." + path
	}
	if slices.ContainsFunc(sourceless, func(s string) bool { return path == s || strings.HasPrefix(path, s+".") }) && path != "finding_info.analytic" && path != "finding_info.analytic.name" {
		return path
	}
	return ""
}

// follow gives what is at a dotted path; of unmapped the rest of the path is one key.
func follow(v any, path string) any {
	for path != "" {
		step, rest, _ := strings.Cut(path, ".")
		switch x := v.(type) {
		case object:
			v = x[step]
			if entries, ok := v.(object); ok && step == "unmapped" && rest != "" {
				return entries[rest]
			}
		case []any:
			i := int(step[0] - '0')
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
		path = rest
	}
	return v
}

func TestAFindingWithoutIDIsNamedByItsLine(t *testing.T) {
	for _, line := range []string{
		`{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1"}}`,
		` {"_index":"x","_source":{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1"}}}	`,
	} {
		sum := sha256.Sum256([]byte(line))
		checkEdge(t, "security_finding", line, facts{"finding.uid": hex.EncodeToString(sum[:]), "metadata.uid": nil})
	}
}

// Text over the 65,535 characters of string_t is cut there, by characters and
// not by bytes, and kept whole.
func TestLongTextIsCutAndKeptWhole(t *testing.T) {
	for name, letter := range map[string]string{"ascii": "x", "two bytes": "é", "four bytes": "😀"} {
		whole, most := strings.Repeat(letter, 70_000), strings.Repeat(letter, maxText)
		t.Run(name, func(t *testing.T) {
			checkEdge(t, "security_finding", `{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1","description":"`+whole+`"},"full_log":"`+whole+`"}`,
				facts{"raw_data": most, "unmapped.full_log": whole, "message": most, "finding.title": most, "unmapped.rule.description": whole})
			checkEdge(t, "security_finding", `{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1"},"full_log":"`+most+`"}`,
				facts{"raw_data": most, "unmapped": nil})
		})
	}
}

func TestSeverityBands(t *testing.T) {
	bands := []int64{1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5}
	captions := []string{"Unknown", "Informational", "Low", "Medium", "High", "Critical"}
	lines := make([]string, len(bands))
	for level := range bands {
		lines[level] = fmt.Sprintf(`{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1","level":%d}}`, level)
	}
	for _, class := range classes {
		rows := shipped(t, class).through(lines...)
		for level, id := range bands {
			checkRow(t, class, lines[level], rows[level], facts{"severity_id": id, "severity": captions[id], "risk_score": int64(level)})
		}
	}
}

// Nothing in a list or an object is nothing, and no conversion that failed.
func TestNothingIsNoFailure(t *testing.T) {
	for _, class := range classes {
		p := shipped(t, class)
		p.through(`{"timestamp":"2026-03-14T06:00:00Z","id":"","rule":{"id":"1","level":"","firedtimes":[],"groups":[],"mitre":{"id":[],"tactic":[]}},` +
			`"full_log":{ },"location":[ ],"agent":{"id":{},"name":null},"decoder":{"name":[]},"input":{"type":{}}}`)
		for i, n := range p.worker.Conversions()[0] {
			if n > 0 {
				t.Errorf("%s counts %d failures of %s", class, n, p.mapping.Attributes[i])
			}
		}
	}
}
