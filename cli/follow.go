package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/feed"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// feedFlags are the flags that `sluice follow` and `sluice pull` share.
type feedFlags struct {
	runFlags
	every         time.Duration
	state, listen string
	lease         time.Duration
	raw           bool
}

func (a *app) newFollow() *cobra.Command {
	var f feedFlags
	var adopt string
	cmd := &cobra.Command{
		Use:   "follow [flags] FILE…",
		Short: "Write alerts into the lake as the manager appends them, each once",
		Long: `Follow reads files that grow, such as Wazuh's alerts.json, through every rotation,
and writes what was appended: every --every, or when there is much of it. How far
it came is in --state, a file or an object in a bucket. It notes there what it writes
next before it writes it, so whatever happens to it, to the machine or to the lake,
each line gets there once. What was appended while it was down it finds in the file,
or in the dated folders beside it (2026/Nov/ossec-alerts-26.json.gz), or in copies of
the file.

The first start begins with the first line of each file. A line without its end
waits for it. While the lake is away the place in the file waits: nothing has to be
held. A changed mapping, or SIGHUP, is taken up with the next lines; one with
faults leaves the last good one in use. SIGTERM and Ctrl-C write what has arrived
and end with 0.

With --raw the lines themselves go to -o, as gzip objects for the function. Messages
are JSON lines on stderr. --listen serves metrics for Prometheus at /metrics, and
/healthz.`,
		Example: `  sluice follow /var/ossec/logs/alerts/alerts.json
  sluice follow -o s3://my-lake --state /var/lib/sluice/follow --every 1m /var/ossec/logs/alerts/alerts.json
  sluice follow --raw -o s3://my-alerts --listen 127.0.0.1:9464 alerts.json`,
		Args: atLeast(1, "at least one file that grows: /var/ossec/logs/alerts/alerts.json"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.follow(cmd.Context(), cmd, &f, adopt, args) },
	}
	f.add(a, cmd, "file or s3://BUCKET/KEY that keeps how far each file is read (default follow.state in the folder of -o, else in the current one)", "write the lines themselves, as gzip objects")
	cmd.Flags().StringVar(&adopt, "adopt", "", "path under which the state knows the file, where it was moved")
	completeMappings(cmd)
	return describeExits(cmd, exits{"it was asked to end; everything that had arrived is written, or will be at the next start", "failed; the message says why", "the call or the mapping is wrong: nothing was read or written", ""})
}

// add adds the flags to a command. State and raw are the texts of these flags.
func (f *feedFlags) add(a *app, cmd *cobra.Command, state, raw string) {
	flags := cmd.Flags()
	settingFlags(cmd, "mapping", "class", "out", "source", "account", "region", "ocsf-json", "rejects", "sse", "strict", "event-days", "max-event-days")
	means(cmd, "out", "folder or `s3://BUCKET[/PREFIX]` to write to", "`./lake`")
	means(cmd, "rejects", "", "`OUT/rejects`; `./rejects` for a bucket")
	flags.DurationVar(&f.every, "every", 5*time.Minute, "how long alerts wait for others to share an object with, from 1s to 24h")
	flags.StringVar(&f.state, "state", "", state)
	flags.DurationVar(&f.lease, "lease", s3.Silence, "how long a process that holds a state in a bucket may be silent, from 1s to 10m: so long the next one waits after it died")
	flags.StringVar(&f.listen, "listen", "", "address that serves /metrics and /healthz, such as 127.0.0.1:9464")
	flags.BoolVar(&f.raw, "raw", false, raw)
	flags.IntVar(&f.workers, "workers", a.processors, "goroutines that map and encode, at most one for each processor")
}

// follow settles what is followed and where it goes, and follows until the context ends.
func (a *app) follow(ctx context.Context, cmd *cobra.Command, f *feedFlags, adopt string, args []string) error {
	files, err := a.followSettings(cmd, f, args)
	if adopt != "" && len(files) != 1 {
		err = errors.Join(err, errors.New("--adopt is for one file: name that alone"))
	}
	if err != nil {
		return usage(err)
	}
	return a.feed(ctx, cmd, f, func(ctx context.Context, w *feedWriter, c feed.Config) (runner, error) {
		follower, err := feed.NewFollower(ctx, c, feed.Files{Paths: files, Adopt: adopt})
		if err != nil {
			return nil, err
		}
		for _, path := range files {
			w.metrics.lag("bytes", fmt.Sprintf("{file=%q}", path), func() feed.Lag { return follower.Lag(path) })
		}
		w.log.Info("following", "files", files, "out", f.Out, "state", f.state, "every", f.every.String())
		return follower, nil
	})
}

// closingTime is how long what has arrived is written after a feed was asked to end. It
// leaves time to end before the process is ended.
const closingTime = stopTime - time.Second

// runner is a feed that is ready to run.
type runner interface{ Run(context.Context) error }

// feed opens the state and the outputs, and runs what begin makes until the context ends.
func (a *app) feed(ctx context.Context, cmd *cobra.Command, f *feedFlags, begin func(context.Context, *feedWriter, feed.Config) (runner, error)) (err error) {
	store, err := openState(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	w, err := a.newFeedWriter(ctx, cmd, f, slog.New(slog.NewJSONHandler(a.Err, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	r, err := begin(ctx, w, feed.Config{Store: store, Every: f.every, Closing: closingTime, Write: w.write, Report: w.report})
	if err != nil {
		return err
	}
	return w.serve(ctx, r)
}

// followSettings reads and checks flags and arguments. The paths it returns are
// absolute, because the state knows files by them; a file that is named twice is one.
func (a *app) followSettings(cmd *cobra.Command, f *feedFlags, args []string) (files []string, err error) {
	errs := []error{a.feedSettings(cmd, f)}
	for _, arg := range args {
		path, err := followed(arg)
		if errs = append(errs, err); !slices.Contains(files, path) {
			files = append(files, path)
		}
	}
	for _, path := range files {
		if sameFile(path, f.state) {
			errs = append(errs, fmt.Errorf("%s is followed and cannot keep the state as well: name another --state", f.state))
		}
	}
	return files, errors.Join(errs...)
}

// sameFile reports whether two names are of one file, which need not exist.
func sameFile(path, name string) bool {
	if absolute, err := filepath.Abs(name); err == nil && absolute == path {
		return true
	}
	a, errA := os.Stat(path)
	b, errB := os.Stat(name)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// followed returns the absolute path of a file that can be followed. The file need not
// exist yet.
func followed(arg string) (string, error) {
	if arg == "" {
		return "", errors.New("an empty file name: name the file that alerts are appended to")
	}
	if arg == "-" || s3.Is(arg) {
		return "", fmt.Errorf("%s cannot be followed: name a file on this machine", arg)
	}
	if strings.HasSuffix(arg, ".gz") || strings.HasSuffix(arg, ".zst") {
		return "", fmt.Errorf("%s is packed, and nothing is appended to it: name the file that grows, or read this one with `sluice run`", arg)
	}
	path, err := filepath.Abs(arg)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", fmt.Errorf("%s is a folder: name the file that alerts are appended to", arg)
	}
	return path, nil
}

// feedSettings reads and checks the flags that all feeds have.
func (a *app) feedSettings(cmd *cobra.Command, f *feedFlags) error {
	errs := []error{a.runSettings(cmd, &f.runFlags)}
	if f.every < time.Second || f.every > 24*time.Hour {
		errs = append(errs, fmt.Errorf("--every is %v: give a duration from 1s to 24h", f.every))
	}
	if f.lease < time.Second || f.lease > 10*time.Minute {
		errs = append(errs, fmt.Errorf("--lease is %v: give a duration from 1s to 10m", f.lease))
	}
	if f.Out == "-" {
		errs = append(errs, fmt.Errorf("-o is -, and %s writes objects: name a folder or s3://bucket", cmd.Name()))
	}
	if !s3.Is(f.state) {
		errs = append(errs, settings.Folder("--state", f.state))
	}
	if f.state == "" {
		f.state = cmd.Name() + ".state"
		if !s3.Is(f.Out) {
			f.state = filepath.Join(f.Out, f.state)
		}
	}
	return errors.Join(errs...)
}
