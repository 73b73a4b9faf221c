//go:build unix

package main

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// bucketServer is as much of S3 as one run of the function needs: it reads one
// object, a file, and writes others, of which only the size is kept. It runs in
// this program, whose processor time is not the function's.
type bucketServer struct {
	input   string // path of the file that every key of the bucket raw has
	tag     string
	server  *http.Server
	url     string
	written atomic.Int64 // bytes

	mu      sync.Mutex
	objects map[string]object // by path
}

type object struct {
	size int64
	tag  string
}

func newBucketServer(input string) (*bucketServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &bucketServer{input: input, tag: `"0123456789abcdef0123456789abcdef"`, url: "http://" + listener.Addr().String(), objects: map[string]object{}}
	s.server = &http.Server{Handler: s}
	go s.server.Serve(listener)
	return s, nil
}

func (s *bucketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw := strings.HasPrefix(r.URL.Path, "/raw/")
	switch query := r.URL.Query(); {
	case raw && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		s.read(w, r)
	case r.Method == http.MethodGet && query.Has("list-type"):
		fmt.Fprint(w, `<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>`)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.head(w, r)
	case r.Method == http.MethodPut:
		s.put(w, r)
	case r.Method == http.MethodPost && query.Has("uploads"):
		fmt.Fprint(w, `<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>`)
	case r.Method == http.MethodPost:
		s.keep(r.URL, object{tag: s.tag})
		fmt.Fprintf(w, `<CompleteMultipartUploadResult><ETag>%s</ETag></CompleteMultipartUploadResult>`, s.tag)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// read serves the input, whole or a range of it.
func (s *bucketServer) read(w http.ResponseWriter, r *http.Request) {
	f, err := os.Open(s.input)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("ETag", s.tag)
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", info.ModTime(), f)
}

// head is what a client learns of an object that it wrote; the bytes are gone.
func (s *bucketServer) head(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	o, ok := s.objects[r.URL.Path]
	s.mu.Unlock()
	if !ok || r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusNotFound)
		if r.Method == http.MethodGet {
			fmt.Fprint(w, `<Error><Code>NoSuchKey</Code><Message>there is no such key</Message></Error>`)
		}
		return
	}
	w.Header().Set("ETag", o.tag)
	w.Header().Set("Content-Length", fmt.Sprint(o.size))
}

func (s *bucketServer) put(w http.ResponseWriter, r *http.Request) {
	sum := md5.New()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		return // the connection broke
	}
	if strings.HasSuffix(r.URL.Path, ".parquet") {
		s.written.Add(n)
	}
	tag := `"` + hex.EncodeToString(sum.Sum(nil)) + `"`
	if !r.URL.Query().Has("uploadId") {
		s.keep(r.URL, object{n, tag})
	}
	w.Header().Set("ETag", tag)
}

func (s *bucketServer) keep(at *url.URL, o object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[at.Path] = o
}
