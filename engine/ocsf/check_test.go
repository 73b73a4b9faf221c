package ocsf

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goodEvents keep every rule; the bad ones of badEvents are one edit away.
var goodEvents = map[string]string{
	"2001": `{"activity_id":1,"activity_name":"Create","attacks":[{"tactic":{"name":"Credential Access","uid":"TA0006"},
		"technique":{"name":"Brute Force","uid":"T1110"},"version":"v13.1"}],"category_name":"Findings","category_uid":2,
		"class_name":"Security Finding","class_uid":2001,"count":3,"finding":{"title":"t","types":["a"],"uid":"1"},
		"message":"m","metadata":{"product":{"lang":"en","name":"P","vendor_name":"V"},"version":"1.1.0"},"nist":["AU.14"],
		"resources":[{"name":"host","uid":"001"}],"severity":"Medium","severity_id":3,"state":"New","state_id":1,
		"status":"as the user says","status_id":99,"time":1713795646976,"type_name":"Security Finding: Create",
		"type_uid":200101,"unmapped":{"rule.x":"1"}}`,
	"2004": `{"activity_id":1,"category_uid":2,"class_uid":2004,"confidence":"anything","confidence_id":2,
		"device":{"hostname":"h-1.example.org","ip":"10.0.0.1","mac":"00:1A:2b:3c:4d:5e","type":"Server","type_id":1},
		"evidences":[{"data":{"any":[null,"",{}]},"src_endpoint":{"ip":"2001:db8::1","port":22,
		"location":{"coordinates":[-73.983,40.719]}}}],
		"finding_info":{"analytic":{"name":"sshd","type":"Rule","type_id":1,"uid":"5710"},
		"attacks":[{"sub_technique":{"uid":"T1110.001"},"technique":{"uid":"T1110"},"version":"v13.1"}],"title":"t","uid":"1"},
		"metadata":{"product":{"name":"P","vendor_name":"V"},"profiles":["host","datetime"],"version":"1.1.0"},
		"severity_id":0,"status_id":1,"time":1713795646976,"time_dt":"2024-04-22T14:20:46.976Z","type_uid":200401,
		"vulnerabilities":[{"cve":{"uid":"CVE-2024-1","cvss":[{"base_score":7,"depth":"Base","version":"3.1"}]},"is_exploit_available":true}]}`,
	"4003": `{"activity_id":1,"answers":[{"flag_ids":[1,99],"flags":["Authoritative Answer","mine"],"rdata":"x"}],"category_uid":4,
		"class_uid":4003,"metadata":{"product":{"name":"P","vendor_name":"V"},"version":"1.1.0"},"severity_id":1,
		"query":{"hostname":"example.org"},"src_endpoint":{"ip":"10.0.0.1"},"time":1713795646976,"type_uid":400301}`,
	"5004": `{"activity_id":1,"category_uid":5,"class_uid":5004,"device":{"name":"d","os":{"name":"o","type_id":200,"version":"1"},
		"type_id":1},"metadata":{"product":{"name":"P","vendor_name":"V"},"version":"1.1.0"},"severity_id":1,
		"time":1713795646976,"type_uid":500401}`,
	"3003": `{"activity_id":1,"category_uid":3,"class_uid":3003,"group":{"name":"g"},"metadata":{"product":{"name":"P","vendor_name":"V"},
		"version":"1.1.0"},"severity_id":1,"time":1713795646976,"type_uid":300301,"user":{"name":"u"}}`,
}

func decode(t testing.TB, text string, numbers bool) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	if numbers {
		d.UseNumber()
	}
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// edit sets the value at a path such as attacks.0.version, or deletes it.
func edit(t *testing.T, v any, path string, value any, remove bool) {
	t.Helper()
	name, rest, more := strings.Cut(path, ".")
	switch v := v.(type) {
	case map[string]any:
		switch {
		case more:
			edit(t, v[name], rest, value, remove)
		case remove:
			if _, ok := v[name]; !ok {
				t.Fatalf("nothing to remove at %s", name)
			}
			delete(v, name)
		default:
			v[name] = value
		}
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i >= len(v) {
			t.Fatalf("no item %s", name)
		}
		if more {
			edit(t, v[i], rest, value, remove)
		} else {
			v[i] = value
		}
	default:
		t.Fatalf("nothing to edit at %s", path)
	}
}

func TestCheckGood(t *testing.T) {
	c := NewChecker(load(t))
	for class, text := range goodEvents {
		for _, numbers := range []bool{true, false} {
			event := decode(t, text, numbers).(map[string]any)
			if found := c.Check(event); found != nil {
				t.Errorf("%s: %v", class, found)
			}
		}
	}
	event := map[string]any{"class_uid": 2001, "activity_id": int32(1), "type_uid": int64(200101)}
	for _, f := range c.Check(event) {
		if !strings.Contains(f.Message, "is missing") {
			t.Errorf("Go integers: %s", f)
		}
	}
}

// TestCheckBad makes one edit at a time: path = JSON value, or path alone to
// remove what is there; several are divided by blanks around "&".
func TestCheckBad(t *testing.T) {
	s := load(t)
	c := NewChecker(s)
	for _, bad := range badEvents {
		t.Run(bad.class+" "+bad.edits, func(t *testing.T) {
			event := decode(t, goodEvents[bad.class], true).(map[string]any)
			for one := range strings.SplitSeq(bad.edits, " & ") {
				path, text, set := strings.Cut(one, " = ")
				var value any
				if set {
					value = decode(t, strings.ReplaceAll(text, "LONG", strings.Repeat("é", 65536)), true)
				}
				edit(t, event, path, value, !set)
			}
			var got []string
			for _, f := range c.Check(event) {
				got = append(got, f.String())
			}
			if !slices.Equal(got, bad.want) {
				t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(bad.want, "\n\t"))
			}
		})
	}
	if found := NewChecker(s).Check(nil); len(found) != 1 || found[0].Path != "class_uid" {
		t.Errorf("nil event: %v", found)
	}
}

// Law: any JSON object is checked without a panic, to the same findings each
// time, each with a sentence.
func FuzzCheck(f *testing.F) {
	for _, text := range goodEvents {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"class_uid":2001,"metadata":[],"attacks":[{"tactic":[null]}],"unmapped":{"":[]},"time":1e400}`))
	c := NewChecker(load(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := json.NewDecoder(strings.NewReader(string(data)))
		d.UseNumber()
		var event map[string]any
		if d.Decode(&event) != nil {
			return
		}
		found := c.Check(event)
		if !slices.Equal(found, c.Check(event)) {
			t.Fatalf("two checks differ: %v", found)
		}
		for _, one := range found {
			if one.Message == "" {
				t.Fatalf("no sentence at %s", one.Path)
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	c := NewChecker(load(b))
	event := decode(b, goodEvents["2001"], true).(map[string]any)
	for b.Loop() {
		if c.Check(event) != nil {
			b.Fatal("the good event is bad")
		}
	}
}

func BenchmarkNewChecker(b *testing.B) {
	s := load(b)
	for b.Loop() {
		NewChecker(s)
	}
}

// OCSF 1.1.0 has no constraint that leads through a list; later versions may.
func TestReaches(t *testing.T) {
	value := decode(t, `{"a":[{"b":null},{"c":{"d":1}}],"e":5}`, true)
	for path, want := range map[string]bool{"a": true, "a.c.d": true, "a.b": false, "a.c.x": false, "e.f": false, "z": false} {
		if got := reaches(value, path); got != want {
			t.Errorf("reaches %s: %t", path, got)
		}
	}
}

// Law: a value fits its attribute if Check has nothing against it in an event that is good
// otherwise.
func TestFitsIsWhatCheckSays(t *testing.T) {
	s := load(t)
	c := NewChecker(s)
	class, _ := s.Class("2004")
	device, _ := class.Attribute("device")
	for name, values := range map[string][]any{
		"hostname": {"h-1.example.org", "-", "", strings.Repeat("a", 300), "a b", "\xff"},
		"ip":       {"10.0.0.1", "2001:db8::1", "10x0x0x1", "", 7},
		"mac":      {"00:1A:2b:3c:4d:5e", "00:1A", ""},
		"name":     {"n", "", nil, 3, strings.Repeat("ä", 65535), strings.Repeat("ä", 65536)},
	} {
		a, _ := device.Object.Attribute(name)
		for _, value := range values {
			event := decode(t, goodEvents["2004"], true).(map[string]any)
			event["device"].(map[string]any)[name] = value
			if fits, found := c.Fits(a, value), c.Check(event); fits != (len(found) == 0) {
				t.Errorf("%s %.40v: Fits says %v, and Check %v", name, value, fits, found)
			}
		}
	}
	own := map[string]bool{"": true, "not an address": false}
	for value, is := range own {
		event := decode(t, goodEvents["2004"], true).(map[string]any)
		event["device"].(map[string]any)["ip"] = value
		if found := c.Check(event); len(found) != 1 || found[0].Own != is {
			t.Errorf("%q: %v, of sluice's own rules: want %v", value, found, is)
		}
	}
}
