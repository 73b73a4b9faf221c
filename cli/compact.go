package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/compact"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/version"
)

// compactFlags are the flags of `sluice compact`.
type compactFlags struct {
	settings.Settings
	apply, dryRun, undo, json bool
	megabytes                 int64
	older                     time.Duration
}

func (a *app) newCompact() *cobra.Command {
	var f compactFlags
	cmd := &cobra.Command{
		Use:   "compact [flags] DIR|s3://BUCKET[/PREFIX]",
		Short: "Join the small objects of a lake into large ones",
		Long: `Compact joins the small objects of each day of a lake into large ones, in order of
time, column by column. It writes what it is about to do beside the rejects, writes
the large objects, reads them back with another reader, compares all rows, and only
then removes the small ones. Stopped at any step, the next call ends what this one
began; in between rows may be there twice, and never less than once.

Without --apply it only says what it would join. The argument is a lake, or a part
of one: s3://my-lake/ext/wazuh/region=…/accountId=…/eventDay=20260314.

--rejects names the rejects of the runs that wrote the lake (default DIR/rejects).
Only objects that a manifest there lists are joined, since a rerun of an input must
know that its events are in the lake already. From then on a run with the same
mapping leaves them alone. One with another mapping undoes what has joined them first,
if its identity may. Replays of rejects go on as before.

With --undo it puts the rows back into objects of their own, for runs whose identity
may not do that. The next call without --undo joins them again.

In a bucket it needs the right to delete, which the roles of Security Lake's sources
do not have, and finds out before it writes.`,
		Example: `  sluice compact lake
  sluice compact --apply lake/ext/wazuh
  sluice compact --apply --rejects s3://my-raw/rejects s3://my-lake
  sluice compact --undo --apply lake/ext/wazuh/region=us-east-1/accountId=external/eventDay=20260314`,
		Args: func(cmd *cobra.Command, args []string) error { return oneLake(cmd, args) },
		RunE: func(cmd *cobra.Command, args []string) error { return a.compact(cmd.Context(), cmd, &f, args[0]) },
	}
	settingFlags(cmd, "rejects", "sse", "role-arn", "external-id")
	means(cmd, "rejects", "folder or `s3://BUCKET[/PREFIX]` of the rejects of the runs that wrote the lake", "`DIR/rejects`; needed for a bucket")
	flags := cmd.Flags()
	flags.BoolVar(&f.apply, "apply", false, "join the objects, and remove those that were joined")
	flags.BoolVar(&f.dryRun, "dry-run", false, "only say what would be joined, as without --apply")
	flags.BoolVar(&f.undo, "undo", false, "put the rows of joined objects back into objects of their own")
	flags.Int64Var(&f.megabytes, "size", 256, "most megabytes of an object; those of half of it and more stay as they are")
	flags.DurationVar(&f.older, "older", time.Hour, "leave alone objects that were written after this long ago")
	flags.BoolVar(&f.json, "json", false, "what was joined as one JSON object on stdout")
	return describeExits(cmd, exits{"done, or there was nothing to join", "failed; the message says what was not done", "the call is wrong: nothing was done"})
}

func oneLake(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s needs one place: the folder of a lake, s3://BUCKET, or a folder in one, such as lake/ext/wazuh", cmd.CommandPath())
	}
	return nil
}

func (a *app) compactSettings(cmd *cobra.Command, f *compactFlags, arg string) (at lakePlace, err error) {
	if f.Settings, err = a.settings(cmd); err != nil {
		return at, usage(err)
	}
	if at, err = placeInLake(arg); err != nil {
		return at, err
	}
	switch {
	case !s3.Is(at.root) && !isFolder(filepath.Join(at.root, "ext")):
		err = usagef("%s is not a lake: a lake has ext/<source>/region=…/accountId=…/eventDay=…/*.parquet", arg)
	case f.apply && f.dryRun:
		err = usagef("--apply and --dry-run contradict each other: give one of them")
	case f.megabytes < 1 || f.megabytes > 4096:
		err = usagef("--size is %d: give 1 to 4096 megabytes", f.megabytes)
	case f.older < 0:
		err = usagef("--older is %v: give a duration, such as 1h", f.older)
	case f.Rejects == "" && s3.Is(at.root):
		err = usagef("name the rejects of the runs that wrote %s with --rejects: what they say of each input keeps a rerun from writing its events twice", at.root)
	case f.Rejects == "":
		f.Rejects = filepath.Join(at.root, "rejects")
	}
	return at, err
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// compact joins what the argument names, or says what it would join.
func (a *app) compact(ctx context.Context, cmd *cobra.Command, f *compactFlags, arg string) error {
	at, err := a.compactSettings(cmd, f, arg)
	if err != nil {
		return err
	}
	share := newLakeMemory()
	defer share.Close()
	p, b := &places{}, &buckets{settings: &f.Settings, warn: func(err error) { a.warn([]string{err.Error()}) }}
	report := compactReport{Apply: f.apply, Undo: f.undo}
	err = func() error {
		repository, err := p.repository(ctx, b, at.root, share)
		if err != nil {
			return err
		}
		ledger, err := p.ledgerOf(ctx, b, f.Rejects)
		if err != nil {
			return err
		}
		config := compact.Config{Lake: repository, Ledger: ledger, Prefix: at.prefix, ObjectBytes: f.megabytes << 20,
			Before: time.Now().Add(-f.older), Options: table.Options{Version: version.Of().Number}, Apply: f.apply, Memory: share,
			Done: func(day *compact.Partition) {
				report.add(day)
				if !f.json {
					printf(a.Out, "%s", report.day(day))
				}
			}}
		if f.undo {
			return compact.Undo(ctx, config, nil)
		}
		return compact.Run(ctx, config)
	}()
	if err = errors.Join(err, p.close()); err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(a.data()).Encode(report.finish())
	}
	printf(a.Out, "%s", report.text())
	return nil
}

// newLakeMemory opens the account of a command that reads or rewrites a lake.
func newLakeMemory() *memory.Share {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 { // GOMEMLIMIT sets none
		limit = memory.DefaultLimit + bucketBytes
		debug.SetMemoryLimit(limit)
	}
	return memory.New(memory.Of(limit), false).Open(0, 0)
}

// undoCommand is what undoes, in a lake of a run, what has joined the objects of the folder
// that follows.
func undoCommand(f *runFlags) string {
	return "sluice compact --undo --apply --rejects " + f.Rejects + " " + strings.TrimRight(f.Out, "/")
}

// undoFor undoes what has joined objects that a run replaces.
func undoFor(ctx context.Context, in lake.Repository, l lake.Ledger, keys []string, command string) error {
	share := newLakeMemory()
	defer share.Close()
	err := compact.Undo(ctx, compact.Config{Lake: in, Ledger: l, Options: table.Options{Version: version.Of().Number}, Apply: true, Memory: share}, keys)
	if errors.Is(err, compact.ErrMayNotRemove) {
		folder, _, _ := lake.SplitKey(keys[0])
		err = fmt.Errorf("%w, or run `%s/%s` with one, and then this again", err, command, strings.TrimSuffix(folder, "/"))
	}
	return err
}
