package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/audit"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// verifyFlags are the flags of `sluice verify`.
type verifyFlags struct {
	settings.Settings
	json    bool
	workers int
}

func (a *app) newVerify() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify [flags] DIR|OBJECT|s3://BUCKET[/PREFIX]…",
		Short: "Judge a lake, or objects of one, against every demand on it",
		Long: `Verify reads every object of a lake, all of it, and judges it against what Security
Lake demands, what OCSF demands of its events, and what sluice promises of its own
objects: keys, Parquet, types, one schema and one class for each custom source, the
day of each row, order, statistics, each event. Where it finds the manifests of the
runs that wrote the lake, it compares the lake with them: what they list must be
there, and no compaction may have stopped half-way.

It names each fault on a line: the object, the place in it, what is wrong, what to do,
and which demand it breaks. What Security Lake only recommends is a fault in objects of
sluice's, which promises it, and advice in those of other programs. Verify changes
nothing.

--rejects names the rejects of the runs that wrote the lake (default DIR/rejects, if
manifests are there). The argument is a lake, a folder in one, or an object, in a lake
or not.`,
		Example: `  sluice verify lake
  sluice verify --rejects s3://my-raw/rejects s3://my-lake/ext/wazuh
  sluice verify lake/ext/wazuh/region=us-east-1/accountId=external/eventDay=20260314
  sluice verify --json written-by-another.parquet`,
		Args: atLeast(1, "a lake, a folder in one, or an object"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.verify(cmd.Context(), cmd, &f, args) },
	}
	settingFlags(cmd, "rejects", "role-arn", "external-id")
	means(cmd, "rejects", "folder or `s3://BUCKET[/PREFIX]` of the rejects of the runs that wrote the lake", "`DIR/rejects`, if manifests are there; none for a bucket")
	cmd.Flags().BoolVar(&f.json, "json", false, "one JSON object on stdout")
	cmd.Flags().IntVar(&f.workers, "workers", a.processors, "how many objects are read at once, at most one for each processor")
	return describeExits(cmd, exits{"there are no faults", "there are faults, or something could not be read", "the call is wrong: nothing was read"})
}

// verify judges what the arguments name.
func (a *app) verify(ctx context.Context, cmd *cobra.Command, f *verifyFlags, args []string) (err error) {
	if f.Settings, err = a.settings(cmd); err != nil {
		return usage(err)
	}
	if f.workers < 1 {
		return usagef("--workers is %d: give 1 or more", f.workers)
	}
	f.workers = min(f.workers, a.processors)
	places := make([]verified, len(args))
	var errs []error
	for i, arg := range args {
		places[i], err = f.place(arg)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	share := newLakeMemory()
	defer share.Close()
	report := a.newVerifyReport(f.json)
	errs = nil
	for i := range places {
		if ctx.Err() == nil {
			errs = append(errs, a.verifyPlace(ctx, f, &places[i], share, report))
		}
	}
	if ctx.Err() != nil {
		errs = append(errs, errors.New("it was interrupted: not everything was judged"))
	}
	err = errors.Join(errs...)
	if failed := report.end(err == nil); failed != nil {
		return failed
	}
	if err == nil && report.Faults > 0 {
		return &exitError{1, errSilent}
	}
	return err
}

// verified is what an argument names.
type verified struct {
	lakePlace
	only    string // the key of the one object that is meant
	loose   bool   // which is in no lake
	rejects string // "" where there are no manifests
}

// objectInLake is an object in a lake: its root, and its key.
var objectInLake = lazyregexp.MustCompile(`^(?:(.*?)/)?(ext/(?:.*/)?eventDay=[^/]*/[^/]+\.parquet)$`)

func (f *verifyFlags) place(arg string) (v verified, err error) {
	path := filepath.ToSlash(arg)
	info, failed := os.Stat(arg)
	isObject := s3.Is(arg) && strings.HasSuffix(arg, ".parquet") || failed == nil && info.Mode().IsRegular()
	switch m := objectInLake().FindStringSubmatch(path); {
	case !isObject:
		v.lakePlace, err = placeInLake(arg)
	case m != nil:
		v.lakePlace, v.only = lakePlace{rootOf(m[1], path), m[2]}, m[2]
	default:
		at := strings.LastIndexByte(path, '/')
		v.lakePlace, v.only, v.loose = lakePlace{rootOf(path[:max(at, 0)], path), path[at+1:]}, path[at+1:], true
	}
	if err != nil || v.loose {
		return v, err
	}
	v.rejects = f.Rejects
	if inside := filepath.Join(v.root, "rejects"); v.rejects == "" && !s3.Is(v.root) && isLedger(inside) {
		v.rejects = inside
	}
	return v, nil
}

// verifyPlace judges one lake, a part of it, or an object.
func (a *app) verifyPlace(ctx context.Context, f *verifyFlags, v *verified, share *memory.Share, report *verifyReport) (err error) {
	p, b := &places{}, &buckets{settings: &f.Settings, warn: func(err error) { a.warn([]string{err.Error()}) }}
	defer func() { err = errors.Join(err, p.close()) }()
	repository, err := p.repository(ctx, b, v.root, share)
	if err != nil {
		return err
	}
	c := audit.Config{Lake: repository, Prefix: v.prefix, Only: v.only, Loose: v.loose, Workers: f.workers,
		Ours: func(out string) bool { return place(placeTo(out, v.rejects)) == place(v.root) },
		Found: func(fault *verify.Fault) error {
			fault.Object = v.show(fault.Object)
			return report.add(fault)
		}}
	if v.rejects != "" {
		if c.Ledger, err = p.ledgerOf(ctx, b, v.rejects); err != nil {
			return err
		}
	}
	sum, err := audit.Run(ctx, c)
	report.sum(sum, c.Ledger != nil)
	if err == nil && sum.Objects == 0 && sum.Faults == 0 {
		err = fmt.Errorf("there is nothing to judge in %s: a lake has ext/<source>/region=…/accountId=…/eventDay=…/*.parquet", v.show(strings.TrimSuffix(v.prefix, "/")))
	}
	return err
}

// show is an object, or a manifest, as other commands take it.
func (v *verified) show(key string) string {
	root := v.root
	if strings.HasPrefix(key, lake.LedgerFolder+"/") {
		root = v.rejects
	}
	if s3.Is(root) {
		return strings.TrimRight(root, "/") + "/" + key
	}
	return filepath.Join(root, filepath.FromSlash(key))
}
