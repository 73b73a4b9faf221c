package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/feed"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// stateStore keeps a state until it is closed.
type stateStore interface {
	feed.Store
	Close() error
}

// openState takes the state at a path or an address, with the own identity.
func openState(ctx context.Context, f *feedFlags) (stateStore, error) {
	if !s3.Is(f.state) {
		return feed.OpenStateFile(f.state)
	}
	ref, client, err := stateObject(ctx, &f.Settings, f.state)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a host without a name"
	}
	return client.OpenState(ctx, ref, fmt.Sprintf("process %d on %s", os.Getpid(), host), f.lease)
}

func stateObject(ctx context.Context, s *settings.Settings, address string) (s3.Ref, *s3.Client, error) {
	ref, err := s3.ParseAddress(address)
	if err == nil && ref.Key == "" {
		err = fmt.Errorf("%s names no object: write s3://bucket/sluice/follow.state", address)
	}
	if err != nil {
		return ref, nil, err
	}
	client, err := (&buckets{settings: s}).ownClient(ctx)
	return ref, client, err
}

func (a *app) newState() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Show how far follow and pull have come",
		Args:  none,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var asJSON bool
	show := &cobra.Command{
		Use:   "show [flags] STATE",
		Short: "Show what a state has, also while a process uses it",
		Long: `Show prints how far each file or shard is read, and what was being written when the
state was saved last. STATE is what --state was: a file, or s3://BUCKET/KEY.`,
		Example: `  sluice state show /var/lib/sluice/follow.state
  sluice state show --json s3://my-states/pull.state`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s needs one state: a file, or s3://BUCKET/KEY", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.stateShow(cmd.Context(), cmd, args[0], asJSON) },
	}
	show.Flags().BoolVar(&asJSON, "json", false, "the state as one JSON object")
	cmd.AddCommand(describeExits(show, exits{"the state is printed", "there is no state, or it cannot be read", "the call is wrong"}))
	return cmd
}

func (a *app) stateShow(ctx context.Context, cmd *cobra.Command, name string, asJSON bool) error {
	s, err := a.settings(cmd)
	if err != nil {
		return usage(err)
	}
	text, err := stateText(ctx, &s, name)
	if err != nil {
		return err
	}
	state, err := feed.ParseState(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if asJSON {
		e := json.NewEncoder(a.data())
		e.SetIndent("", "  ")
		return e.Encode(state)
	}
	return stateSheet(state).writeTo(a.Out)
}

func stateText(ctx context.Context, s *settings.Settings, name string) ([]byte, error) {
	if !s3.Is(name) {
		text, err := feed.ReadStateFile(name)
		var at *fs.PathError
		if errors.As(err, &at) {
			err = fmt.Errorf("%s: %w: name what --state was", name, at.Err)
		}
		return text, err
	}
	ref, client, err := stateObject(ctx, s, name)
	if err != nil {
		return nil, usage(err)
	}
	text, err := client.ReadState(ctx, ref)
	if err == nil && text == nil {
		err = fmt.Errorf("%s: there is no such object: name what --state was", name)
	}
	return text, err
}

// stateSheet has a paragraph for each file and index.
func stateSheet(s *feed.State) *sheet {
	t := &sheet{}
	for _, path := range slices.Sorted(maps.Keys(s.Files)) {
		c := s.Files[path]
		t.line("%s", path)
		t.line("  up to byte %d%s%s", c.Offset, counting(c.Lost, "lost file"), planned(&c.Intent))
	}
	for _, x := range slices.SortedFunc(maps.Values(s.Indices), func(a, b *feed.IndexCursor) int { return cmp.Compare(a.Name, b.Name) }) {
		gone := ""
		if x.Gone {
			gone = ", which is gone"
		}
		t.line("%s%s", x.Name, gone)
		for _, n := range slices.Sorted(maps.Keys(x.Shards)) {
			c := x.Shards[n]
			t.line("  shard %d up to number %d%s%s", n, c.Done, counting(c.Holes, "number")+documentless(c.Holes), planned(&c.Intent))
		}
	}
	if s.Window != nil {
		t.line("by @timestamp up to %s%s", time.UnixMilli(s.Window.Done).UTC().Format(time.RFC3339), planned(&s.Window.Intent))
	}
	return t
}

func counting(n int64, what string) string {
	if n == 0 {
		return ""
	}
	return ", " + pluralOf(n, what)
}

func documentless(n int64) string {
	if n == 0 {
		return ""
	}
	return " without a document"
}

func planned(i *feed.Intent) string {
	if i.Planned == nil {
		return ""
	}
	return fmt.Sprintf("; writing up to %d since %s", i.Planned.To, i.Planned.At.Format(time.RFC3339))
}
