// Command sluice turns Wazuh alerts into OCSF events in a Security Lake.
package main

import (
	"os"

	"github.com/sluice-lake/sluice/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
