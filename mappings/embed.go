// Package mappings holds the mappings that sluice ships, as the YAML files
// that people read and copy. There is no logic here.
package mappings

import "embed"

// FS has the shipped mappings: wazuh/security_finding is chosen by that name, which
// stands for the file of the name with .yaml and for the mappings in the folder of the
// name. shared is what they include. Tests are not in it: the names of mappings end as
// those of OCSF's classes do.
//
//go:embed wazuh/*_finding.yaml wazuh/*_finding/wazuh5.yaml wazuh/shared
//go:embed wazuh/by_class/*_finding.yaml wazuh/by_class/wazuh5/*_finding.yaml
//go:embed wazuh/by_class/*_activity.yaml wazuh/by_class/wazuh5/*_activity.yaml
//go:embed wazuh/by_class/*_management.yaml wazuh/by_class/wazuh5/*_management.yaml
//go:embed wazuh/by_class/*_change.yaml wazuh/by_class/wazuh5/*_change.yaml
//go:embed wazuh/by_class/*authentication.yaml wazuh/by_class/wazuh5/authentication.yaml
var FS embed.FS
