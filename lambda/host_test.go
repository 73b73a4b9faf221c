package lambda_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// host is what Lambda is to a function: the Runtime API, and its process.
type host struct {
	t       *testing.T
	process *exec.Cmd
	events  chan invocation
	out     buffer
	log     buffer
	next    chan time.Time // when the process asked for its first event
	fault   chan string    // what it said of its start
	ended   chan struct{}
	server  *http.Server
	refuses atomic.Int64 // status with which Lambda does not take an answer, 0 for none
}

type invocation struct {
	id     string
	event  string
	limit  time.Duration
	answer chan answer
}

// answer is what the function said, or that its process ended before.
type answer struct {
	body   string
	failed bool
	died   bool
}

// guide is the environment of the guide.
func guide(url string, more ...string) []string {
	return append(s3test.Environ(url), guideOf(more...)...)
}

// guideOf is the same without what names the server.
func guideOf(more ...string) []string {
	env := []string{"AWS_BUCKET=lake", "SOURCE_LOCATION=wazuh", "ACCOUNT_ID=111122223333", "REGION=us-east-1",
		"SLUICE_EVENT_DAYS=2000-01-01..2040-01-01"} // whenever the tests run
	return append(env, more...)
}

// start starts the function in an environment and nothing of the test's own.
func start(t *testing.T, env ...string) *host {
	t.Helper()
	h := &host{t: t, events: make(chan invocation), next: make(chan time.Time, 1), fault: make(chan string, 1), ended: make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.server = &http.Server{Handler: h.api()}
	go func() { _ = h.server.Serve(listener) }()
	h.process = exec.Command(bootstrap)
	h.process.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}, env...)
	h.process.Stdout, h.process.Stderr = &h.out, &h.log
	if err := h.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = h.process.Wait() // it is killed at the end
		close(h.ended)
	}()
	t.Cleanup(h.stop)
	return h
}

func (h *host) stop() {
	_ = h.process.Process.Kill()
	<-h.ended
	h.server.Close()
	if h.t.Failed() {
		h.t.Logf("log of the function:\n%s", h.log.String())
	}
}

// said ends the process and gives all that it wrote: to the log, and as metrics.
func (h *host) said() (log, metrics string) {
	_ = h.process.Process.Kill()
	<-h.ended
	return h.log.String(), h.out.String()
}

func (h *host) api() http.Handler {
	waiting := sync.Map{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case h.next <- time.Now():
		default:
		}
		select {
		case in := <-h.events:
			waiting.Store(in.id, in)
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", in.id)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(in.limit).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111122223333:function:sluice")
			_, _ = io.WriteString(w, in.event)
		case <-r.Context().Done():
		}
	})
	end := func(failed bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if in, ok := waiting.LoadAndDelete(r.PathValue("id")); ok {
				if status := int(h.refuses.Load()); status != 0 {
					w.WriteHeader(status)
					return
				}
				in.(invocation).answer <- answer{body: string(body), failed: failed}
			}
			w.WriteHeader(http.StatusAccepted)
		}
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", end(false))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", end(true))
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.fault <- string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}

// invokeFor hands the function an event and waits for what it says.
func (h *host) invokeFor(limit time.Duration, event string) answer {
	h.t.Helper()
	in := invocation{id: fmt.Sprintf("request-%d", time.Now().UnixNano()), event: event, limit: limit, answer: make(chan answer, 1)}
	select {
	case h.events <- in:
	case <-h.ended:
		return answer{died: true}
	}
	select {
	case a := <-in.answer:
		return a
	case <-h.ended:
		return answer{died: true}
	case <-time.After(limit + 20*time.Second):
		h.t.Fatalf("no answer %s after the time ran out", 20*time.Second)
		return answer{}
	}
}

func (h *host) invoke(event string) answer {
	h.t.Helper()
	return h.invokeFor(30*time.Second, event)
}

// must is invoke for events that succeed.
func (h *host) must(event string) summary {
	h.t.Helper()
	a := h.invoke(event)
	if a.failed || a.died {
		h.t.Fatalf("the invocation failed: %+v", a)
	}
	return read(h.t, a)
}

// summary is the answer for all triggers but S3 Batch Operations.
type summary struct {
	Size              int64
	UploadSuccess     bool `json:"upload_success"`
	OCSFUpload        bool `json:"ocsf_upload"`
	Lines, Events     int64
	Rejects           int64
	Unmatched         int64
	Blank, Dropped    int64
	Inputs, Skipped   int64
	Failed            int64
	BatchItemFailures []struct{ ItemIdentifier string }
}

func read(t *testing.T, a answer) (s summary) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.failed {
		t.Fatalf("the answer is %+v: %v", a, err)
	}
	return s
}

func (s summary) failures() string {
	var ids []string
	for _, f := range s.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return strings.Join(ids, " ")
}

// buffer is a bytes.Buffer that may be read while a process writes.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
