package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/mapping"
)

// completeMappings lets the shell offer mappings behind -m and classes behind
// --class, for the commands that have them.
func completeMappings(cmd *cobra.Command) {
	if cmd.Flag("mapping") != nil {
		complete(cmd, "mapping", mappingNames)
	}
	if cmd.Flag("class") != nil {
		complete(cmd, "class", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return shippedClasses(), cobra.ShellCompDirectiveNoFileComp
		})
	}
	if cmd.Flag("format") != nil {
		formats := []string{"text", "json"}
		if cmd.Name() == "check" {
			formats = checkFormats
		}
		complete(cmd, "format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	}
}

// complete registers a completion. That fails only for a flag that does not exist or
// has one already.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		cobra.CompErrorln(err.Error())
	}
}

// mappingNames completes shipped names; the shell adds files.
func mappingNames(_ *cobra.Command, _ []string, written string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, name := range mapping.Shipped() {
		if strings.HasPrefix(name, written) {
			names = append(names, name)
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

func shippedClasses() []string {
	var classes []string
	for _, name := range mapping.Shipped() {
		classes = append(classes, strings.TrimPrefix(name, "wazuh/"))
	}
	return classes
}
