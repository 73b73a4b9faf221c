package function

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// FuzzParseAddress checks that ParseAddress knows the addresses of netip.ParseAddr.
func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"", "192.0.2.7", "::ffff:192.0.2.7", "fe80::1%eth0", "FE80::a", "1", "a.b", "::", "%", "1.2.3.4%x", "0x1.2.3.4", "[::1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddr(s)
		if got, ok := ParseAddress(s); got != want || ok != (err == nil) {
			t.Errorf("%q: %v, %v; want %v, %v", s, got, ok, want, err)
		}
	})
}

// FuzzTexts checks the functions that make texts in memory of the Machine against those of
// package strings.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"", "a", "A,b,,ü", "ÄÖ", "aaa", "\xff,\xfe", "Zz[`@{"} {
		f.Add(seed, ",", "--", 2)
		f.Add(seed, "", "x", -1)
		f.Add(seed, "aa", "", 1)
	}
	m := &Machine{Arena: new(alert.Arena)}
	f.Fuzz(func(t *testing.T, s, part, with string, n int) {
		m.Arena.Reset()
		frame := m.Enter()
		defer m.Leave(frame)
		text := func(f func(*Machine, []alert.Value) (alert.Value, error), args ...alert.Value) string {
			v, err := f(m, args)
			if err != nil {
				t.Fatal(err)
			}
			return string(v.AppendJSON(nil))
		}
		list := func(texts []string) string {
			all := make([]alert.Value, len(texts))
			for i, s := range texts {
				all[i] = alert.OfText(s)
			}
			return string(alert.OfList(all).AppendJSON(nil))
		}
		one := func(s string) string { return string(alert.OfText(s).AppendJSON(nil)) }
		a, b, c, count := alert.OfText(s), alert.OfText(part), alert.OfText(with), alert.OfInt(int64(n))
		got := []string{
			text(lower, a), text(upper, a), text(replace, a, b, c), text(replace, a, b, c, count),
			text(split, a, b), text(split, a, b, count), text(splitAfter, a, b), text(splitAfter, a, b, count),
		}
		want := []string{
			one(strings.ToLower(s)), one(strings.ToUpper(s)), one(strings.ReplaceAll(s, part, with)), one(strings.Replace(s, part, with, n)),
			list(strings.Split(s, part)), list(strings.SplitN(s, part, n)), list(strings.SplitAfter(s, part)), list(strings.SplitAfterN(s, part, n)),
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, %q, %q, %d:\n%q\n%q", s, part, with, n, got, want)
		}
	})
}
