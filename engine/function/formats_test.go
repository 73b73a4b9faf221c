package function

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// called calls a function with texts, and returns the result as JSON, or "fails".
func called(name string, texts ...string) string {
	args := make([]alert.Value, len(texts))
	for i, s := range texts {
		args[i] = alert.OfText(s)
	}
	m := new(Machine)
	defer m.Leave(m.Enter())
	v, err := Named(name).Invoke(m, args)
	if err != nil {
		return "fails"
	}
	return string(v.AppendJSON(nil))
}

func inJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return string(alert.Value{Kind: alert.Object, Text: strings.TrimSpace(b.String())}.Decoded().AppendJSON(nil))
}

// Law: parseCSV reads a line that encoding/csv wrote, with any separator, and a
// line that encoding/csv accepts as that does.
func FuzzParseCSV(f *testing.F) {
	f.Add("a", "b,c", `d"e`, ";")
	f.Add("", " x ", `"`, "ä")
	f.Fuzz(func(t *testing.T, a, b, c, separator string) {
		comma, size := utf8.DecodeRuneInString(separator)
		if size != len(separator) || strings.ContainsAny(a+b+c+separator, "\r\n") || !utf8.ValidString(a+b+c) {
			return
		}
		var line strings.Builder
		w := csv.NewWriter(&line)
		w.Comma = comma
		if w.Write([]string{a, b, c}) == nil {
			w.Flush()
			if got, want := called("parseCSV", line.String(), separator), inJSON([]string{a, b, c}); got != want {
				t.Errorf("%q with %q: %s, want %s", line.String(), separator, got, want)
			}
		}
		r := csv.NewReader(strings.NewReader(a))
		r.Comma = comma
		if fields, err := r.Read(); err == nil {
			if got, want := called("parseCSV", a, separator), inJSON(fields); got != want {
				t.Errorf("%q with %q: %s, want %s", a, separator, got, want)
			}
		}
	})
}

// Law: pairs that are written in quotes are read again, whatever they hold, and a
// key that is written several times gives a list.
func FuzzParseKV(f *testing.F) {
	f.Add("a", "x y", "b", `say "hi"`, " ", "=")
	f.Add("a", `C:\`, "a", `\"`, ";", ":")
	f.Add("a", "", "b", "'", "\t", "=>")
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2, pair, equals string) {
		for _, s := range []string{v1 + " " + k1, k2, v2} {
			called("parseKV", s, pair, equals) // ends, and never panics
		}
		words := regexp.MustCompile(`^[a-z0-9ä]+$`).MatchString
		marks := regexp.MustCompile(`^[ \t;,|:=>&]+$`).MatchString
		if !words(k1) || !words(k2) || !marks(pair) || !marks(equals) || strings.ContainsAny(pair, equals) || !utf8.ValidString(v1+v2) {
			return
		}
		want := map[string]any{k1: v1, k2: v2}
		if k1 == k2 {
			want[k1] = []string{v1, v2}
		}
		text := k1 + equals + `"` + quote.Replace(v1) + `"` + pair + k2 + equals + `"` + quote.Replace(v2) + `"`
		if got := called("parseKV", text, pair, equals); got != inJSON(want) {
			t.Errorf("%q with %q and %q: %s, want %s", text, pair, equals, got, inJSON(want))
		}
	})
}

// Law: the parts of a URL are those that net/url finds, where it reads the URL.
func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"http://ann:pw@example.com:8080/a%20b?c=d#e", "/a?b", "//h", "https://[::1]:80", "a:b", "example.com:443", "x://", "?", "#", "http://h:/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := called("parseURL", s)
		u, err := url.Parse(s)
		if control := func(c rune) bool { return c < ' ' || c == 0x7f }; err != nil || s == "" || strings.ContainsFunc(s, control) || !utf8.ValidString(s) {
			return
		}
		if port, err := strconv.ParseUint(u.Opaque, 10, 16); err == nil && len(u.Opaque) <= 5 { // HOST:PORT
			if want := inJSON(map[string]any{"hostname": u.Scheme, "port": port}); u.RawQuery+u.Fragment == "" && !strings.EqualFold(got, want) {
				t.Errorf("%q: %s, want %s", s, got, want)
			}
			return
		}
		want := map[string]any{"scheme": u.Scheme, "hostname": u.Hostname(), "path": u.Opaque, "query_string": u.RawQuery}
		if _, fragment, ok := strings.Cut(s, "#"); ok {
			want["fragment"] = fragment
		}
		if port, err := strconv.ParseUint(u.Port(), 10, 64); err == nil {
			want["port"] = port
			if port > 65535 {
				if got != "fails" {
					t.Errorf("%q: %s", s, got)
				}
				return
			}
		}
		var parts map[string]any
		if err := json.Unmarshal([]byte(got), &parts); err != nil {
			t.Fatalf("%q: %s", s, got)
		}
		if scheme, ok := parts["scheme"].(string); ok { // net/url writes it in lower case
			parts["scheme"] = strings.ToLower(scheme)
		}
		for name, w := range want { // net/url decodes hosts, users and paths
			have, ok := parts[name]
			switch {
			case name == "hostname" && strings.Contains(s, "%"), name == "path" && u.Opaque == "":
			case w == "" && ok, w != "" && inJSON(have) != inJSON(w):
				t.Errorf("%q: %s, want %s %v", s, got, name, w)
			}
		}
		if path, _ := parts["path"].(string); u.Opaque == "" {
			if decoded, err := url.PathUnescape(path); err != nil || decoded != u.Path {
				t.Errorf("%q: %s, want path %s", s, got, u.Path)
			}
		}
		if user, _ := parts["user"].(string); u.User != nil {
			if decoded, err := url.PathUnescape(user); err != nil || decoded != u.User.Username() {
				t.Errorf("%q: %s, want user %s", s, got, u.User)
			}
		}
	})
}

// Law: the parameters of a query are those that net/url finds, where it reads it.
func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"a=b&c=d", "a=%20+&a", "&=&", "%zz=1", "a=1;b=2", "x=%ff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := called("parseQuery", s)
		values, err := url.ParseQuery(s)
		if err != nil || strings.HasPrefix(s, "?") || !utf8.ValidString(s) {
			return
		}
		want := map[string]any{}
		for name, all := range values {
			for i := range all {
				if !utf8.ValidString(name + all[i]) {
					return
				}
			}
			if want[name] = all; len(all) == 1 {
				want[name] = all[0]
			}
		}
		if len(want) == 0 && got == "null" {
			return
		}
		if got != inJSON(want) {
			t.Errorf("%q: %s, want %s", s, got, inJSON(want))
		}
	})
}

// Law: unescape reads what encoding/json and strconv wrote.
func FuzzUnescape(f *testing.F) {
	for _, s := range []string{"a\nb", `C:\Temp`, `"'`, "\u2028😀", `\ud83d\ude00`, `\ud800\u0041`, `\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var decoded string
		if json.Unmarshal([]byte(`"`+s+`"`), &decoded) == nil && utf8.ValidString(s) {
			if got := called("unescape", s); got != inJSON(decoded) {
				t.Errorf("%q: %s, want %s", s, got, inJSON(decoded))
			}
		}
		if utf8.ValidString(s) {
			written := strings.Trim(inJSON(s), `"`)
			if strings.HasSuffix(s, `"`) || strings.HasPrefix(s, `"`) {
				return
			}
			if got := called("unescape", written); got != inJSON(s) {
				t.Errorf("%q: %s, want %s", written, got, inJSON(s))
			}
		}
	})
}

// Law: regexReplace and regexAll are those of package regexp.
func FuzzPatterns(f *testing.F) {
	f.Add("a1 b2", "([a-z])", "<$1>")
	f.Add("aaa", "a*?", "${0}$x$$")
	f.Add("", "(?m)^|$", "-")
	f.Fuzz(func(t *testing.T, s, pattern, with string) {
		re, err := regexp.Compile(pattern)
		if err != nil || len(pattern) > 100 || len(s) > 1000 || !utf8.ValidString(s+with) {
			return
		}
		if got, want := called("regexReplace", s, pattern, with), inJSON(re.ReplaceAllString(s, with)); got != want {
			t.Errorf("%q, %q, %q: %s, want %s", s, pattern, with, got, want)
		}
		if got, want := called("redact", s, "(?:"+pattern+")", "x"), inJSON(re.ReplaceAllString(s, "x")); re.NumSubexp() == 0 && !re.MatchString("") && got != want {
			t.Errorf("redact %q, %q: %s, want %s", s, pattern, got, want)
		}
		if all := re.FindAllString(s, -1); re.NumSubexp() == 0 && len(all) > 0 {
			if got := called("regexAll", s, pattern); got != inJSON(all) {
				t.Errorf("%q, %q: %s, want %s", s, pattern, got, inJSON(all))
			}
		}
	})
}

// Law: round gives the number of so many digits that is nearest to the decimal
// number, and of two the one further from zero. Arithmetic on text is the oracle.
func FuzzRound(f *testing.F) {
	for _, n := range []float64{1.005, 2.675, 0.5, -0.5, 1e22, 123456.789, 5e-324, 0.1 + 0.2, 999.995, 1e-7} {
		f.Add(n, int8(2))
		f.Add(n, int8(-1))
	}
	f.Fuzz(func(t *testing.T, n float64, digits int8) {
		v := alert.OfFloat(n)
		if v.Kind == alert.Nil || n < 0 && n > -1e-300 || n > -1e-300 && n < 1e-300 && n != 0 {
			return
		}
		got, err := Named("round").Invoke(new(Machine), []alert.Value{v, alert.OfInt(int64(digits))})
		if err != nil {
			return
		}
		want := roundedText(strconv.FormatFloat(max(n, -n), 'f', -1, 64), int(digits))
		if n < 0 {
			want = -want
		}
		if float(got) != want {
			t.Errorf("round(%v, %d) gives %v, want %v", n, digits, float(got), want)
		}
	})
}

// roundedText rounds digits with a point as one learns it at school.
func roundedText(s string, digits int) float64 {
	whole, part, _ := strings.Cut(s, ".")
	all := []byte("0" + whole + part)
	keep := len(whole) + 1 + digits
	if keep >= len(all) {
		f, _ := strconv.ParseFloat(s, 64)
		return f
	}
	if keep < 0 {
		return 0
	}
	up := all[keep] >= '5'
	for i := range all[keep:] {
		all[keep+i] = '0'
	}
	for i := keep - 1; up && i >= 0; i-- {
		if up = all[i] == '9'; up {
			all[i] = '0'
		} else {
			all[i]++
		}
	}
	text := string(slices.Insert(all, len(whole)+1, '.'))
	f, _ := strconv.ParseFloat(text, 64)
	return f
}
