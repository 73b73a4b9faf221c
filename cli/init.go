package cli

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// starter is what init writes, with NAME and SOURCE for what is the user's.
//
//go:embed starter
var starter embed.FS

// starterFiles are the files that init writes, in the order in which it says so.
var starterFiles = []string{"findings.yaml", "findings_test.yaml", "alerts.ndjson"}

// schemaFile is what editors complete mappings with; the starter names it.
// testsSchemaFile is that of tests.
const (
	schemaFile      = "mapping.schema.json"
	testsSchemaFile = "tests.schema.json"
)

func (a *app) newInit() *cobra.Command {
	return describeExits(&cobra.Command{
		Use:   "init DIR",
		Short: "Write a mapping to start from, with its test and a sample alert",
		Long: `Init writes a commented mapping (findings.yaml), its tests
(findings_test.yaml), a sample alert (alerts.ndjson) and the JSON Schemas that
editors complete them with (mapping.schema.json, tests.schema.json) into a
folder, and creates the folder if needed. The mapping passes check and test as it is. It never
overwrites a file: if one exists already, nothing is written.`,
		Example: `  sluice init my`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s needs one folder to write to, such as `%s my`", cmd.CommandPath(), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.init(args[0]) },
	}, exits{"written", "failed: nothing was written", "the call is wrong, or a file exists already: nothing was written"})
}

func (a *app) init(dir string) error {
	files, err := starterTexts(dir)
	if err != nil {
		return err
	}
	if err := a.writeNew(dir, files); err != nil {
		return err
	}
	mapping, alerts := shellWord(filepath.Join(dir, "findings.yaml")), shellWord(filepath.Join(dir, "alerts.ndjson"))
	printf(a.Err, "\nGo on with\n  sluice test %s\n  sluice explain -m %s %s:1\n  sluice studio -m %s %s\n  sluice run -m %s -o lake %s\n",
		shellWord(dir), mapping, alerts, mapping, alerts, mapping, alerts)
	return nil
}

// writeNew writes files into a folder, all or none, and never over others.
func (a *app) writeNew(dir string, files []starterText) error {
	var there []string
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return usagef("nothing was written: %s is a file: name a folder, or move the file away", dir)
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, filepath.Join(dir, f.name))
		}
	}
	if len(there) > 0 {
		return usagef("nothing was written: %s would be overwritten; name another folder, or move away what is there", strings.Join(there, ", "))
	}
	for i, f := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, f.name)), 0o755); err != nil {
			return fmt.Errorf("nothing was written: %w: name a folder that can be written to", err)
		}
		if err := create(filepath.Join(dir, f.name), f.text); err != nil {
			for _, done := range files[:i] {
				err = errors.Join(err, os.Remove(filepath.Join(dir, done.name)))
			}
			return fmt.Errorf("nothing was written: %w", err)
		}
		printf(a.Err, "%s\n", "written: "+filepath.Join(dir, f.name))
	}
	return nil
}

// shellWord quotes what a shell would take apart.
func shellWord(s string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./:", r) && r != filepath.Separator
	}
	if strings.IndexFunc(s, special) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

type starterText struct {
	name string
	text []byte
}

// starterTexts returns the files, with names filled in that follow from the
// folder's own name.
func starterTexts(dir string) ([]starterText, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("nothing was written: %w", err)
	}
	name := ownName(filepath.Base(absolute))
	var files []starterText
	for _, f := range starterFiles {
		text, err := starter.ReadFile("starter/" + f)
		if err != nil {
			return nil, err // it is compiled in
		}
		text = bytes.Replace(text, []byte("mapping: NAME"), []byte("mapping: "+name+"/findings"), 1)
		text = bytes.Replace(text, []byte("source: SOURCE"), []byte("source: "+name), 1)
		files = append(files, starterText{f, text})
	}
	var schema, tests bytes.Buffer
	if err := errors.Join(writeJSONSchema(&schema), writeTestsSchema(&tests)); err != nil {
		return nil, err
	}
	return append(files, starterText{schemaFile, schema.Bytes()}, starterText{testsSchemaFile, tests.Bytes()}), nil
}

// ownName makes the name of a custom source from that of a folder: letters, digits
// and hyphens, a letter first (YAML would read 2026 as a number), at most the 20
// characters that AWS accepts.
func ownName(folder string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(folder) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-' || r == '_':
			b.WriteRune(r)
		case r == ' ' || r == '.':
			b.WriteByte('-')
		}
	}
	name := strings.TrimLeft(b.String(), "0123456789-_")
	name = strings.TrimRight(name[:min(len(name), 20)], "-_")
	switch name {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return "mine" // YAML would read it as something else, or nothing is left
	}
	return name
}

// create writes a file that is not there yet.
func create(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
