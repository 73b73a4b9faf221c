package studio

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed page
var page embed.FS

// Listen opens the address that the page is served at: host and port, on this machine
// only. Port 0 is any that is free.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address: give a host and a port, such as 127.0.0.1:8080", address)
	}
	if !isLoopback(host) {
		return nil, fmt.Errorf("%s is not of this machine alone, and the page shows alerts unencrypted: "+
			"give 127.0.0.1:PORT, and forward the port from elsewhere with `ssh -L PORT:127.0.0.1:PORT HOST`", address)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if at, ok := l.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("%s leads to %s, which is not of this machine alone: give 127.0.0.1:PORT", address, l.Addr()), l.Close())
	}
	return l, nil
}

// Serve serves the page until the context ends, and closes the listener. It does not wait
// for work that is going on: nothing is lost with that.
func (s *Studio) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s.Handler(), BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: workTime + 30*time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0),
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Handler answers requests for the page and of the page.
func (s *Studio) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", showFile)
	mux.Handle("POST /api/start", answer(s.start))
	mux.Handle("POST /api/try", answer(s.try))
	mux.Handle("POST /api/all", answer(s.all))
	mux.Handle("POST /api/alert", answer(s.alert))
	mux.Handle("POST /api/find", answer(s.find))
	mux.Handle("POST /api/save", answer(s.save))
	mux.Handle("POST /api/tests", answer(s.tests))
	mux.Handle("POST /api/stamp", answer(s.stamped))
	return s.guarded(mux)
}

// fileTypes are those of the files of the page. The system's own table may differ.
var fileTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// showFile shows a file of the page.
func showFile(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	text, err := page.ReadFile("page/" + name)
	if err != nil || r.Method != http.MethodGet {
		writeError(w, refusal(http.StatusNotFound, "there is no such file"))
		return
	}
	w.Header().Set("Content-Type", fileTypes[path.Ext(name)])
	_, _ = w.Write(text) // who asked may be gone
}

// answer makes a handler of a func from one JSON object to another.
func answer[In, Out any](do func(context.Context, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil { // what it says may be of an alert
				writeError(w, refusal(http.StatusInternalServerError, "sluice failed at this: please report it, with the mapping and an alert that you may show"))
			}
		}()
		var in In
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&in); err != nil {
			writeError(w, badBody(err))
			return
		}
		ctx, stop := context.WithTimeout(r.Context(), workTime)
		defer stop()
		out, err := do(ctx, in)
		if err != nil {
			writeError(w, err)
			return
		}
		writeJSON(w, http.StatusOK, out)
	})
}

func badBody(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return refusal(http.StatusRequestEntityTooLarge, "the request has more than %d bytes", long.Limit)
	}
	return refusal(http.StatusBadRequest, "the request is not what the page sends: load the page again")
}

// refused is an error with the status of HTTP that it has.
type refused struct {
	status  int
	message string
	file    *savedFile // that has changed
}

func (r *refused) Error() string { return r.message }

func refusal(status int, format string, values ...any) error {
	return &refused{status: status, message: fmt.Sprintf(format, values...)}
}

// writeError answers with an error. Only what the page can do something about is told.
func writeError(w http.ResponseWriter, err error) {
	r := &refused{status: http.StatusInternalServerError, message: err.Error()}
	switch {
	case errors.As(err, &r):
	case errors.Is(err, context.DeadlineExceeded):
		r = &refused{status: http.StatusServiceUnavailable, message: fmt.Sprintf("this took longer than %v, and was given up: simplify the mapping, or load fewer alerts", workTime)}
	case errors.Is(err, context.Canceled):
		r = &refused{status: http.StatusServiceUnavailable, message: "given up"}
	}
	writeJSON(w, r.status, errorAnswer{r.message, r.file})
}

type errorAnswer struct {
	Error string     `json:"error"`
	File  *savedFile `json:"file,omitempty"` // as the disk has it, if it has changed
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer could not be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // who asked may be gone
}
