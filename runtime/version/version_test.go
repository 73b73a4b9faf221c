package version

import (
	"runtime/debug"
	"testing"
)

// What the Makefile recorded wins over what the toolchain did; without either a
// build says that it does not know.
func TestBuild(t *testing.T) {
	vcs := func(version, revision, modified string) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}}}
	}
	const revision = "0123456789abcdef0123456789abcdef01234567"
	for _, test := range []struct {
		number, commit string
		info           *debug.BuildInfo
		want           Build
	}{
		{"", "", &debug.BuildInfo{}, Build{"devel", Unknown}},
		{"", "", vcs("(devel)", revision, "false"), Build{"devel", "0123456789ab"}},
		{"", "", vcs("v1.2.3", revision, "true"), Build{"v1.2.3", "0123456789ab+changes"}},
		{"", "", vcs("v1.2.3", "", ""), Build{"v1.2.3", Unknown}},
		{"v2.0.0-3-gfedcba987654", "fedcba987654", vcs("v1.2.3", revision, "true"), Build{"v2.0.0-3-gfedcba987654", "fedcba987654"}},
		{"", "fedcba987654", &debug.BuildInfo{}, Build{"devel", "fedcba987654"}},
	} {
		if got := build(test.number, test.commit, test.info); got != test.want {
			t.Errorf("%q, %q: %+v, want %+v", test.number, test.commit, got, test.want)
		}
	}
}
