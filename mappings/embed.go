// Package mappings holds the mappings that sluice ships, as the YAML files
// that people read and copy. There is no logic here.
package mappings

import "embed"

// FS has the shipped mappings under the names they are chosen by, with .yaml:
// wazuh/security_finding.yaml. Their tests, which lie beside them, are not in it.
//
//go:embed wazuh/*_finding.yaml wazuh/shared
var FS embed.FS
