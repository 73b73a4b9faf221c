package cli

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/version"
)

func (a *app) newVersion() *cobra.Command {
	return describeExits(&cobra.Command{
		Use:   "version",
		Short: "Print the version and commit, the OCSF versions and the shipped mappings",
		Args:  none,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(a.Out, versionText())
			return err
		},
	}, exits{"printed", "failed", "the call is wrong"})
}

func versionText() string {
	b := version.Of()
	return fmt.Sprintf("sluice %s (commit %s, %s, %s/%s)\nOCSF %s\nmappings %s\n", b.Number, b.Commit, runtime.Version(),
		runtime.GOOS, runtime.GOARCH, strings.Join(ocsf.Versions(), ", "), strings.Join(mapping.Shipped(), ", "))
}
