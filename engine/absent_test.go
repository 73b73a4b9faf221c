package engine_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/sluice-lake/sluice/engine"
)

// Law: a text that is `absent` reads like null. The event is that of the alert
// which has null there, but for what `$rest` keeps of it: that is the text.
func FuzzAbsent(f *testing.F) {
	for seed := range uint64(400) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := &restGenerator{Rand: rand.New(rand.NewPCG(seed, 7))}
		text := strings.Replace(g.mapping(), "absent: [x1z, x3z, x4z]\n", "", 1)
		absent := map[string]bool{"x1z": true, "x4z": true, "x5z": true, "x8z": true}
		with := strings.Replace(text, "let:\n", "absent: [x1z, x4z, x5z, x8z]\nlet:\n", 1)
		e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, engine.Options{})
		if err != nil {
			return
		}
		a, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(with)}}, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		plain, other := e.NewWorker(), a.NewWorker()
		for range 3 {
			g.next = 0
			line := g.alert()
			var alert any
			if err := json.Unmarshal([]byte(line), &alert); err != nil {
				t.Fatal(err)
			}
			line = marshalled(t, alert) // a value that is written anew has its members in order
			want := event(t, plain, marshalled(t, nulled(alert, absent)))
			got := event(t, other, line)
			kept := map[string]any{}
			for key, value := range unmapped(got) {
				if absent[strings.ToLower(value.(string))] {
					kept[key] = value
					delete(unmapped(got), key)
				}
			}
			for _, e := range []map[string]any{want, got} {
				if len(unmapped(e)) == 0 {
					delete(e, "unmapped")
				}
			}
			if !reflect.DeepEqual(want, got) {
				t.Fatalf("alert %s\nwant %v\ngot  %v\n%s", line, want, got, with)
			}
			for name := range absent {
				if strings.Contains(line, `"`+name+`"`) != holdsText(kept, name) {
					t.Fatalf("%s of %s is not kept once: %v", name, line, kept)
				}
			}
		}
	})
}

func marshalled(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// nulled removes texts: from an object the member, in a list they become null.
func nulled(v any, texts map[string]bool) any {
	switch v := v.(type) {
	case string:
		if texts[v] {
			return nil
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = nulled(v[i], texts)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, inner := range v {
			if text, ok := inner.(string); !ok || !texts[text] {
				out[name] = nulled(inner, texts)
			}
		}
		return out
	}
	return v
}

// An object that one rule only asks for, and the next one reads, has no absent text in it
// for the one that reads it.
func TestAbsentInWhatWasAskedFor(t *testing.T) {
	const text = `mapping: m
schema: 1.1.0
class: detection_finding
when: =data.x != nil
absent: ["-"]
let:
  asked: =data.x != nil and data.list != nil
event:
  activity_id: 1
  severity_id: "=asked ? 1 : 2"
  time: =timestamp
  message: "=data.x != nil ? toJSON(data.x) : nil"
  status: =string(len(data.list))
  status_code: =data.x.b
  status_detail: "=data.x.c != nil ? 'there' : 'absent'"
  finding_info: {uid: =id, title: t, types: "=data.list != nil ? data.list : nil"}
  metadata: {product: {name: n, vendor_name: v}}
`
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	for range 3 {
		got := event(t, w, `{"id":"1","timestamp":"2026-03-14T00:00:00Z","data":{"x":{"a":"1","b":"-","c":"-"},"list":["-","z"]}}`)
		info, _ := got["finding_info"].(map[string]any)
		if got["message"] != `{"a":"1"}` || got["severity_id"] != 1.0 || got["status_code"] != nil || got["status_detail"] != "absent" || !reflect.DeepEqual(info["types"], []any{"z"}) {
			t.Fatalf("%v", got)
		}
	}
}

func event(t *testing.T, w *engine.Worker, line string) map[string]any {
	r := w.Apply(line)
	if r.Outcome != engine.Event {
		t.Fatalf("not an event: %s\n%s", r.Reason, line)
	}
	var e map[string]any
	if err := json.Unmarshal(r.Events[0].Event.AppendJSON(nil), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func unmapped(event map[string]any) map[string]any {
	m, _ := event["unmapped"].(map[string]any)
	return m
}

func holdsText(values map[string]any, text string) bool {
	for _, v := range values {
		if v == text {
			return true
		}
	}
	return false
}

// Only a whole text of the alert is absent: neither a part of one, nor a number,
// nor a text that a function, a table or the mapping gives.
func TestWhatIsNotAbsent(t *testing.T) {
	const mapping = `absent: ["-", "7", "true", "N/A"]
settings: {dash: "-"}
tables: {t: {a: "-"}}
event:
  message: '=data.x ?? "-"'
  unmapped:
    case: =data.case
    blank: =data.blank
    number: =data.number
    boolean: =data.boolean
    item: '=split(data.pair, ",")[1]'
    decoded: =fromJSON(data.json).a
    table: =tables.t["a"]
    setting: =settings.dash
    line: '=line contains "N/A"'
    escaped: =data.escaped
    inside: =data.list
    computed: =alert[data.name]
    joined: =join(data.flat, "+")
    count: =len(data.list)
`
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole(mapping))}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := unmapped(event(t, e.NewWorker(), `{"top":"N/A","data":{"x":"\u002d","case":"n/a","blank":"- ","number":7,"boolean":true,"pair":"a,-","json":"{\"a\":\"-\"}",`+
		`"escaped":"N\/A","list":["b","\u002d",["N\/A"],"c"],"name":"top","flat":["b","-","c"]}}`))
	want := map[string]any{"case": "n/a", "blank": "- ", "number": "7", "boolean": "true", "item": "-", "decoded": "-", "table": "-", "setting": "-",
		"line": "true", "inside.0": "b", "inside.3": "c", "joined": "b+c", "count": "4"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// An alert may lie where the one before it lay. What was known of that one does not apply.
func TestAbsentInMemoryOfAnotherAlert(t *testing.T) {
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(`mapping: m/absent
schema: 1.1.0
class: detection_finding
absent: ["-"]
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  message: =toJSON(data)
  finding_info: {uid: u, title: t}
  metadata: {product: {name: n, vendor_name: v}}
`)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, memory := e.NewWorker(), []byte(nil)
	for _, value := range []string{"+", "-", "+"} {
		memory = append(memory[:0], `{"timestamp":1700000000000,"data":{"a":"`+value+`","b":{"c":1}}}`...)
		got := event(t, w, unsafe.String(&memory[0], len(memory)))["message"]
		if want := strings.ReplaceAll(`{"a":"`+value+`","b":{"c":1}}`, `"a":"-",`, ""); got != want {
			t.Errorf("with %s the message is %v, not %s", value, got, want)
		}
	}
}
