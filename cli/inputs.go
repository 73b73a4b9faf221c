package cli

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/source"
)

// selectionFlags adds the flags that narrow what folders, globs and prefixes give.
func selectionFlags(cmd *cobra.Command, s *source.Selection) {
	cmd.Flags().StringArrayVar(&s.Include, "include", nil, "of folders, globs and prefixes read only the files that match this pattern, like '*.json' (repeatable)")
	cmd.Flags().StringArrayVar(&s.Exclude, "exclude", nil, "of folders, globs and prefixes leave out the files and folders that match this pattern (repeatable)")
}

// alerts are the inputs that the arguments of a command which only reads name, found as
// run finds them.
func (a *app) alerts(ctx context.Context, s *settings.Settings, selection source.Selection, args []string) ([]source.Input, error) {
	b := &buckets{settings: s, selection: selection, stdin: a.In}
	inputs, err := b.inputs(ctx, args)
	if err != nil && !slices.ContainsFunc(args, s3.Is) {
		return nil, usage(err)
	}
	if err != nil {
		return nil, err
	}
	a.leftOutLinks(b.links)
	a.warn(emptyFolders(args, inputs))
	inputs, _, err = a.notForeign(ctx, &selection, inputs)
	return inputs, err
}

// leftOutLinks says which links were not followed.
func (a *app) leftOutLinks(links []string) {
	if len(links) > 0 {
		printf(a.Err, "left out %s: %s; name a link to follow it\n", plural(len(links), "link"), shorten(links))
	}
}

// eachLine gives the lines of inputs in order, and calls renew before each chunk of
// them.
func eachLine(ctx context.Context, inputs []source.Input, renew func(), each func(source.Line)) error {
	memory := new(source.Memory)
	for _, in := range source.Each(ctx, inputs) {
		if err := linesIn(ctx, in, memory, renew, each); err != nil {
			return err
		}
	}
	return nil
}

func linesIn(ctx context.Context, in source.Input, memory *source.Memory, renew func(), each func(source.Line)) error {
	r, err := source.NewReader(ctx, in, source.Options{Memory: memory})
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		chunk, err := r.Next()
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		renew()
		for line := range chunk.Lines() {
			each(line)
		}
	}
}
