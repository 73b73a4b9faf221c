package source

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestRejectForm(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	tests := []struct {
		reject Reject
		want   string
	}{
		{
			Reject{Origin: "a.json", Line: 12, Reason: "no JSON", Raw: `{"a":` + "\t\x01\u2028é"},
			`{"origin":"a.json","line":12,"reason":"no JSON","where":"","raw":"{\"a\":\t\u0001` + "\u2028é" + `"}`,
		},
		{
			Reject{Origin: "a\xff", Line: 1, Reason: "r\n", Where: "m.yaml:3:4: x", Raw: "\xff"},
			`{"origin":"a` + "\uFFFD" + `","line":1,"reason":"r\n","where":"m.yaml:3:4: x","encoding":"base64","raw":"/w=="}`,
		},
		{
			Reject{Origin: "o", Line: 1, Raw: "head", Truncated: true, Length: 40, Offset: 7, SHA256: sum},
			`{"origin":"o","line":1,"reason":"","where":"","raw":"head","truncated":true,"length":40,"offset":7,"sha256":"` + sum + `"}`,
		},
		{
			Reject{Origin: "o", Line: 1, Raw: "head", Truncated: true, Length: 40, Offset: 7, SHA256: sum, Short: `{"a":1}`},
			`{"origin":"o","line":1,"reason":"","where":"","raw":"head","truncated":true,"length":40,"offset":7,"sha256":"` + sum + `","short":"{\"a\":1}"}`,
		},
		{
			Reject{Origin: "o", Line: 10_001, Reason: "r", Count: 12, Lines: "10001-10011,10020"},
			`{"origin":"o","line":10001,"reason":"r","where":"","raw":"","folded":true,"count":12,"lines":"10001-10011,10020"}`,
		},
	}
	for _, test := range tests {
		got := string(test.reject.AppendJSON(nil))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		back, ok := ParseReject(got)
		test.reject.Origin = strings.ToValidUTF8(test.reject.Origin, "\uFFFD")
		if diff := cmp.Diff(test.reject, back); !ok || diff != "" {
			t.Errorf("read back %t (-want +got):\n%s", ok, diff)
		}
	}
}

func TestEscapesThatBlowUp(t *testing.T) {
	for _, test := range []struct {
		raw    string
		base64 bool
	}{
		{strings.Repeat(`"\`, 30_000), false},
		{strings.Repeat(`"\`, 60_000), true},
		{strings.Repeat("\x00", 20_000), true},
		{strings.Repeat(`{"member":"value"},`, 60_000), false},
	} {
		line := Reject{Raw: test.raw}.AppendJSON(nil)
		if got := bytes.Contains(line, []byte(`"encoding":"base64"`)); got != test.base64 {
			t.Errorf("%.10q…: base64 is %t", test.raw, got)
		}
		if bound := len(test.raw) + len(test.raw)/3 + escapeSlack + 200; len(line) > bound {
			t.Errorf("%.10q…: %d bytes, want at most %d", test.raw, len(line), bound)
		}
	}
}

func TestNotesAreBounded(t *testing.T) {
	for shift := range 4 {
		long := strings.Repeat("x", shift) + strings.Repeat("🂡", noteBytes)
		back, ok := ParseReject(string(Reject{Reason: long, Where: long}.AppendJSON(nil)))
		if !ok || !strings.HasPrefix(long, back.Reason) || back.Reason != back.Where || len(back.Reason) < noteBytes-3 || len(back.Reason) > noteBytes {
			t.Errorf("shift %d: a reason of %d bytes is kept", shift, len(back.Reason))
		}
	}
}

func TestNoReject(t *testing.T) {
	whole := `{"origin":"o","line":1,"reason":"r","where":"","raw":"x"`
	sum := strings.Repeat("0a", 32)
	for _, line := range []string{
		whole, whole + "}x", whole + "}}", whole + ",}", whole + `,"more":1}`, whole + `,"raw":"y"}`,
		`{"origin":"o"}`, `{"origin":1,"line":1,"reason":"r","where":"","raw":"x"}`,
		`{"origin":"o","line":"1","reason":"r","where":"","raw":"x"}`,
		`{"origin":"o","line":01,"reason":"r","where":"","raw":"x"}`,
		`{"origin":"o","line":-1,"reason":"r","where":"","raw":"x"}`,
		`{"origin":"o","line":1.0,"reason":"r","where":"","raw":"x"}`,
		`{"origin":"o","line":99999999999999999999,"reason":"r","where":"","raw":"x"}`,
		`{"origin":"o","line":,"reason":"r","where":"","raw":"x"}`,
		`{"origin":"o","line":1,"reason":"r","where":null,"raw":"x"}`,
		`{"origin":"o","line":1,"reason":"r","where":"","raw":{}}`,
		`{"origin":"o","line":1,"reason":"r","where":"","Raw":"x"}`,
		`{"origin":"o","line":1,"reason":"r","where":"","raw":"` + "\xff" + `"}`,
		`{"origin":"o","line":1,"reason":"r","where":"","raw":"` + "\t" + `"}`,
		`{"origin":"o","line":1,"reason":"r","where":"","raw":"\ud800"}`,
		`{"origin":"o","line":1,"reason":"r","where":"","raw":"\ud83d \ude00"}`,
		`{"origin":"o","line":1,"reason":"r","where":"","raw":"\x"}`, `{"origin":"o","line":1,"reason":"r","where":"","raw":"\u12"}`,
		whole + `,"encoding":"base32"}`, whole + `,"encoding":"base64"}`,
		whole + `,"truncated":true}`, whole + `,"truncated":false}`, whole + `,"length":1,"offset":2,"sha256":"` + sum + `"}`,
		whole + `,"truncated":true,"length":1,"offset":2,"sha256":"00"}`, whole + `,"short":"{}"}`,
		whole + `,"truncated":true,"length":1,"offset":2,"short":"{}"}`, whole + `,"truncated":true,"length":1,"offset":2,"sha256":"` + sum + `","short":""}`,
		` ` + whole + "}", `{ "origin":"o","line":1,"reason":"r","where":"","raw":"x"}`,
	} {
		if r, ok := ParseReject(line); ok {
			t.Errorf("%s is taken for the reject %+v", line, r)
		}
		data := []byte(line + "\n")
		if lines, _, _ := readAll(t, bytesInput("in", data, atOnce), Options{}); lines[0].Text != line || lines[0].Origin != "in" {
			t.Errorf("%s is read as %+v", line, lines[0])
		}
	}
}

func TestRejectsOfOthers(t *testing.T) {
	line := ` { "raw" : "\u00e9\ud83d\ude00\/\b\f\n\r\t" , "where":"w", "line" : 0,"reason":"r" } `
	line = `{"origin":"o",` + strings.TrimPrefix(line, ` {`)
	want := Reject{Origin: "o", Reason: "r", Where: "w", Raw: "é😀/\b\f\n\r\t"}
	got, ok := ParseReject(line)
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("%t (-want +got):\n%s", ok, diff)
	}
}

// TestRejectsRunAgain reads lines, rejects them all, and reads the rejects: the
// second time gives the same rejects, byte for byte, and so do all later ones.
func TestRejectsRunAgain(t *testing.T) {
	data := append([]byte("{\"a\":1}\r\n\xff\xfe\n"+strings.Repeat("y", 300)+"\n{\"a\":\""+strings.Repeat("z", 300)+"\"}\n"), someLines(20)...)
	stored := gzipped(t, data)
	lines, _, _ := readAll(t, bytesInput("first", stored[:len(stored)-20], atOnce), Options{LineLimit: 200})
	if bad := lines[len(lines)-1].Bad; bad == nil || lines[2].Bad == nil || lines[3].Long == nil {
		t.Fatal("the input was to have two lines over the limit, one of them JSON, and a break")
	}
	rejects := func(lines []Line) (out []byte) {
		for _, l := range lines {
			reason := "why"
			if l.Bad != nil {
				reason = ""
			}
			out = append(l.Reject(reason, "where").AppendJSON(out), '\n')
		}
		return out
	}
	once := rejects(lines)
	again, _, _ := readAll(t, bytesInput("second", once, atOnce), Options{LineLimit: 200})
	if diff := cmp.Diff(string(once), string(rejects(again))); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
	for i, l := range again {
		if l.Origin != "first" || l.OriginLine != int64(i+1) || l.Text != lines[i].Text || l.Blank {
			t.Errorf("line %d comes back as %+v", i+1, l)
		}
	}
}

// The first line says whether an input holds rejects.
func TestHoldsRejects(t *testing.T) {
	reject := string(Reject{Origin: "a.json", Line: 1, Reason: "no JSON", Raw: "x"}.AppendJSON(nil))
	long := string(Reject{Origin: "a.json", Line: 1, Raw: strings.Repeat("x", 5000)}.AppendJSON(nil))
	for text, want := range map[string]bool{
		"":                                      false,
		"{}\n" + reject + "\n":                  false,
		reject:                                  true,
		reject + "\n{}\n":                       true,
		reject + "\r\n":                         true,
		long + "\n":                             true,
		rejectPrefix + `"by another program"}`:  false,
		rejectPrefix + `"another's"}` + "\n":    false,
		rejectPrefix + `"it ends early`:         false,
		rejectPrefix[:len(rejectPrefix)-1]:      false,
		strings.Repeat(" ", 5000) + reject:      false,
		strings.Repeat("{}\n", 5000) + reject:   false,
		`["` + strings.Repeat("x", 5000) + `"]`: false,
	} {
		for _, pace := range paces {
			r, err := NewReader(t.Context(), bytesInput("in", []byte(text), pace), Options{ChunkBytes: 1000})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := r.HoldsRejects(); got != want || err != nil {
				t.Errorf("%.60q holds rejects: %t, want %t (%v)", text, got, want, err)
			}
			r.Close()
		}
	}
}

// FuzzReject: any bytes become one line of JSON that reads back as the same.
func FuzzReject(f *testing.F) {
	f.Add("a.json", int64(1), "no JSON", []byte("{\"a\":\xff"), false)
	f.Add("s3://b/k", int64(1<<60), "", []byte("\r\n\x00\u2028\"\\é"), true)
	f.Add("", int64(0), "\\", Reject{Origin: "o", Raw: "x"}.AppendJSON(nil), false)
	f.Fuzz(func(t *testing.T, origin string, line int64, note string, raw []byte, truncated bool) {
		origin = strings.ToValidUTF8(origin, "\uFFFD")
		note = strings.ToValidUTF8(note[:min(len(note), 1000)], "\uFFFD")
		want := Reject{Origin: origin, Line: max(line, 0), Reason: note, Where: note, Raw: string(raw)}
		if truncated {
			want.Truncated, want.Length, want.Offset, want.SHA256, want.Short = true, 1<<62, 0, strings.Repeat("f", 64), note
		}
		got := want.AppendJSON(nil)
		if bytes.ContainsAny(got, "\n\r") || !json.Valid(got) || !utf8.Valid(got) {
			t.Fatalf("not one line of JSON: %q", got)
		}
		back, ok := ParseReject(string(got))
		if diff := cmp.Diff(want, back); !ok || diff != "" {
			t.Fatalf("read back %t (-want +got):\n%s", ok, diff)
		}
		lines, _, _ := readAll(t, bytesInput("rejects", got, atOnce), Options{})
		if len(lines) != 1 || lines[0].Origin != origin || lines[0].OriginLine != want.Line || truncated != (lines[0].Bad != nil || lines[0].Long != nil) {
			t.Fatalf("read as %+v", lines)
		}
		text := lines[0].Text
		if back := lines[0].Reject("", ""); truncated {
			text = back.Raw
		}
		if text != string(raw) {
			t.Fatalf("%q comes back as %q", raw, text)
		}
	})
}

// FuzzParseReject: what is taken for a reject is JSON, and means to the
// standard library what it means here.
func FuzzParseReject(f *testing.F) {
	f.Add(`"o","line":1,"reason":"r","where":"","raw":"\u00e9\ud83d\ude00"}`)
	f.Add(` "o" , "raw":"/w==","encoding":"base64","line":0,"where":"w","reason":"" } `)
	f.Fuzz(func(t *testing.T, rest string) {
		got, ok := ParseReject(rejectPrefix + rest)
		if !ok {
			return
		}
		var want struct {
			Origin, Reason, Where, SHA256, Short string
			Line, Length, Offset                 int64
			Raw                                  any
			Truncated                            bool
			Encoding                             string
		}
		if err := json.Unmarshal([]byte(rejectPrefix+rest), &want); err != nil {
			t.Fatalf("%q is not JSON: %v", rest, err)
		}
		plain := Reject{
			Origin: want.Origin, Line: want.Line, Reason: want.Reason, Where: want.Where, Raw: got.Raw,
			Truncated: want.Truncated, Length: want.Length, Offset: want.Offset, SHA256: want.SHA256, Short: want.Short,
		}
		if diff := cmp.Diff(plain, got); diff != "" || want.Encoding == "" && got.Raw != want.Raw {
			t.Fatalf("raw %q, others (-want +got):\n%s", want.Raw, diff)
		}
	})
}
