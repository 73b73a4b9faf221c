// Package s3test is an S3 server and a token service in the process of a test,
// and a proxy that breaks connections. It is for tests only.
//
//	client ──► Proxy ──► Server ──► objects in memory
//	           latency,   wrong checksums, conditions, parts,
//	           resets     rights and faults by request (Server.Intercept)
//
// It is not a library's, because libraries are lenient where these tests must be strict:
// the server verifies the checksum and the digest of every body, requires that each
// request is signed and shows the tests by whom, honours conditions on every read,
// completes an upload only with the parts that it received, and shows the requests as
// they came. The integration tests run the same things against a real server.
package s3test

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Object is an object as it is stored.
type Object struct {
	Body   []byte
	ETag   string // with its quotes
	Header http.Header
	// Identity is the access key of the request that wrote it.
	Identity string
}

// Request is what tests look at in a request.
type Request struct {
	Method, Bucket, Key string
	Query               url.Values
	Header              http.Header
	Identity            string // access key, "" where it is not signed
	// Gone is closed when the client no longer waits for the answer.
	Gone <-chan struct{}
}

// String returns the method and the path.
func (r Request) String() string { return operation(r) + " " + r.Bucket + "/" + r.Key }

// Server is an S3 server. Its buckets exist from the beginning.
type Server struct {
	URL string
	// Intercept, if not nil, gets every S3 request before it is served, its body read, in
	// the goroutine that serves it. It may respond itself: then it returns true.
	Intercept func(w http.ResponseWriter, r Request) bool
	// PageKeys is how many keys a listing has on a page, 0 for few.
	PageKeys int
	// ExternalID is what the token service requires.
	ExternalID string
	// Hasty lets the server refuse what is there already before it has read the body, so
	// that the client gets a broken connection in place of the answer.
	Hasty bool

	mu       sync.Mutex
	buckets  map[string]*bucket
	uploads  map[string]*upload
	next     int
	requests []Request
}

// New starts a server that ends with the test.
func New(t testing.TB, buckets ...string) *Server {
	t.Helper()
	s := &Server{buckets: map[string]*bucket{}, uploads: map[string]*upload{}}
	for _, b := range buckets {
		s.buckets[b] = &bucket{objects: map[string]Object{}}
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.URL = h.URL
	return s
}

// Put stores an object and returns its entity tag, without quotes.
func (s *Server) Put(bucket, key string, body []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := Object{Body: slices.Clone(body), ETag: etag(body), Header: http.Header{}}
	s.buckets[bucket].put(key, o)
	return strings.Trim(o.ETag, `"`)
}

// Delete removes an object.
func (s *Server) Delete(bucket, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets[bucket].remove(key)
}

// Objects returns the objects of a bucket, by key.
func (s *Server) Objects(bucket string) map[string]Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[bucket]; b != nil {
		return maps.Clone(b.objects)
	}
	return nil
}

// Bodies returns the bytes of a bucket's objects under a prefix, by key.
func (s *Server) Bodies(bucket, prefix string) map[string][]byte {
	all := map[string][]byte{}
	for key, o := range s.Objects(bucket) {
		if strings.HasPrefix(key, prefix) {
			all[key] = o.Body
		}
	}
	return all
}

// Unfinished returns the number of uploads that were neither completed nor aborted.
func (s *Server) Unfinished() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.uploads)
}

// Requests returns the requests so far, in the order of their arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func etag(body []byte) string {
	sum := md5.Sum(body)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && r.URL.Path == "/" {
		s.assumeRole(w, r)
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	req := Request{r.Method, bucket, key, r.URL.Query(), r.Header.Clone(), identity(r), r.Context().Done()}
	s.mu.Lock()
	s.requests = append(s.requests, req)
	s.mu.Unlock()
	// A server that responds before it has read the body resets the connection, and
	// the client may never get the response.
	if s.Hasty && r.Header.Get("If-None-Match") != "" && s.has(bucket, key) {
		hangUp(w)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the connection broke; nobody hears an answer
	}
	if req.Identity == "" {
		fail(w, r, http.StatusForbidden, "AccessDenied", "the request is not signed")
		return
	}
	if s.Intercept != nil && s.Intercept(w, req) {
		return
	}
	if wrong := verify(r, body); wrong != "" {
		fail(w, r, http.StatusBadRequest, "BadDigest", wrong)
		return
	}
	s.mu.Lock()
	b, ok := s.buckets[bucket]
	o, found := b.get(key)
	reads := operation(req) == "GetObject" || operation(req) == "HeadObject"
	if ok && reads {
		s.mu.Unlock() // a slow reader must not keep the others waiting
		get(w, r, o, found)
		return
	}
	defer s.mu.Unlock()
	if !ok {
		fail(w, r, http.StatusNotFound, "NoSuchBucket", "there is no bucket "+bucket)
		return
	}
	s.serve(w, r, req, b, body)
}

func (s *Server) has(bucket, key string) bool {
	_, there := s.Objects(bucket)[key]
	return there
}

func hangUp(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		reset(c)
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, req Request, b *bucket, body []byte) {
	o, found := b.get(req.Key)
	switch op := operation(req); op {
	case "ListObjectsV2":
		s.list(w, req, b)
	case "PutObject":
		if taken(w, r, found) || replaced(w, r, o, found) {
			return
		}
		b.put(req.Key, Object{body, etag(body), stored(r.Header), req.Identity})
		w.Header().Set("ETag", etag(body))
	case "DeleteObject":
		b.remove(req.Key)
		w.WriteHeader(http.StatusNoContent)
	case "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload":
		s.multipart(op, w, r, req, body)
	default:
		fail(w, r, http.StatusNotImplemented, "NotImplemented", req.String())
	}
}

func stored(h http.Header) http.Header {
	kept := http.Header{}
	for name, v := range h {
		if name == "Content-Type" || strings.HasPrefix(name, "X-Amz-Server-Side-Encryption") {
			kept[name] = v
		}
	}
	return kept
}

func operation(r Request) string {
	_, id := r.Query["uploadId"]
	_, uploads := r.Query["uploads"]
	switch {
	case r.Method == http.MethodGet && r.Key == "":
		return "ListObjectsV2"
	case r.Method == http.MethodGet:
		return "GetObject"
	case r.Method == http.MethodHead:
		return "HeadObject"
	case r.Method == http.MethodPut && id:
		return "UploadPart"
	case r.Method == http.MethodPut:
		return "PutObject"
	case r.Method == http.MethodPost && uploads:
		return "CreateMultipartUpload"
	case r.Method == http.MethodPost && id:
		return "CompleteMultipartUpload"
	case r.Method == http.MethodDelete && id:
		return "AbortMultipartUpload"
	case r.Method == http.MethodDelete:
		return "DeleteObject"
	}
	return r.Method
}

// Fail responds as S3 does to a request that fails.
func Fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>as the test wants it</Message></Error>", code)
}

func fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
	}
}
