package cli

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/feed"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// feedWriter writes what a feed hands over, into the lake or as it is.
type feedWriter struct {
	app     *app
	cmd     *cobra.Command
	flags   *feedFlags
	log     *slog.Logger
	metrics *feedMetrics
	buckets *buckets
	config  pipeline.Config // without what each range has for itself
	raw     lake.Sink       // of --raw
	folder  places          // of raw

	engine   *engine.Engine
	tables   []glue.Table // that the engine fills
	account  *memory.Account
	files    []string // of the mappings, and the mappings as they were named
	mappings string   // snapshot of the files
	hangup   atomic.Bool
}

func (a *app) newFeedWriter(ctx context.Context, cmd *cobra.Command, f *feedFlags, log *slog.Logger) (*feedWriter, error) {
	w := &feedWriter{app: a, cmd: cmd, flags: f, log: log, metrics: newFeedMetrics(f.every, cmd.Name()), buckets: &buckets{settings: &f.Settings}}
	if f.raw {
		return w, w.openRaw(ctx)
	}
	if err := w.compile(); err != nil {
		return nil, err
	}
	w.config = pipeline.Config{Workers: f.workers, Warm: new(pipeline.Warm), Region: f.Region, Account: f.Account, MappingNames: anywhere(f.Mappings), Strict: f.Strict}
	if err := w.settle(); err != nil {
		return nil, usage(err)
	}
	config := w.config
	places, err := a.open(ctx, &f.runFlags, w.buckets, &config)
	if err != nil {
		return nil, err
	}
	return w, places.close()
}

func (w *feedWriter) openRaw(ctx context.Context) (err error) {
	if !s3.Is(w.flags.Out) {
		w.raw, err = w.folder.folder(w.flags.Out, dir.Private)
	} else {
		w.raw, err = w.buckets.sink(ctx, w.flags.Out, false, nil)
	}
	return err
}

func (w *feedWriter) close() error {
	if w.config.Warm != nil {
		w.config.Warm.Close()
	}
	return w.folder.close()
}

// compile compiles the mappings as they are now.
func (w *feedWriter) compile() (err error) {
	w.files = append(w.app.mappingFiles(&w.flags.runFlags), w.flags.Mappings...)
	w.mappings = snapshot(w.files)
	e, err := w.app.engine(&w.flags.Settings)
	if err == nil {
		w.engine = e
	}
	return err
}

func (w *feedWriter) settle() (err error) {
	w.config.Engine, w.config.Variant = w.engine, pipeline.Variant(w.flags.Strict, w.app.guests.Digest())
	if w.config.Sources, err = w.app.sources(w.cmd, &w.flags.Settings, w.engine); err != nil {
		return err
	}
	tables := pipeline.Columns(w.engine, w.config.Sources)
	if err := glue.Contradicts(w.tables, tables); err != nil {
		return err
	}
	w.tables = tables
	w.config.Warm.Close() // before what its guests run in
	w.account = newAccount(&w.flags.Settings, w.flags.workers)
	return nil
}

// reload takes up changed mappings. Those with faults leave the last good ones in use.
func (w *feedWriter) reload(ctx context.Context) {
	asked := w.hangup.Swap(false)
	if !asked && snapshot(w.files) == w.mappings {
		return
	}
	last, config := w.engine, w.config
	// What is said of mappings to people goes into the entry: the log is JSON.
	var said strings.Builder
	people := w.app.Err
	w.app.Err = &said
	err := w.app.anew(ctx, func() error {
		if err := w.compile(); err != nil {
			return err
		}
		return w.settle()
	})
	w.app.Err = people
	if err != nil {
		w.engine, w.config = last, config
		w.metrics.reloads("failed")
		w.log.Error("the mapping has faults: the last good one stays in use", "error", err.Error(), "details", said.String())
		return
	}
	w.metrics.reloads("done")
	w.log.Info("the mapping was read again", "details", said.String())
}

// write is feed.Config.Write.
func (w *feedWriter) write(ctx context.Context, r *feed.Range) error {
	began := time.Now()
	if w.flags.raw {
		return w.writeRaw(ctx, r, began)
	}
	w.reload(ctx)
	config := w.config
	config.Inputs = []source.Input{r.Input()}
	config.TakeDays(&w.flags.Settings, r.Planned) // the same each time
	config.Overwrite = r.Again
	config.Memory = openShare(w.account, &w.flags.Settings)
	defer config.Memory.Close()
	places, err := w.app.open(ctx, &w.flags.runFlags, w.buckets, &config)
	if err != nil {
		return err
	}
	result, err := pipeline.Run(ctx, config)
	if err = errors.Join(err, places.close()); err != nil {
		return err
	}
	w.metrics.wrote(result)
	w.log.Info("written", w.what(), r.Name, "from", r.From, "to", r.To, "lines", result.Lines, "events", result.Events, "rejects", result.Rejects,
		"unmatched", result.Unmatched, "dropped", result.Dropped, "objects", result.Objects, "seconds", seconds(began))
	return nil
}

func seconds(since time.Time) float64 { return time.Since(since).Round(time.Millisecond).Seconds() }

// writeRaw writes the lines of a range as one gzip object, the same bytes each time.
func (w *feedWriter) writeRaw(ctx context.Context, r *feed.Range, began time.Time) error {
	from, err := r.Input().Open(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	key := w.cmd.Name() + "/" + lake.Digest(r.Identity) + ".json.gz"
	o, err := w.raw.Create(ctx, key)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(o)
	n, err := io.Copy(z, from)
	if err = errors.Join(err, z.Close(), o.Close()); err == nil {
		err = o.Commit(ctx, key)
	}
	if err != nil {
		return errors.Join(err, o.Abort())
	}
	w.metrics.copied(n)
	w.log.Info("written", w.what(), r.Name, "from", r.From, "to", r.To, "object", key, "seconds", seconds(began))
	return nil
}

// what names in log lines what a feed reads.
func (w *feedWriter) what() string {
	if w.cmd.Name() == "follow" {
		return "file"
	}
	return "shard"
}

// report is feed.Config.Report.
func (w *feedWriter) report(e feed.Event) {
	w.metrics.event(e)
	switch e.Kind {
	case "written": // write has logged it
	case "failed", "lost", "other":
		w.log.Error(e.Message, w.what(), e.Name)
	case "missing", "gone", "rewound", "window":
		w.log.Warn(e.Message, w.what(), e.Name)
	default:
		w.log.Info(e.Message, w.what(), e.Name)
	}
}

// serve runs the feed, with what the system around it wants: signals, metrics, and news
// for systemd.
func (w *feedWriter) serve(ctx context.Context, r runner) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	stopped := context.AfterFunc(ctx, func() { close(hangups) })
	defer stopped()
	go func() {
		for range hangups {
			w.hangup.Store(true)
		}
	}()
	end, err := w.metrics.listen(ctx, w.flags.listen)
	if err != nil {
		return err
	}
	defer end()
	defer announce(ctx)()
	if err := r.Run(ctx); err != nil {
		return fmt.Errorf("%s has ended: %w", w.cmd.Name(), err)
	}
	w.log.Info("ended")
	return nil
}
