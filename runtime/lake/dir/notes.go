package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// Claim is a Note of the owner.
func (l *Ledger) Claim(ctx context.Context, name, owner string) (string, error) {
	holder, err := l.Note(ctx, lake.ClaimKey(name), []byte(owner))
	return string(holder), err
}

// Note links a file to the key, which fails if there is one.
func (l *Ledger) Note(_ context.Context, key string, text []byte) ([]byte, error) {
	target := filepath.Join(l.sink.root, filepath.FromSlash(key))
	there, err := os.ReadFile(target)
	if err == nil {
		return there, nil
	}
	temp, number, err := l.sink.tempFolder()
	if err != nil {
		return nil, advise("write to", l.sink.root, err)
	}
	file := filepath.Join(temp, fmt.Sprintf("%06d", number))
	defer os.Remove(file)
	if err = os.WriteFile(file, text, l.sink.mode); err == nil {
		err = makeFolder(filepath.Dir(target))
	}
	if err == nil {
		err = flushEach([]string{file})
	}
	if err == nil {
		err = os.Link(file, target)
	}
	if errors.Is(err, fs.ErrExist) {
		if there, err = os.ReadFile(target); err == nil {
			return there, nil
		}
	}
	if err == nil {
		err = syncFolder(filepath.Dir(target))
	}
	if err != nil {
		return nil, advise("write the note", target, err)
	}
	return text, nil
}

// Notes reads the files of a folder.
func (l *Ledger) Notes(_ context.Context, folder string) (map[string][]byte, error) {
	at := filepath.Join(l.sink.root, filepath.FromSlash(folder))
	entries, err := os.ReadDir(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	texts := map[string][]byte{}
	for i := 0; err == nil && i < len(entries); i++ {
		if name := entries[i].Name(); entries[i].Type().IsRegular() {
			texts[folder+"/"+name], err = os.ReadFile(filepath.Join(at, name))
		}
	}
	if err != nil {
		return nil, advise("read the notes in", at, err)
	}
	return texts, nil
}
