package mapping

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
)

// Manifest is the name of the file that makes a folder of mappings atomic: it lists the
// files of the set with their digests, so that a reader knows when all of them are there.
const Manifest = "manifest.yaml"

// MaxManifest bounds a manifest, in bytes.
const MaxManifest = 1 << 20

var manifestLine = lazyregexp.MustCompile(`^ +"?([^"]+?)"?: +"?(?:sha256:)?([0-9a-f]{64})"?$`)

// ParseManifest returns the SHA-256 of each file that a manifest lists, in hexadecimal
// digits, by the name of the file behind the folder.
func ParseManifest(text []byte, folder string) (map[string]string, error) {
	digests := map[string]string{}
	inFiles := false
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimRight(line, " \r\n")
		found := manifestLine().FindStringSubmatch(line)
		switch {
		case line == "", strings.HasPrefix(strings.TrimSpace(line), "#"), line == "---":
		case line == "files:":
			inFiles = true
		case !inFiles || found == nil:
			return nil, fmt.Errorf("line %d is not a line of a manifest: write `files:`, and below it `  NAME: SHA-256` for each file", number)
		default:
			digests[folder+found[1]] = found[2]
		}
	}
	if len(digests) == 0 {
		return nil, errors.New("it lists no file: write `files:`, and below it `  NAME: SHA-256` for each file")
	}
	return digests, nil
}
