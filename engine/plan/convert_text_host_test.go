package plan

import (
	"regexp"
	"testing"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// FuzzHost checks that isHost is the pattern of each version of the schema.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{"", "a", "web-1.example.com", "-a", "a-", "a--b", "a.-b", "a-.b", "a..b", ".a", "a.", "1.2", "a_b", "\u00e9", "a\n"} {
		f.Add(seed)
	}
	var patterns []*regexp.Regexp
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			f.Fatal(err)
		}
		host, ok := schema.Type("hostname_t")
		if !ok {
			f.Fatalf("%s has no hostname_t", version)
		}
		patterns = append(patterns, regexp.MustCompile("^(?:"+host.Pattern+")$"))
	}
	f.Fuzz(func(t *testing.T, s string) {
		for i, p := range patterns {
			if got, want := isHost(s), p.MatchString(s); got != want {
				t.Errorf("%q: %v, want %v as in version %s", s, got, want, ocsf.Versions()[i])
			}
		}
	})
}
