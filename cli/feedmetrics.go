package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/sluice-lake/sluice/runtime/feed"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// feedMetrics count what a feed does, for Prometheus. Several goroutines may use them.
type feedMetrics struct {
	set     *metrics.Set
	every   time.Duration
	events  string       // the metric of what happened to files or indices
	failing atomic.Int64 // since when writes have failed, in Unix seconds; 0: they do not
}

func newFeedMetrics(every time.Duration, command string) *feedMetrics {
	m := &feedMetrics{set: metrics.NewSet(), every: every, events: "index_events_total"}
	names := []string{"alerts", "rejects", "unmatched", "dropped", "objects", "read_bytes", "written_bytes"}
	if command == "follow" {
		m.events = "file_events_total"
	} else {
		names = append(names, "holes")
	}
	for _, name := range names {
		m.set.NewCounter("sluice_" + name + "_total")
	}
	return m
}

func (m *feedMetrics) add(name string, n int64) {
	m.set.GetOrCreateCounter("sluice_" + name).AddInt64(n)
}

// wrote counts what a range gave.
func (m *feedMetrics) wrote(r *pipeline.Result) {
	m.add("alerts_total", r.Taken)
	m.add("rejects_total", r.Rejects)
	m.add("unmatched_total", r.Unmatched)
	m.add("dropped_total", r.Dropped)
	m.add("objects_total", r.Objects)
	m.add("read_bytes_total", r.BytesIn)
	m.add("written_bytes_total", r.BytesOut)
	for mapping, n := range r.EventsByMapping {
		m.add(fmt.Sprintf("events_total{mapping=%q}", mapping), n)
	}
}

// copied counts a range that was written as it is.
func (m *feedMetrics) copied(bytes int64) {
	m.add("objects_total", 1)
	m.add("read_bytes_total", bytes)
}

func (m *feedMetrics) reloads(result string) {
	m.add(fmt.Sprintf("mapping_reloads_total{result=%q}", result), 1)
}

func (m *feedMetrics) event(e feed.Event) {
	switch e.Kind {
	case "written":
		m.failing.Store(0)
		if e.Range.Holes > 0 {
			m.add("holes_total", e.Range.Holes)
		}
	case "recovered":
		m.failing.Store(0)
	case "failed":
		m.failing.CompareAndSwap(0, time.Now().Unix())
		m.add(fmt.Sprintf("errors_total{kind=%q}", kindOfFailure(&e)), 1)
	default:
		m.add(fmt.Sprintf("%s{kind=%q}", m.events, e.Kind), 1)
	}
}

func kindOfFailure(e *feed.Event) string {
	if e.Range == nil {
		return "read"
	}
	return "write"
}

// lag adds the gauges of how far the lake is behind, which have these labels.
func (m *feedMetrics) lag(unit, labels string, of func() feed.Lag) {
	m.set.NewGauge("sluice_lag_"+unit+labels, func() float64 { return float64(of().Waiting) })
	m.set.NewGauge("sluice_lag_seconds"+labels, func() float64 { return of().Age.Seconds() })
}

// listen serves the metrics until end is called; with no address it serves none.
func (m *feedMetrics) listen(ctx context.Context, address string) (end func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w: name a free address of this machine", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		m.set.WritePrometheus(w)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if why := m.ill(); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			m.add(`errors_total{kind="listen"}`, 1)
		}
	}()
	return func() { _ = server.Close() }, nil
}

// ill says why the feed is not well, "" if it is.
func (m *feedMetrics) ill() string {
	since := m.failing.Load()
	if since == 0 || time.Since(time.Unix(since, 0)) < m.every+time.Minute {
		return ""
	}
	return "nothing could be read or written since " + time.Unix(since, 0).UTC().Format(time.RFC3339) + "; the log says why"
}
