package source

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seen is what becomes of a value: `line: text`, with a mark for what is torn
// or not whole.
func seen(t testing.TB, data string, opt Options) (values []string, found string) {
	t.Helper()
	r, err := NewReader(t.Context(), bytesInput("in", []byte(data), atOnce), opt)
	if err != nil {
		t.Fatal(err)
	}
	for {
		c, err := r.Next()
		if err == io.EOF {
			return values, r.Found()
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(values) > 2*len(data)+2 {
			t.Fatalf("reading %.200q does not end: %d values so far", data, len(values))
		}
		for l := range c.Lines() {
			parts := l.Split()
			if parts == nil {
				parts = []Line{l}
			}
			for _, l := range parts {
				values = append(values, describe(l))
			}
		}
	}
}

func describe(l Line) string {
	switch {
	case l.Bad != nil:
		return fmt.Sprintf("%d bad: %s", l.Number, l.Bad.Head)
	case l.Long != nil:
		return fmt.Sprintf("%d long: %s", l.Number, l.Text)
	case l.Torn != "":
		return fmt.Sprintf("%d torn: %s", l.Number, l.Text)
	case l.Blank:
		return fmt.Sprintf("%d blank", l.Number)
	}
	return fmt.Sprintf("%d: %s", l.Number, l.Text)
}

func TestForms(t *testing.T) {
	tests := []struct {
		name, data string
		want       []string
		found      string
	}{
		{"lines", "{\"a\":1}\n\n{\"a\":2}\n", []string{`1: {"a":1}`, "2 blank", `3: {"a":2}`}, ""},
		{"one line without an end", `{"a":1}`, []string{`1: {"a":1}`}, ""},
		{"files with marks, one behind another", "\ufeff{\"a\":1}\n\ufeff{\"a\":2}\n \ufeff {\"a\":3}\n\ufeff\ufeff{}\n\ufeffx\n\ufeff",
			[]string{`1: {"a":1}`, `2: {"a":2}`, `3: {"a":3}`, "4: \ufeff\ufeff{}", "5: \ufeffx", "6: \ufeff"}, ""},
		{"no JSON", "2026 x\n{\"a\":1}\n", []string{"1: 2026 x", `2: {"a":1}`}, ""},
		{"array", `[{"a":1},{"a":2}]`, []string{`1: {"a":1}`, `1: {"a":2}`}, "a JSON array, 2 alerts"},
		{"empty array", `[ ]`, nil, "a JSON array, 0 alerts"},
		{"array over lines", "[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 2\n  }\n]\n", []string{"2: {\n    \"a\": 1\n  }", "5: {\n    \"a\": 2\n  }"}, "a JSON array over many lines, 2 alerts"},
		{"arrays, one a line", "[{\"a\":1}]\n[]\n[{\"a\":2}]\n{\"a\":3}", []string{`1: {"a":1}`, `3: {"a":2}`, `4: {"a":3}`}, "a JSON array over many lines, 3 alerts"},
		{"array of other things", `[{"a":1},2,"x",[3],null,-4]`, []string{`1: {"a":1}`, `1: 2`, `1: "x"`, `1: [3]`, `1: null`, `1: -4`}, "a JSON array, 6 alerts"},
		{"array of no objects", "[1,2]\n{\"a\":1}", []string{`1: [1,2]`, `2: {"a":1}`}, ""},
		{"pretty", "{\n \"a\":\n1}\n{\n}\r\n\n{ \"a\" : 3 }", []string{"1: {\n \"a\":\n1}", "4: {\n}", `7: { "a" : 3 }`}, "JSON objects over many lines, 3 alerts"},
		{"pretty by hand", "{\"a\":{\n\"b\":1}}\n{\"a\":2}", []string{"1: {\"a\":{\n\"b\":1}}", `3: {"a":2}`}, "JSON objects over many lines, 2 alerts"},
		{"concatenated", `{"a":1}{"a":2} {"a":3}`, []string{`1: {"a":1}`, `1: {"a":2}`, `1: {"a":3}`}, "JSON objects without line ends between them, 3 alerts"},
		{"concatenated and lines", "{\"a\":1}{\"a\":2}\n{\"a\":3}\n", []string{`1: {"a":1}`, `1: {"a":2}`, `2: {"a":3}`}, "JSON objects without line ends between them, 3 alerts"},
		{"concatenated later", "{\"a\":1}\n{\"a\":2}{\"a\":3}\n", []string{`1: {"a":1}`, `2: {"a":2}`, `2: {"a":3}`}, ""},
		{"response", `{"took":3,"_shards":{"total":1},"hits":{"total":{"value":2},"hits":[{"_id":"a"},{"_id":"b"}],"x":[1,2]},"timed_out":false}`,
			[]string{`1: {"_id":"a"}`, `1: {"_id":"b"}`}, "a _search response, 2 alerts"},
		{"response without hits", `{"took":3,"hits":{"total":0,"hits":[]}}`, nil, "a _search response, 0 alerts"},
		{"response, pretty", "{\n \"hits\" : {\n \"hits\" : [\n {\n\"_id\" : 1 } ] } }\n", []string{"4: {\n\"_id\" : 1 }"}, "a _search response, 1 alert"},
		{"responses, one a line", "{\"hits\":{\"hits\":[{\"a\":1}]}}\n{\"hits\":{\"hits\":[{\"a\":2}]}}\n", []string{`1: {"a":1}`, `2: {"a":2}`}, "a _search response, 2 alerts"},
		{"hits of another kind", `{"took":1,"hits":3}`, []string{`1: {"took":1,"hits":3}`}, ""},
		{"hits behind other members", `{"rule":1,"hits":{"hits":[{"a":1}]}}`, []string{`1: {"rule":1,"hits":{"hits":[{"a":1}]}}`}, ""},
		{"bulk", "{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n{\"create\":{}}\n{\"index\":{}}\n{\"delete\":{\"_id\":\"x\"}}\n{\"a\":2}\n", []string{`2: {"a":1}`, `4: {"index":{}}`, `6: {"a":2}`}, "a _bulk body, 3 actions skipped, 3 alerts"},
		{"an action among lines", "{\"a\":1}\n{\"index\":{}}\n", []string{`1: {"a":1}`, `2: {"index":{}}`}, ""},
		{"more than an action", "{\"index\":{},\"a\":1}\n", []string{`1: {"index":{},"a":1}`}, ""},
		{"a name that begins like an action", "{\"index\\u0041\":{}}\n{\"indexes\":{}}", []string{`1: {"index\u0041":{}}`, `2: {"indexes":{}}`}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, chunk := range []int{1, 7, 1 << 20} {
				got, found := seen(t, test.data, Options{ChunkBytes: chunk})
				if diff := cmp.Diff(test.want, got); diff != "" || found != test.found {
					t.Errorf("chunk %d: found %q, want %q (-want +got):\n%s", chunk, found, test.found, diff)
				}
			}
		})
	}
}

func TestTorn(t *testing.T) {
	whole := `{"timestamp":"2026","rule":{"level":5}}`
	torn := `{"timestamp":"2021","full_log":"{\"mo`
	tests := []struct {
		name, data string
		want       []string
	}{
		{"in a string", torn + whole, []string{"1 torn: " + torn, "1: " + whole}},
		{"in a name", `{"timestamp":"2021","ru` + whole, []string{`1 torn: {"timestamp":"2021","ru`, "1: " + whole}},
		{"behind a backslash", `{"a":"x\` + whole, []string{`1 torn: {"a":"x\`, "1: " + whole}},
		{"in an escape", `{"a":"x\u00` + whole, []string{`1 torn: {"a":"x\u00`, "1: " + whole}},
		{"in a number", `{"a":1.` + whole, []string{`1 torn: {"a":1.`, "1: " + whole}},
		{"in a word", `{"a":tru` + whole, []string{`1 torn: {"a":tru`, "1: " + whole}},
		{"behind a comma", `{"a":1,` + whole, []string{`1 torn: {"a":1,`, "1: " + whole}},
		{"behind a bracket", `{"a":{` + whole, []string{`1 torn: {"a":{`, "1: " + whole}},
		{"in another alphabet", "{\"a\":\"\xe6\x97" + whole, []string{"1 torn: {\"a\":\"\xe6\x97", "1: " + whole}},
		{"twice", torn + torn + whole, []string{"1 torn: " + torn + torn, "1: " + whole}},
		{"between whole ones", whole + torn + whole + whole, []string{"1: " + whole, "1 torn: " + torn, "1: " + whole, "1: " + whole}},
		{"at the end", whole + torn, []string{"1: " + whole, "1 torn: " + torn}},
		{"zeros of a crash", "\x00\x00\x00" + whole, []string{"1 torn: \x00\x00\x00", "1: " + whole}},
		{"zeros between", whole + "\x00\x00" + whole, []string{"1: " + whole, "1 torn: \x00\x00", "1: " + whole}},
		{"a comma between objects", whole + "," + whole, []string{"1: " + whole, "1 torn: ,", "1: " + whole}},
		{"wrapped", `{"_index":"x","_source":{"a":"` + `{"_index":"y","_source":{"timestamp":1}}`, []string{`1 torn: {"_index":"x","_source":{"a":"`, `1: {"_index":"y","_source":{"timestamp":1}}`}},

		{"where a value may stand", `{"a":` + whole, []string{`1: {"a":` + whole}},
		{"cut behind an object of another's making", `{"timestamp":"2021","data":{"x":` + whole, []string{`1: {"timestamp":"2021","data":{"x":` + whole}},
		{"torn, then cut", torn + whole[:20], []string{"1: " + torn + whole[:20]}},
		{"torn, whole, torn", torn + whole + torn, []string{"1: " + torn + whole + torn}},
		{"an object within another, behind a tear", torn + `","data":{"x":` + whole + `}}`, []string{"1: " + torn + `","data":{"x":` + whole + `}}`}},
		{"more text behind it", torn + whole + "x", []string{"1: " + torn + whole + "x"}},
		{"no alert behind it", torn + `{"a":1}`, []string{"1: " + torn + `{"a":1}`}},
		{"an object within the end of another", `{"timestamp":"a","n":1` + `st text","data":{"x":` + whole, []string{`1: {"timestamp":"a","n":1` + `st text","data":{"x":` + whole}},
		{"text of a log", "2026 Mar 14 host->x " + whole, []string{"1: 2026 Mar 14 host->x " + whole}},
		{"in quotes", `{"full_log":"{\"timestamp\":\"2026\"}"} x`, []string{`1: {"full_log":"{\"timestamp\":\"2026\"}"} x`}},
		{"more text behind objects", whole + whole + "x", []string{"1: " + whole + whole + "x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := `{"timestamp":"first"}`
			got, found := seen(t, before+"\n"+test.data+"\n"+before+"\n", Options{})
			want := []string{"1: " + before}
			for _, w := range test.want {
				want = append(want, "2"+w[1:])
			}
			want = append(want, "3: "+before)
			if diff := cmp.Diff(want, got); diff != "" || found != "" {
				t.Errorf("found %q (-want +got):\n%s", found, diff)
			}
		})
	}
}

func TestDamagedForms(t *testing.T) {
	whole := `{"timestamp":"2026"}`
	tests := []struct {
		name, data string
		want       []string
	}{
		{"array, cut within", `[` + whole + `,{"a":`, []string{"1: " + whole, `1 torn: {"a":`}},
		{"array, cut between", `[` + whole + ` `, []string{"1: " + whole, "1 bad: "}},
		{"array, cut behind a comma", `[` + whole + `,`, []string{"1: " + whole, "1 bad: "}},
		{"array, a comma too many", `[` + whole + `,]`, []string{"1: " + whole, "1 torn: ]"}},
		{"array, a comma missing", `[` + whole + whole + `]`, []string{"1: " + whole, "1 torn: " + whole + "]"}},
		{"array, closed twice", `[` + whole + `]]`, []string{"1: " + whole, "1 torn: ]"}},
		{"array, an element torn", `[` + whole + `,{"timestamp":"a` + whole + "," + whole + `]`, []string{"1: " + whole, `1 torn: {"timestamp":"a` + whole + "," + whole + "]"}},
		{"array, then lines", "[\n{\"a\":x},\n" + whole + "\n]\n" + whole + "\n" + whole, []string{"2 torn: {\"a\":x},\n" + whole + "\n]", "5: " + whole, "6: " + whole}},
		{"a word in a value", "{\n\"a\": x\n}\n{\n\"b\": 1\n}\n", []string{"1 torn: {\n\"a\": x\n}", "4: {\n\"b\": 1\n}"}},
		{"pretty, cut", "{\n\"a\": 1,\n{\n\"b\": 1\n}\n{\n\"c\": \"", []string{"1 torn: {\n\"a\": 1,", "3: {\n\"b\": 1\n}", "6 torn: {\n\"c\": \""}},
		{"pretty without indent", "{\n\"a\": x,\n\"list\": [\n{\n\"timestamp\": 1\n},\n{\n\"timestamp\": 2\n}\n]\n}\n" + whole,
			[]string{"1 torn: {\n\"a\": x,\n\"list\": [\n{\n\"timestamp\": 1\n},\n{\n\"timestamp\": 2\n}\n]\n}", "12: " + whole}},
		{"concatenated, torn", whole + whole + `{"timestamp":"a` + whole + whole, []string{"1: " + whole, "1: " + whole, `1 torn: {"timestamp":"a`, "1: " + whole, "1: " + whole}},
		{"concatenated, torn where a value may stand", whole + whole + `{"a":` + whole + whole, []string{"1: " + whole, "1: " + whole, `1 torn: {"a":` + whole, "1: " + whole}},
		{"concatenated, with zeros", whole + whole + "\x00\x00" + whole, []string{"1: " + whole, "1: " + whole, "1 torn: \x00\x00", "1: " + whole}},
		{"response, cut", `{"hits":{"hits":[` + whole + `]`, []string{"1: " + whole, "1 bad: "}},
		{"response, damaged behind the hits", `{"hits":{"hits":[` + whole + `],x}}` + whole, []string{"1: " + whole, "1 torn: ,x}}", "1: " + whole}},
		{"bulk, a document torn", "{\"index\":{}}\n" + whole + "\n{\"index\":{}}\n{\"a\":\"\n{\"index\":{}}\n" + whole + "\n", []string{"2: " + whole, `4 torn: {"a":"`, "6: " + whole}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, chunk := range []int{1, 7, 1 << 20} {
				got, found := seen(t, test.data, Options{ChunkBytes: chunk})
				if diff := cmp.Diff(test.want, got); diff != "" || found == "" {
					t.Errorf("chunk %d: found %q (-want +got):\n%s", chunk, found, diff)
				}
			}
		})
	}
}

func TestValuesOverTheLimit(t *testing.T) {
	long := `{"a":"` + strings.Repeat(`\"}x`, 300) + `","b":[[1]]}`
	for name, form := range map[string]string{
		"array":        `[{"n":1},` + long + `,{"n":2}]`,
		"concatenated": `{"n":1}{}` + long + `{"n":2}`,
		"pretty":       "{\n\"n\":1}\n" + long + "\n{\"n\":2}",
		"scalars":      `[{"n":1},"` + strings.Repeat("x", 2000) + `",` + strings.Repeat("1", 2000) + `,{"n":2}]`,
	} {
		for _, chunk := range []int{1, 64, 1 << 20} {
			got, _ := seen(t, form, Options{ChunkBytes: chunk, LineLimit: 1000})
			over := 0
			for _, v := range got[1 : len(got)-1] {
				if strings.Contains(v, "bad: ") || strings.Contains(v, "long: ") {
					over++
				}
			}
			if !strings.HasSuffix(strings.ReplaceAll(got[0], "\n", ""), `: {"n":1}`) || !strings.HasSuffix(got[len(got)-1], `: {"n":2}`) || over == 0 || over < len(got)-3 {
				t.Errorf("%s, chunk %d: %d of %d are over the limit", name, chunk, over, len(got))
			}
		}
	}
}
