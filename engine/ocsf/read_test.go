package ocsf

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadJSON(t *testing.T) {
	e := sample(t)
	text := e.AppendJSON(nil)
	back := NewEvent(e.Layout)
	for range 2 { // the second time over what the first has left
		if err := back.ReadJSON(text); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), string(back.AppendJSON(nil))); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	if back.Time() != 1713795646976 {
		t.Errorf("time %d", back.Time())
	}
}

func TestReadJSONAccepts(t *testing.T) {
	e := NewEvent(allKinds(t))
	for _, c := range []struct{ text, want string }{
		{` {"time" : 5 } `, `{"time":5}`},
		{`{"message":null,"metadata":null,"finding_info":{"types":null}}`, `{"finding_info":{}}`},
		{`{"evidences":[{"data":null}]}`, `{"evidences":[{}]}`},
		{`{"time_dt":"2024-04-22T16:20:46+02:00"}`, `{"time_dt":"2024-04-22T14:20:46.000Z"}`},
		{`{"vulnerabilities":[{"cve":{"cvss":[{"base_score":7}]}}]}`, `{"vulnerabilities":[{"cve":{"cvss":[{"base_score":7}]}}]}`},
		{`{"message":"\u00e9\/"}`, `{"message":"é/"}`},
	} {
		if err := e.ReadJSON([]byte(c.text)); err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := string(e.AppendJSON(nil)); got != c.want {
			t.Errorf("%s is read as %s, want %s", c.text, got, c.want)
		}
	}
}

func TestReadJSONFaults(t *testing.T) {
	e := NewEvent(allKinds(t))
	for _, c := range []struct{ text, want string }{
		{``, "unexpected EOF"},
		{`[]`, "not a JSON object"},
		{`null`, "not a JSON object"},
		{`{"time":1`, "unexpected EOF"},
		{`{"time":1}x`, "something follows"},
		{`{"time":1}{}`, "something follows"},
		{`{"time":1,}`, "invalid character"},
		{"{\"message\":\"\xff\"}", "not UTF-8"},
		{`{"nist":["AU.1"]}`, "nist: the mapping's events have no such attribute"},
		{`{"metadata":{"uid":"1"}}`, "metadata.uid: the mapping's events"},
		{`{"finding_info":{"attacks":[{},{"technique":{"uid":5}}]}}`, "finding_info.attacks[1].technique.uid: must be text (string_t), is 5"},
		{`{"finding_info":{"types":["a",null]}}`, "finding_info.types[1]: a list cannot hold null"},
		{`{"finding_info":{"types":"a"}}`, `finding_info.types: must be a list (string_t[]), is the text "a"`},
		{`{"metadata":[]}`, "metadata: must be an object (metadata), is a list"},
		{`{"evidences":[1]}`, "evidences[0]: must be an object (evidences), is 1"},
		{`{"evidences":[null]}`, "evidences[0]: must be an object (evidences), is null"},
		{`{"message":{}}`, "message: must be text (string_t), is an object"},
		{`{"message":true}`, "message: must be text (string_t), is true"},
		{`{"severity_id":"1"}`, `severity_id: must be an integer (integer_t), is the text "1"`},
		{`{"severity_id":1.5}`, "severity_id: 1.5 is not an integer"},
		{`{"severity_id":2147483648}`, "severity_id: 2147483648 is not an integer from -2147483648 to 2147483647"},
		{`{"evidences":[{"src_endpoint":{"port":65536}}]}`, "evidences[0].src_endpoint.port: 65536 is not an integer from 0 to 65535 (port_t)"},
		{`{"time":-1}`, "time: -1 is not an integer from 0"},
		{`{"type_uid":9223372036854775808}`, "type_uid: 9223372036854775808 is not an integer"},
		{`{"time_dt":"2024-04-22"}`, "time_dt: the text \"2024-04-22\" is not an RFC 3339 time"},
		{`{"time_dt":"1969-12-31T23:59:59Z"}`, "in the years 1970 to 9999"},
		{`{"vulnerabilities":[{"cve":{"cvss":[{"base_score":1e999}]}}]}`, "base_score: 1e999 is not a number that fits 64 bits"},
		{`{"evidences":[{"file":{"is_system":1}}]}`, "evidences[0].file.is_system: must be true or false (boolean_t), is 1"},
		{`{"unmapped":{"a":1}}`, `unmapped["a"]: must be text (an open object), is 1`},
		{`{"unmapped":{"a":"1","a":"2"}}`, `unmapped["a"]: appears twice`},
		{`{"unmapped":"a"}`, "unmapped: must be an object of texts (object), is the text"},
		{`{"time":1,"time":2}`, "time: appears twice"},
		{`{"evidences":[{"data":{]}]}`, "evidences[0].data: at byte"},
	} {
		if err := e.ReadJSON([]byte(`{"message":"old"}`)); err != nil {
			t.Fatal(err)
		}
		err := e.ReadJSON([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "detection_finding") {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
		if got := string(e.AppendJSON(nil)); got != "{}" {
			t.Errorf("%s: after the error the event is %s", c.text, got)
		}
	}
}

// Law: any bytes give an event or an error; what gives an event is valid JSON,
// and the event's own JSON is read as the same event.
func FuzzReadJSON(f *testing.F) {
	l := allKinds(f)
	for _, seed := range []string{`{}`, `{"time":1}`, `{"unmapped":{"a":"b"},"evidences":[{"data":[1,{"a":null}]}]}`,
		`{"finding_info":{"attacks":[{"technique":{"uid":"T1"}},{"version":"v"}]}}`, `{"time_dt":"2024-04-22T16:20:46.5+02:00"}`} {
		f.Add([]byte(seed))
	}
	e, back := NewEvent(l), NewEvent(l)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := e.ReadJSON(data); err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is read and is not JSON", data)
		}
		text := e.AppendJSON(nil)
		if err := back.ReadJSON(text); err != nil {
			t.Fatalf("%s\nis not read back: %v", text, err)
		}
		if again := back.AppendJSON(nil); !bytes.Equal(again, text) {
			t.Fatalf("read back and written again:\n%s\n%s", text, again)
		}
	})
}
