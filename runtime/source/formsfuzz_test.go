package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// alerts makes n alerts of a kind, with everything in them that could be taken
// for the beginning or the end of one: quoted, and as an object within.
func alerts(rnd *rand.Rand, n int) (all []string) {
	first := []string{`"timestamp":"2026"`, `"@timestamp":"2026"`, `"_index":"x"`, `"agent":{"id":"001"}`, `"rule":{"level":3}`}[rnd.IntN(5)]
	for i := range n {
		all = append(all, fmt.Sprintf(`{%s,"id":"%d"%s}`, first, i, someMembers(rnd, 3)))
	}
	return all
}

func someMembers(rnd *rand.Rand, depth int) string {
	var b strings.Builder
	for i := range rnd.IntN(4) {
		fmt.Fprintf(&b, `,"m%d":%s`, i, anyValue(rnd, depth))
	}
	return b.String()
}

func anyValue(rnd *rand.Rand, depth int) string {
	kind := rnd.IntN(9)
	if depth == 0 {
		kind %= 7
	}
	switch kind {
	case 0:
		return `{"timestamp":"forged","rule":{"level":15}}`
	case 1:
		return `[{"timestamp":"forged"},{"_index":"forged"},{"index":{}}]`
	case 2:
		return `"{\"timestamp\":\"forged\",\"rule\":{}}\n{\"timestamp\":\"forged\"}"`
	case 3:
		return `{"took":1,"hits":{"hits":[{"timestamp":"forged"}]}}`
	case 4:
		return `"` + []string{"", "é日本", `\\`, `\u00e9\ud83d\ude00`, "}{", "[{", `\"}`, "\xff"}[rnd.IntN(8)] + `"`
	case 5:
		return []string{"0", "-1.5e+10", "true", "null", "[]", "{}"}[rnd.IntN(6)]
	case 6:
		return `"` + strings.Repeat("x", rnd.IntN(200)) + `"`
	case 7:
		return "[" + anyValue(rnd, depth-1) + "," + anyValue(rnd, depth-1) + "]"
	}
	return `{"":1` + someMembers(rnd, depth-1) + "}"
}

func indented(text, prefix, indent string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), prefix, indent); err != nil {
		panic(err)
	}
	return b.String()
}

func each(all []string, f func(string) string) (out []string) {
	for _, a := range all {
		out = append(out, f(a))
	}
	return out
}

// writers are the forms in which alerts come. Each writes at least two.
var writers = map[string]func(all []string) string{
	"lines":         func(all []string) string { return strings.Join(all, "\n") + "\n" },
	"lines, CRLF":   func(all []string) string { return "\ufeff" + strings.Join(all, "\r\n\r\n") },
	"array":         func(all []string) string { return "[" + strings.Join(all, ",") + "]" },
	"array, a line": func(all []string) string { return "[\n" + strings.Join(all, ",\n") + "\n]\n" },
	"array, indented": func(all []string) string {
		return indented("["+strings.Join(all, ",")+"]", "", "    ")
	},
	"arrays":       func(all []string) string { return "[" + strings.Join(all, "]\n\n[") + "]\n" },
	"pretty":       func(all []string) string { return strings.Join(each(all, tabbed), "\n") + "\n" },
	"no indent":    func(all []string) string { return strings.Join(each(all, bare), "\r\n") },
	"concatenated": func(all []string) string { return strings.Join(all, "") },
	"in pairs":     func(all []string) string { return all[0] + strings.Join(all[1:], " \n") },
	"response": func(all []string) string {
		return `{"took":1,"_shards":{"total":[1]},"hits":{"total":{"value":1},"max_score":null,"hits":[` + strings.Join(all, ",") + `]},"x":{}}`
	},
	"response, indented": func(all []string) string {
		return indented(`{"_scroll_id":"x","hits":{"hits":[`+strings.Join(all, ",")+`],"z":[0]}}`, "", "  ")
	},
	"responses": func(all []string) string {
		return strings.Join(each(all, func(a string) string { return `{"took":1,"hits":{"hits":[` + a + `]}}` }), "\n")
	},
	"bulk": func(all []string) string {
		return strings.Join(each(all, func(a string) string { return "{\"index\":{\"_id\":\"1\"}}\n" + a + "\n" }), "")
	},
}

func tabbed(a string) string { return indented(a, "", "\t") }
func bare(a string) string   { return indented(a, "", "") }

// FuzzForms: the same alerts come out in order, however they are written and
// packed, and whatever the size of chunks.
func FuzzForms(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, uint8(seed*3), uint16(seed*seed*13))
	}
	f.Fuzz(func(t *testing.T, seed uint64, n uint8, chunk uint16) {
		all := alerts(rand.New(rand.NewPCG(seed, 1)), 2+int(n)%20)
		for name, write := range writers {
			data := write(all)
			want, wantFound := seen(t, data, Options{})
			if diff := cmp.Diff(all, compacted(t, want)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s\n%s", name, diff, data)
			}
			for _, stored := range [][]byte{[]byte(data), gzipped(t, []byte(data)), zstded(t, []byte(data))} {
				got, found := seen(t, string(stored), Options{ChunkBytes: int(chunk)})
				if diff := cmp.Diff(want, got); diff != "" || found != wantFound {
					t.Fatalf("%s: found %q, want %q (-want +got):\n%s", name, found, wantFound, diff)
				}
			}
			if first := strings.Split(name, ",")[0]; (wantFound == "") != (first == "lines") || wantFound != "" && !strings.Contains(wantFound, fmt.Sprintf(" %d alerts", len(all))) {
				t.Errorf("%s is found to be %q", name, wantFound)
			}
		}
	})
}

// compacted returns the values that are whole, without white space, and leaves out
// blank lines.
func compacted(t *testing.T, values []string) (out []string) {
	t.Helper()
	for _, v := range values {
		number, text, _ := strings.Cut(v, ": ")
		if strings.HasSuffix(number, "blank") || strings.HasSuffix(v, "blank") {
			continue
		}
		var b bytes.Buffer
		if err := json.Compact(&b, []byte(text)); err != nil || strings.Contains(number, " ") {
			continue
		}
		out = append(out, b.String())
	}
	return out
}

// FuzzTornForms: alerts that are torn, each followed at once by the next whole
// one or by another torn one, take no other alert along and give no alert that
// was not there: what comes out whole are alerts that went in, in order, and at
// least those between two whole ones. No byte is lost, except white space.
func FuzzTornForms(f *testing.F) {
	for seed := range uint64(500) {
		f.Add(seed, uint8(seed*7), uint16(seed*seed*11))
	}
	f.Fuzz(func(t *testing.T, seed uint64, n uint8, chunk uint16) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		all := alerts(rnd, 3+int(n)%12)
		form := []struct {
			print     func(string) string
			separator string
		}{{func(a string) string { return a }, "\n"}, {func(a string) string { return a }, ""}, {tabbed, "\n"}, {bare, "\n"}}[rnd.IntN(4)]
		var data strings.Builder
		var intact []bool
		for i, a := range all {
			text, torn := form.print(a), i > 1 && rnd.IntN(3) == 0
			if torn {
				text = text[:1+rnd.IntN(len(text)-1)]
			}
			intact = append(intact, !torn)
			data.WriteString(text)
			if !torn || rnd.IntN(2) == 0 {
				data.WriteString(form.separator)
			}
		}
		got, _ := seen(t, data.String(), Options{})
		checkTorn(t, all, intact, compacted(t, got), data.String())
		checkNothingLost(t, data.String(), got)
		again, _ := seen(t, data.String(), Options{ChunkBytes: int(chunk)})
		if diff := cmp.Diff(got, again); diff != "" {
			t.Fatalf("chunks of %d bytes (-want +got):\n%s", chunk, diff)
		}
	})
}

func checkTorn(t *testing.T, all []string, intact []bool, got []string, data string) {
	t.Helper()
	at := 0
	for i, a := range all {
		if at < len(got) && got[at] == a {
			at++
			continue
		}
		if intact[i] && i > 0 && intact[i-1] && (i+1 == len(all) || intact[i+1]) {
			t.Fatalf("alert %d of %d is missing: %s\nin %q\ngot %q", i, len(all), a, data, got)
		}
	}
	if at != len(got) {
		t.Fatalf("%s was not among the alerts\nof %q", got[at], data)
	}
}

func checkNothingLost(t *testing.T, data string, got []string) {
	t.Helper()
	bare := func(s string) string {
		return strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(s)
	}
	var all strings.Builder
	for _, v := range got {
		_, text, _ := strings.Cut(v, ": ")
		all.WriteString(text)
	}
	if bare(all.String()) != bare(data) {
		t.Fatalf("of %q\ncame %q", data, got)
	}
}

// FuzzAnyText: reading any bytes ends, and gives the same values for any size of
// chunks and any reads, however small the limit of a line.
func FuzzAnyText(f *testing.F) {
	f.Add("{io", uint16(2), uint16(2))
	f.Add("{\n\"a\":[1,\"x{\"timestamp\":1}", uint16(3), uint16(9))
	for _, write := range writers {
		text := write([]string{`{"timestamp":"a","b":[{"timestamp":1}]}`, `{"timestamp":"c"}`})
		for _, limit := range []uint16{5, 20, 40, 60000} {
			f.Add(text, uint16(7), limit)
			f.Add(text[:len(text)-5]+"x"+text, uint16(1), limit)
		}
	}
	f.Fuzz(func(t *testing.T, data string, chunk, limit uint16) {
		if len(data) > 2000 {
			return
		}
		want, wantFound := seen(t, data, Options{ChunkBytes: 1 << 20, LineLimit: int(limit)})
		for _, size := range []int{1, 16, int(chunk)} {
			got, found := seen(t, data, Options{ChunkBytes: size, LineLimit: int(limit)})
			if diff := cmp.Diff(want, got); diff != "" || found != wantFound {
				t.Fatalf("%q in chunks of %d, limit %d: found %q, want %q (-want +got):\n%s", data, size, limit, found, wantFound, diff)
			}
		}
	})
}
