// Package shipped reads the shipped mappings of the source tree.
package shipped

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// WithoutUnmapped is the shipped security_finding mapping without its last
// attribute, unmapped. root is the top of the source tree.
func WithoutUnmapped(root string) ([]byte, error) {
	name := filepath.Join(root, "mappings", "wazuh", "security_finding.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	before, after, found := bytes.Cut(text, []byte("\n  unmapped:\n"))
	if !found || string(bytes.TrimSpace(after)) != "$rest: true" {
		return nil, fmt.Errorf("%s does not end with unmapped: $rest: true", name)
	}
	return append(before, '\n'), nil
}
