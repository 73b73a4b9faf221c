package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

func (a *app) newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, what it was built from, and what it knows",
		Args:  none,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(a.Out, versionText())
			return err
		},
	}
}

func versionText() string {
	return fmt.Sprintf("sluice %s (%s, %s/%s)\nOCSF %s\nmappings %s\n", buildVersion(), runtime.Version(),
		runtime.GOOS, runtime.GOARCH, strings.Join(ocsf.Versions(), ", "), strings.Join(mapping.Shipped(), ", "))
}

// buildVersion is what the Go toolchain recorded: the module's version, else
// the commit.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if revision == "" {
		return "devel"
	}
	return "devel-" + revision + dirty
}
