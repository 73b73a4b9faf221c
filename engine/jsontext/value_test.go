package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzValueEnd: a text is one value exactly if the standard library says so.
// What a text's beginning decides, more text does not change: a fault stays
// where it is, and a whole list, object or string ends where it ended.
func FuzzValueEnd(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, ` {"a":[1,-0.5e+3,{"b":null}],"c":{"d":true,"":false}} `, `{"a":1,}`, `[1,]`, `[,]`, `{"a"}`, `{"a":}`, `{a:1}`, `[1}`, `{"a":1]`,
		`01`, `-`, `1.`, `1e`, `1e+`, `-0`, `tru`, `trux`, `"\u12`, `"\u1x`, `"\`, "\"\xff\\\"\xff\"", "\"a\nb\"", `{"a":"x{"b":1}`, `1 2`, ``, ` `,
		strings.Repeat("[", 300) + strings.Repeat("]", 300), strings.Repeat(`{"a":`, 70) + strings.Repeat("[", 70) + strings.Repeat("}", 70),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 400 {
			return
		}
		end := ValueEnd(s, Blank(s, 0))
		one := end >= 0 && Blank(s, end) == len(s)
		if want := json.Valid([]byte(s)); one != want {
			t.Fatalf("%q is one value: %t, want %t (%d)", s, one, want, end)
		}
		for cut := range len(s) {
			head := s[:cut]
			got := ValueEnd(head, Blank(head, 0))
			switch {
			case got == ^cut: // goes on
			case got < 0 || got < cut:
				if got != end {
					t.Fatalf("%q gives %d, and its first %d bytes %d", s, end, cut, got)
				}
			}
			if got == cut && end < 0 && ^end < cut {
				t.Fatalf("%q gives %d, and its first %d bytes are a value", s, end, cut)
			}
		}
	})
}

func TestValueEndSaysWhere(t *testing.T) {
	for s, want := range map[string]int{
		`{"a":1}{"b":2}`: 7, `{"a":1,}`: ^7, `{"a":"x{"b":1}}`: ^9, `[1,2`: ^4, `{"a":tru`: ^8, `{"a":trx}`: ^5, `{"a":"\u00`: ^10, `{"a":"\x"}`: ^6,
		`[1}`: ^2, `12`: 2, ``: ^0, `{`: ^1, `{"a"`: ^4, `{"a" 1}`: ^5, "{\"a\":\"\xe9t\xe9\"}": 11,
	} {
		if got := ValueEnd(s, 0); got != want {
			t.Errorf("%q gives %d, want %d", s, got, want)
		}
	}
}

func TestValueEndAtAnyDepth(t *testing.T) {
	const depth = 1 << 20
	s := strings.Repeat(`[{"a":`, depth) + "1" + strings.Repeat("}]", depth)
	if got := ValueEnd(s, 0); got != len(s) {
		t.Errorf("gives %d, want %d", got, len(s))
	}
	if got := ValueEnd(s[:len(s)-1]+"}", 0); got != ^(len(s) - 1) {
		t.Errorf("gives %d, want %d", got, ^(len(s) - 1))
	}
	shallow := strings.Repeat("[", 250) + "1" + strings.Repeat("]", 250)
	if n := testing.AllocsPerRun(10, func() { ValueEnd(shallow, 0) }); n != 0 {
		t.Errorf("%v allocations for a depth of 250", n)
	}
}

func BenchmarkValueEnd(b *testing.B) {
	s := `{"timestamp":"2026-03-14T09:26:53.589+0000","rule":{"level":5,"description":"sshd: Attempt to login using a non-existent user","id":"5710",` +
		`"mitre":{"id":["T1110.001","T1021.004"],"tactic":["Credential Access"]},"groups":["syslog","sshd","invalid_login"]},` +
		`"agent":{"id":"001","name":"bastion","ip":"192.0.2.7"},"full_log":"Mar 14 09:26:53 bastion sshd[2412]: Failed password for invalid user \"x\" from 198.51.100.7"}`
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		if ValueEnd(s, 0) != len(s) {
			b.Fatal("this is a value")
		}
	}
}
