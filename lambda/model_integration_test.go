//go:build integration

package lambda_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// The load model against a server of others, behind a proxy that lets requests fail.
func TestIntegrationLoadModel(t *testing.T) {
	objects, functions := modelSize()
	runModel(t, objects, functions, behindProxy)
}

// proxied is a gateway whose requests are seen.
type proxied struct {
	*gateway
	t *testing.T

	mu       sync.Mutex
	requests []s3test.Request
}

func behindProxy(t *testing.T, fault func(http.ResponseWriter, s3test.Request) bool, buckets ...string) (modelStore, []string) {
	p := &proxied{gateway: startGateway(t, buckets...), t: t}
	target, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		ErrorLog:  log.New(io.Discard, "", 0), // calls that ran out of time
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: 100},
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		seen := s3test.Request{Method: r.Method, Bucket: bucket, Key: key, Query: r.URL.Query(), Header: r.Header.Clone()}
		p.mu.Lock()
		p.requests = append(p.requests, seen)
		p.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // nobody hears an answer
		}
		if r.Body = io.NopCloser(bytes.NewReader(body)); !fault(w, seen) {
			forward.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(proxy.Close)
	return p, s3test.Environ(proxy.URL)
}

func (p *proxied) Put(bucket, key string, body []byte) string {
	p.put(p.t, bucket, key, body)
	return ""
}

func (p *proxied) Objects(bucket string) map[string]s3test.Object {
	all := map[string]s3test.Object{}
	for key, body := range p.Bodies(bucket, "") {
		all[key] = s3test.Object{Body: body}
	}
	return all
}

// Bodies reads the files that the objects are.
func (p *proxied) Bodies(bucket, prefix string) map[string][]byte {
	all, root := map[string][]byte{}, filepath.Join(p.root, bucket)
	err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(prefix)), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && strings.HasPrefix(e.Name(), ".sgwtmp") {
			return fs.SkipDir
		}
		if !e.IsDir() {
			name, _ := filepath.Rel(root, path)
			if all[filepath.ToSlash(name)], err = os.ReadFile(path); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return all
}

func (p *proxied) Requests() []s3test.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]s3test.Request(nil), p.requests...)
}
