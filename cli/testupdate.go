package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sluice-lake/sluice/engine/syntax"
)

// updateTests rewrites the files whose tests failed.
func (a *app) updateTests(r *report) error {
	for _, s := range r.suites {
		for _, file := range s.files {
			var updates []syntax.Update
			for i := range file.results {
				if o := &file.results[i]; len(o.Differences) > 0 {
					updates = append(updates, o.Update(o.position))
				}
			}
			if len(updates) == 0 {
				continue
			}
			text, err := syntax.UpdateTests(file.src, updates)
			if err != nil {
				return fmt.Errorf("%s was not updated: %w", file.name, err)
			}
			if err := rewrite(file.name, text); err != nil {
				return fmt.Errorf("%s was not updated: %w", file.name, err)
			}
			printf(a.Err, "%s: %s updated; read the change before you keep it\n", file.name, plural(len(updates), "expectation"))
		}
	}
	return nil
}

// rewrite replaces a file in one step, so that a crash leaves the old one. A link stays
// one: what it leads to is replaced.
func rewrite(name string, text []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}
