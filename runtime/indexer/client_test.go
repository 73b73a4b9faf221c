package indexer_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/indexer"
	"github.com/sluice-lake/sluice/runtime/indexer/indexertest"
)

const index = "wazuh-alerts-4.x-2026.03.14"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func client(t *testing.T, o indexer.Options) *indexer.Client {
	t.Helper()
	c, err := indexer.New(o)
	must(t, err)
	return c
}

// read reads all documents of a shard.
func read(t *testing.T, c *indexer.Client, shard int) (string, error) {
	t.Helper()
	all, err := c.Indices(t.Context(), []string{"wazuh-*"})
	if err != nil {
		return "", err
	}
	span := indexer.Span{Index: all[0].Name, UUID: all[0].UUID, Shard: shard, From: 0, To: all[0].Shards[shard].Checkpoint}
	found, err := c.Extent(t.Context(), span)
	if err != nil {
		return "", err
	}
	r := c.Open(t.Context(), span, found.Documents)
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), err
}

// certificate makes a certificate that signs itself, for 127.0.0.1.
func certificate(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sluice"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// A node is trusted by its CA alone, and knows the client by its certificate, or its user.
func TestWhoIsWho(t *testing.T) {
	s := indexertest.New(t)
	s.User, s.Password = "admin", "s3cret"
	s.Live()
	s.Create(index, 1)
	s.Put(index, "a", indexertest.Alert("1", 1), 1)
	cert, key := certificate(t)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(cert)
	node := httptest.NewUnstartedServer(s)
	node.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted}
	node.Config.ErrorLog = log.New(io.Discard, "", 0) // of the attempts that fail
	node.StartTLS()
	defer node.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: node.Certificate().Raw})
	all := indexer.Options{URLs: []string{node.URL}, User: s.User, Password: s.Password, CA: ca, Certificate: cert, Key: key}
	if text, err := read(t, client(t, all), 0); err != nil || strings.Count(text, "\n") != 1 {
		t.Errorf("%q, %v", text, err)
	}
	for what, c := range map[string]struct {
		change func(*indexer.Options)
		want   string
	}{
		"no CA":          {func(o *indexer.Options) { o.CA = nil }, "name the file of the CA"},
		"wrong password": {func(o *indexer.Options) { o.Password = "guessed" }, "check user and password"},
		"no certificate": {func(o *indexer.Options) { o.Certificate, o.Key = nil, nil }, "certificate required"},
	} {
		o := all
		o.Pause = func(context.Context, time.Duration) error { return nil }
		c.change(&o)
		if _, err := read(t, client(t, o), 0); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Pages are asked for as they are: to pack them costs the node more than to send them.
func TestPagesAreNotPacked(t *testing.T) {
	s := indexertest.New(t)
	s.Live()
	s.Create(index, 1)
	s.Put(index, "a", indexertest.Alert("1", 1), 1)
	s.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if packed := r.Header.Get("Accept-Encoding"); packed != "" {
			t.Errorf("%s asks for %s", r.URL.Path, packed)
		}
		return false
	}
	if text, err := read(t, client(t, indexer.Options{URLs: []string{s.URL}}), 0); err != nil || strings.Count(text, "\n") != 1 {
		t.Errorf("%q, %v", text, err)
	}
}

func TestNewRefuses(t *testing.T) {
	cert, _ := certificate(t)
	for _, o := range []indexer.Options{
		{}, {URLs: []string{"10.0.0.1:9200"}}, {URLs: []string{"ftp://10.0.0.1"}}, {URLs: []string{"https://admin:s3cret@10.0.0.1"}},
		{URLs: []string{"https://admin:s3cret@10.0.0.1:port"}}, {URLs: []string{"https://a"}, CA: []byte("none")}, {URLs: []string{"https://a"}, Certificate: cert},
	} {
		if _, err := indexer.New(o); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%+v: %v", o.URLs, err)
		}
	}
}

// A busy cluster is left alone for as long as it asks for; one that stays busy is an error.
func TestBusy(t *testing.T) {
	s := indexertest.New(t)
	s.Live()
	s.Create(index, 1)
	s.Put(index, "a", indexertest.Alert("1", 1), 1)
	refused := 0
	s.Intercept = func(w http.ResponseWriter, _ *http.Request) bool {
		if refused--; refused >= 0 {
			w.Header().Set("Retry-After", "7")
			indexertest.Fail(w, []int{429, 503}[refused%2], "opensearch_rejected_execution_exception", "queue full")
			return true
		}
		return false
	}
	var waited []time.Duration
	c := client(t, indexer.Options{URLs: []string{s.URL}, Pause: func(_ context.Context, d time.Duration) error {
		waited = append(waited, d)
		return nil
	}})
	refused = 3
	if text, err := read(t, c, 0); err != nil || text == "" {
		t.Errorf("%q, %v", text, err)
	}
	if !slices.Equal(waited, []time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second}) {
		t.Errorf("it waited for %v", waited)
	}
	refused = 1000
	if _, err := read(t, c, 0); err == nil || !strings.Contains(err.Error(), "asked again later") || refused < 900 {
		t.Errorf("%v, %d requests are left", err, refused)
	}
}

// A node that falls silent, before its answer or in it, or whose answer is cut, is given up,
// and the same is asked of the next.
func TestSilentNodes(t *testing.T) {
	s := indexertest.New(t)
	s.Live()
	s.Create(index, 1)
	s.Put(index, "a", indexertest.Alert("1", 1), 1)
	begin := func(w http.ResponseWriter) {
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
	}
	for name, do := range map[string]func(w http.ResponseWriter, r *http.Request){
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"silent":    func(w http.ResponseWriter, r *http.Request) { begin(w); <-r.Context().Done() },
		"silent, of a length": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "9")
			begin(w)
			<-r.Context().Done()
		},
		"cut":                func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "9"); begin(w) },
		"cut between chunks": func(w http.ResponseWriter, _ *http.Request) { begin(w); panic(http.ErrAbortHandler) },
	} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that the client is gone
			do(w, r)
		}))
		defer node.Close()
		o := indexer.Options{URLs: []string{node.URL, s.URL}, Idle: 50 * time.Millisecond, Pause: func(context.Context, time.Duration) error { return nil }}
		if text, err := read(t, client(t, o), 0); err != nil || text == "" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		o.URLs = o.URLs[:1]
		if text, err := read(t, client(t, o), 0); err == nil || !strings.Contains(err.Error(), "it is asked again later") {
			t.Errorf("%s alone: %q, %v", name, text, err)
		}
	}
}

// Patterns name indices, and leave out some of them.
func TestPatterns(t *testing.T) {
	s := indexertest.New(t)
	for _, name := range []string{index, "wazuh-alerts-4.x-2026.02.01", "wazuh-monitoring-2026.10w"} {
		s.Create(name, 2)
	}
	all, err := client(t, indexer.Options{URLs: []string{s.URL}}).Indices(t.Context(), []string{"wazuh-alerts-*", "-*-2026.02.*"})
	if err != nil || len(all) != 1 || all[0].Name != index || len(all[0].Shards) != 2 {
		t.Errorf("%v, %v", all, err)
	}
}

// While a node is away the next is asked.
func TestNodes(t *testing.T) {
	s := indexertest.New(t)
	s.Live()
	s.Create(index, 1)
	s.Put(index, "a", indexertest.Alert("1", 1), 1)
	c := client(t, indexer.Options{URLs: []string{"http://127.0.0.1:1", s.URL}, Pause: func(context.Context, time.Duration) error { return nil }})
	if text, err := read(t, c, 0); err != nil || text == "" {
		t.Errorf("%q, %v", text, err)
	}
}

// Documents of any size are read, a page at a time, and their lines are as OpenSearch has
// them, but for line ends.
func TestLargeDocuments(t *testing.T) {
	s := indexertest.New(t)
	s.Live()
	s.Create(index, 1)
	var want strings.Builder
	for n, size := range []int{1, 17 << 20, 17 << 20, 1} {
		pad := strings.Repeat("x", size)
		s.Put(index, fmt.Sprint(n), "{\r\n \"pad\":\n \""+pad+"\", \"n\": 1.50}", 1)
		fmt.Fprintf(&want, `{"_index":"%s","_id":"%d","_source":{"pad":"%s","n":1.50}}`+"\n", index, n, pad)
	}
	text, err := read(t, client(t, indexer.Options{URLs: []string{s.URL}}), 0)
	if err != nil || text != want.String() {
		t.Errorf("%d bytes and not %d, %v", len(text), want.Len(), err)
	}
	if n := s.Points(); n != 0 {
		t.Errorf("%d points in time are left", n)
	}
}

// Documents of one @timestamp are read in one page, however large they are; more of them than
// an answer can hold are an error, and no endless search for a page of the right size.
func TestManyDocumentsOfOneTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	pad := strings.Repeat("x", 250<<10)
	for _, test := range []struct {
		documents int
		pad       string
		says      string // "" for what can be read
	}{{200, pad, ""}, {3, pad, ""}, {10_000, "", "more documents have the @timestamp 1000"}, {9_999, "", ""}} {
		s := indexertest.New(t)
		s.Live()
		s.Create(index, 1)
		for n := range test.documents {
			s.Put(index, fmt.Sprint(n), fmt.Sprintf(`{"@timestamp":"1970-01-01T00:00:01.000Z","pad":%q}`, test.pad), 1000)
		}
		s.Put(index, "later", `{"@timestamp":"1970-01-01T00:00:02.000Z"}`, 2000)
		requests := 0
		s.Intercept = func(w http.ResponseWriter, _ *http.Request) bool {
			requests++
			if requests > 100 {
				indexertest.Fail(w, 400, "without_end", "it asks without end")
			}
			return requests > 100
		}
		seen := map[string]bool{}
		r := client(t, indexer.Options{URLs: []string{s.URL}}).OpenTimes(t.Context(), []string{"wazuh-*"}, 0, 5000, func(d indexer.Document) bool {
			known := seen[d.ID]
			seen[d.ID] = true
			return !known
		})
		text, err := io.ReadAll(r)
		must(t, r.Close())
		if test.says != "" {
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%d: %v", test.documents, err)
			}
			continue
		}
		if n := strings.Count(string(text), "\n"); err != nil || n != test.documents+1 {
			t.Errorf("%d documents: %d are read, %v", test.documents, n, err)
		}
	}
}

// An index that keeps no _source has nothing to read, which is an error and not a document.
func TestWithoutSource(t *testing.T) {
	s := indexertest.New(t)
	s.Live()
	s.Create(index, 1)
	s.Put(index, "a", indexertest.Alert("1", 1), 1)
	s.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/_search") {
			return false
		}
		fmt.Fprintf(w, `{"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":1},"hits":[{"_index":%q,"_id":"a","_seq_no":0,"_primary_term":1,"sort":[0]}]}}`, index)
		return true
	}
	if text, err := read(t, client(t, indexer.Options{URLs: []string{s.URL}}), 0); err == nil || text != "" || !strings.Contains(err.Error(), "keeps no `_source`") {
		t.Errorf("%q, %v", text, err)
	}
}

// For an address with the wrong scheme, or one that leads elsewhere, the error says what to do.
func TestAddressesOfTheWrongKind(t *testing.T) {
	s := indexertest.New(t)
	tls := httptest.NewUnstartedServer(s)
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	defer tls.Close()
	elsewhere := httptest.NewServer(http.RedirectHandler("https://example.com/", http.StatusMovedPermanently))
	defer elsewhere.Close()
	for address, says := range map[string]string{
		strings.Replace(s.URL, "http://", "https://", 1):   "begins with http://",
		strings.Replace(tls.URL, "https://", "http://", 1): "https://",
		elsewhere.URL: "leads elsewhere",
	} {
		c := client(t, indexer.Options{URLs: []string{address}, Pause: func(context.Context, time.Duration) error { return nil }})
		if _, err := c.Indices(t.Context(), []string{"wazuh-*"}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// CountTimes counts what lies in the span, both ends included, and returns the first time of it,
// or 0 where there is nothing.
func TestCountTimes(t *testing.T) {
	s := indexertest.New(t)
	s.Live()
	s.Create("wazuh-a", 2)
	for i, at := range []int64{1000, 2000, 2000, 3000} {
		s.Put("wazuh-a", fmt.Sprint(i), fmt.Sprintf(`{"@timestamp":%d}`, at), at)
	}
	c := client(t, indexer.Options{URLs: []string{s.URL}})
	for _, test := range []struct{ from, to, n, first int64 }{{0, 5000, 4, 1000}, {1000, 2000, 3, 1000}, {1001, 2999, 2, 2000}, {3000, 3000, 1, 3000}, {0, 999, 0, 0}, {3001, 5000, 0, 0}} {
		n, first, err := c.CountTimes(t.Context(), []string{"wazuh-*"}, test.from, test.to)
		if err != nil || n != test.n || first != test.first {
			t.Errorf("from %d to %d: %d from %d on (%v), want %d from %d on", test.from, test.to, n, first, err, test.n, test.first)
		}
	}
}
