package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/memory"
)

// lakePlace is a lake, or a part of it, that an argument names.
type lakePlace struct {
	root   string // folder or address
	prefix string // of the keys that are meant: "ext/", or the folder of a source or partition
}

// partOfLake is what a path has after the root of its lake, from the source on.
var partOfLake = lazyregexp.MustCompile(`^(.*?)/?\b(ext(?:/[^/]+(?:/region=[^/]*(?:/accountId=[^/]*(?:/eventDay=[^/]*)?)?)?)?)$`)

// placeInLake divides what an argument names into the lake and the part that is meant.
func placeInLake(arg string) (lakePlace, error) {
	path := strings.TrimRight(filepath.ToSlash(arg), "/")
	if !s3.Is(arg) {
		info, err := os.Stat(arg)
		if err != nil || !info.IsDir() {
			return lakePlace{}, usagef("%s is not a folder: name the folder of a lake, or one in it", arg)
		}
	}
	if m := partOfLake().FindStringSubmatch(path); m != nil && (m[1] == "" || strings.HasSuffix(path, "/"+m[2])) {
		return lakePlace{rootOf(m[1], path), m[2] + "/"}, nil
	}
	return lakePlace{arg, "ext/"}, nil
}

// rootOf is the folder before a key in a path, which was cut from it.
func rootOf(before, path string) string {
	switch {
	case before != "":
		return filepath.FromSlash(before)
	case strings.HasPrefix(path, "/"):
		return "/"
	}
	return "."
}

// repository opens the lake. Close it.
func (p *places) repository(ctx context.Context, b *buckets, root string, share *memory.Share) (lake.Repository, error) {
	if s3.Is(root) {
		s, err := b.sink(ctx, root, true, share)
		if err != nil {
			return nil, err
		}
		return s.(*s3.Sink), nil
	}
	s, err := p.folder(root, dir.Shared)
	if err != nil {
		return nil, err
	}
	return s.(*dir.Sink), nil
}

// ledgerOf opens the ledger of the rejects.
func (p *places) ledgerOf(ctx context.Context, b *buckets, rejects string) (lake.Ledger, error) {
	if s3.Is(rejects) {
		s, err := b.sink(ctx, rejects, false, nil)
		if err != nil {
			return nil, err
		}
		return s.(*s3.Sink).Ledger(), nil
	}
	if !isLedger(rejects) {
		return nil, errors.New("there are no manifests in " + rejects + ": name the rejects of the runs that wrote the lake with --rejects")
	}
	s, err := p.folder(rejects, dir.Private)
	if err == nil {
		p.ledger, err = s.(*dir.Sink).Ledger()
	}
	return p.ledger, err
}
