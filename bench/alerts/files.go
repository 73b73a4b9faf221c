package alerts

import (
	"fmt"
	"os"
	"path/filepath"
)

// WriteFiles writes the alerts into files of a folder, in order, each of so many
// alerts; the last may have fewer.
func WriteFiles(dir string, each int, s Settings) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var content []byte
	lines, files := 0, 0
	flush := func() error {
		files++
		name := filepath.Join(dir, fmt.Sprintf("alerts-%06d.ndjson", files))
		err := os.WriteFile(name, content, 0o644)
		content = content[:0]
		return err
	}
	err := Each(s, func(line []byte) error {
		content = append(content, line...)
		if lines++; lines%max(each, 1) == 0 {
			return flush()
		}
		return nil
	})
	if err == nil && len(content) > 0 {
		err = flush()
	}
	return err
}
