package source

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An object over the limit is passed on in a short form, in whatever form the input is.
func TestLongObjects(t *testing.T) {
	const limit = 1 << 10
	long := `{"giant":"` + strings.Repeat("x", 2*limit) + `","id":"2"}`
	sum := wholeBad([]byte(long), "", 0).SHA256
	short := fmt.Sprintf(`{"giant":"%s","id":"2","_truncated":{"length":%d,"sha256":"%s","values":["giant"]}}`, strings.Repeat("x", limit/8-6), len(long), sum)
	for name, data := range map[string]string{
		"lines":         `{"id":"1"}` + "\n" + long + "\n" + `{"id":"3"}` + "\n",
		"the last line": `{"id":"1"}` + "\n" + `{"id":"3"}` + "\n" + long,
		"the first":     long + "\r\n" + `{"id":"1"}` + "\n" + `{"id":"3"}`,
		"array":         `[{"id":"1"},` + long + `,{"id":"3"}]`,
		"pretty":        "{\n\"id\":\"1\"}\n" + long + "\n{\n\"id\":\"3\"}\n",
		"one by one":    `{"id":"1"}` + long + `{"id":"3"}`,
		"a response":    `{"took":1,"hits":{"hits":[{"id":"1"},` + long + `,{"id":"3"}]}}`,
		"a bulk":        `{"index":{}}` + "\n" + `{"id":"1"}` + "\n" + `{"index":{}}` + "\n" + long + "\n" + `{"index":{}}` + "\n" + `{"id":"3"}` + "\n",
	} {
		for _, stored := range [][]byte{[]byte(data), gzipped(t, []byte(data)), zstded(t, []byte(data))} {
			for _, chunk := range []int{16, 700, 1 << 20} {
				r, err := NewReader(t.Context(), bytesInput("in", stored, paces[chunk%3]), Options{ChunkBytes: chunk, LineLimit: limit})
				if err != nil {
					t.Fatal(err)
				}
				var got *Line
				n := 0
				for c, err := r.Next(); err == nil; c, err = r.Next() {
					for l := range c.Lines() {
						n++
						if l.Long != nil {
							got = &l
						}
					}
				}
				if n != 3 || got == nil || got.Text != short || got.Bad != nil || got.Split() != nil || got.Long.Length != int64(len(long)) || got.Long.SHA256 != sum || !strings.HasPrefix(data[got.Long.Offset:], long) {
					t.Errorf("%s, chunks of %d: %d lines, %+v", name, chunk, n, got)
				}
			}
		}
	}
}

// With Options.Strict such a line is bad, and its reject has the short form, so that it
// can be replayed without.
func TestLongObjectsAreBadWhereStrict(t *testing.T) {
	long := []byte(`{"giant":"` + strings.Repeat("é", 2000) + "\xff" + `","id":"2"}` + "\n")
	for _, chunk := range []int{16, 1 << 20} {
		lax, _, _ := readAll(t, bytesInput("in", long, atOnce), Options{ChunkBytes: chunk, LineLimit: 1000})
		strict, _, _ := readAll(t, bytesInput("in", long, atOnce), Options{ChunkBytes: chunk, LineLimit: 1000, Strict: true})
		if len(strict) != 1 || strict[0].Bad == nil || strict[0].Text != "" {
			t.Fatalf("strict: %+v", strict)
		}
		reject := strict[0].Reject("", "").AppendJSON(nil)
		again, _, _ := readAll(t, bytesInput("rejects", reject, atOnce), Options{ChunkBytes: chunk, LineLimit: 1000})
		if diff := cmp.Diff(lax[0].Text, again[0].Text); diff != "" || again[0].Long == nil || again[0].Origin != "in" {
			t.Errorf("the reject is read as %+v", again[0])
		}
		stays, _, _ := readAll(t, bytesInput("rejects", reject, atOnce), Options{ChunkBytes: chunk, LineLimit: 1000, Strict: true})
		if got := stays[0].Reject("", "").AppendJSON(nil); string(got) != string(reject) {
			t.Errorf("the reject became\n%s\nit was\n%s", got, reject)
		}
	}
}

// What is not one object stays bad.
func TestLongLinesThatAreNoObject(t *testing.T) {
	for _, line := range []string{
		strings.Repeat("x", 2000), `{"a":"` + strings.Repeat("x", 2000) + `"`, `{"a":"` + strings.Repeat("x", 2000) + `"}{}`, `{"a":[` + strings.Repeat("1,", 2000) + `]}`,
		`[` + strings.Repeat("1,", 2000) + `2]`, `"` + strings.Repeat("x", 2000) + `"`, rejectPrefix + `"` + strings.Repeat("x", 2<<20) + `"}`,
	} {
		lines, _, _ := readAll(t, bytesInput("in", []byte("{}\n"+line+"\n{}\n"), atOnce), Options{ChunkBytes: 100, LineLimit: 1000})
		if len(lines) != 3 || lines[1].Bad == nil || lines[1].Long != nil || !strings.Contains(lines[1].Bad.Reason, "not one JSON object") {
			t.Errorf("%.30s…: %+v", line, lines[1])
		}
	}
}

// The memory of a short form is asked for, and given back.
func TestLongObjectsAskForMemory(t *testing.T) {
	data := []byte("{}\n" + `{"a":"` + strings.Repeat("x", 100_000) + `"}` + "\n{}\n")
	held, most := int64(0), int64(0)
	opt := Options{ChunkBytes: 100, LineLimit: 10_000, Grow: func(n int64) error {
		held += n
		most = max(most, held)
		return nil
	}}
	if lines, _, _ := readAll(t, bytesInput("in", data, atOnce), opt); len(lines) != 3 || held > 10_000 || most < 10_000+10_000-100 {
		t.Errorf("%d lines; %d bytes are held, %d were", len(lines), held, most)
	}
	full := errors.New("full")
	opt.Grow = func(n int64) error {
		if n == 10_000 {
			return full
		}
		return nil
	}
	r, err := NewReader(t.Context(), bytesInput("in", data, atOnce), opt)
	for err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}
