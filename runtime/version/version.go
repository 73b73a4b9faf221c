// Package version says what the running program was built from.
package version

import "runtime/debug"

// The Makefile sets these with -ldflags -X, so that builds without the VCS stamp
// of the Go toolchain, which must give the same bytes anywhere, know them too.
var (
	number string // the last tag and what came after it, as git describe has it
	commit string // 12 hex digits, then +changes where the tree had any
)

// Unknown is the commit of a build that recorded none.
const Unknown = "unknown"

// Build is what a program was built from.
type Build struct {
	Number string // a version such as v1.2.3, devel between versions
	Commit string
}

// Of returns the build of the running program: what the Makefile recorded, else
// what the Go toolchain did.
func Of() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return build(number, commit, info)
}

func build(number, commit string, info *debug.BuildInfo) Build {
	b := Build{Number: number, Commit: commit}
	if b.Number == "" {
		b.Number = info.Main.Version
	}
	if b.Number == "" || b.Number == "(devel)" {
		b.Number = "devel"
	}
	if b.Commit == "" {
		b.Commit = recorded(info)
	}
	return b
}

func recorded(info *debug.BuildInfo) string {
	revision, changes := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changes = "+changes"
		}
	}
	if revision == "" {
		return Unknown
	}
	return revision + changes
}
