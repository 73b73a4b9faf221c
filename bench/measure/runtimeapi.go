//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"time"
)

// function is a process of the function, and what AWS Lambda is to it.
type function struct {
	process *exec.Cmd
	log     bytes.Buffer
	server  *http.Server
	next    chan time.Time // when it asked for its first event
	events  chan string
	answers chan answer
	started time.Time
}

type answer struct {
	text   string
	failed bool
}

// invocationLimit is the longest that Lambda lets an invocation run.
const invocationLimit = 15 * time.Minute

func startFunction(bootstrap string, environment []string) (*function, error) {
	f := &function{next: make(chan time.Time, 1), events: make(chan string), answers: make(chan answer, 1)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f.server = &http.Server{Handler: f.api()}
	go f.server.Serve(listener)
	f.process = exec.Command(bootstrap)
	f.process.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}, environment...)
	f.process.Stdout, f.process.Stderr = io.Discard, &f.log
	f.started = time.Now()
	if err := f.process.Start(); err != nil {
		f.server.Close()
		return nil, err
	}
	return f, nil
}

func (f *function) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case f.next <- time.Now():
		default:
		}
		select {
		case event := <-f.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "request-1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(invocationLimit).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111122223333:function:sluice")
			io.WriteString(w, event)
		case <-r.Context().Done():
		}
	})
	end := func(failed bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusAccepted)
			f.answers <- answer{string(body), failed}
		}
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", end(false))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", end(true))
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", end(true))
	return mux
}

// untilNext is the time from the start to the first request for an event.
func (f *function) untilNext() (time.Duration, error) {
	select {
	case when := <-f.next:
		return when.Sub(f.started), nil
	case a := <-f.answers:
		return 0, fmt.Errorf("the function did not start: %s", a.text)
	case <-time.After(time.Minute):
		return 0, errors.New("the function did not ask for an event")
	}
}

// invoke hands over an event and waits for the end of the invocation.
func (f *function) invoke(event string) (time.Duration, error) {
	select {
	case f.events <- event:
	case <-time.After(time.Minute):
		return 0, errors.New("the function does not ask for events")
	}
	start := time.Now()
	select {
	case a := <-f.answers:
		if a.failed {
			return 0, fmt.Errorf("the invocation failed: %s", a.text)
		}
		return time.Since(start), nil
	case <-time.After(invocationLimit):
		return 0, fmt.Errorf("the invocation took more than %s", invocationLimit)
	}
}

// stop ends the process, whose use of time and memory is known then.
func (f *function) stop() {
	f.process.Process.Kill()
	f.process.Wait()
	f.server.Close()
}
