//go:build integration

package lambda_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// The function and the command line against versitygw over TLS: a server of
// others, which wants signatures and checksums in trailers to be right.
// `make integration` builds it and names it in VERSITYGW.

// gateway is a running versitygw. Its buckets are folders.
type gateway struct {
	url    string
	root   string
	env    []string // of the SDK
	client *s3.Client
}

func startGateway(t *testing.T, buckets ...string) *gateway {
	t.Helper()
	folder := t.TempDir()
	g := &gateway{root: filepath.Join(folder, "data")}
	for _, b := range buckets {
		if err := os.MkdirAll(filepath.Join(g.root, b), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	cert, key := certificate(t, folder)
	address := freeAddress(t)
	program := exec.Command(os.Getenv("VERSITYGW"), "--port", address, "--quiet", "--health", "/health", "--cert", cert, "--key", key, "posix", g.root)
	program.Env = []string{"ROOT_ACCESS_KEY=" + s3test.Identity, "ROOT_SECRET_KEY=secret"}
	program.Stderr = os.Stderr
	if err := program.Start(); err != nil {
		t.Fatalf("versitygw: %v: run `make integration`, which builds it", err)
	}
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait() // it was killed
	})
	g.url = "https://" + address
	waitFor(t, g.url+"/health")
	s3test.Setenv(t, g.url)
	t.Setenv("AWS_CA_BUNDLE", cert)
	g.env = append(s3test.Environ(g.url), "AWS_CA_BUNDLE="+cert)
	var err error
	if g.client, err = s3.NewClient(t.Context(), s3.Options{}); err != nil {
		t.Fatal(err)
	}
	return g
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func waitFor(t *testing.T, url string) {
	t.Helper()
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if resp, err := client.Get(url); err == nil {
			resp.Body.Close()
			return
		}
	}
	t.Fatalf("%s does not answer", url)
}

func certificate(t *testing.T, folder string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func (g *gateway) put(t *testing.T, bucket, key string, body []byte) {
	t.Helper()
	o, err := g.client.NewSink(s3.Ref{Bucket: bucket}, s3.Encryption{}).Create(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := o.Commit(t.Context(), key); err != nil {
		t.Fatal(err)
	}
}

// written gives what is in the buckets that the function writes to.
func (g *gateway) written(t *testing.T) tree {
	t.Helper()
	all := tree{}
	for name, body := range inFolder(t, g.root) {
		switch {
		case strings.Contains(name, ".sgwtmp"): // parts of uploads
		case strings.HasPrefix(name, "lake/"):
			all[name] = body
		case strings.HasPrefix(name, "ocsf/ext/"):
			all[name] = body
		case strings.HasPrefix(name, "ocsf/rejects/"):
			all[strings.TrimPrefix(name, "ocsf/")] = body
		}
	}
	return all
}

func (g *gateway) clear(t *testing.T) {
	t.Helper()
	for _, b := range []string{"lake", "ocsf"} {
		if err := os.RemoveAll(filepath.Join(g.root, b)); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(g.root, b), 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

func (g *gateway) guide(more ...string) []string {
	return append(append([]string{"AWS_BUCKET=lake", "SOURCE_LOCATION=wazuh", "ACCOUNT_ID=111122223333", "REGION=us-east-1", "S3_BUCKET_OCSF=ocsf"}, g.env...), more...)
}

const guideKey = "20240417/ls.s3.0055f22e-200e-4259-b865-8ccea05812be.2024-04-17T15.45.part0.txt"

func TestIntegrationTheFunctionWritesWhatTheCommandLineWrites(t *testing.T) {
	g := startGateway(t, "raw", "lake", "ocsf", "other")
	g.put(t, "raw", "in/"+guideKey, many(20))
	g.put(t, "raw", "in/odd a+b%20c é.json", samples(t))
	g.put(t, "raw", "in/large.txt.gz", packed(t, large()))
	folder := t.TempDir()
	runCLI(t, g.env, folder, "s3://raw/in/")
	want := inFolder(t, folder)

	runCLI(t, g.env, "s3://other/x", "s3://raw/in/")
	same(t, "the command line into a bucket", want, inFolder(t, filepath.Join(g.root, "other", "x")))

	fn := start(t, g.guide()...)
	event := sqsEvent("", s3Event("raw", "in/"+guideKey, "in/odd a+b%20c é.json"), snsEnvelope(s3Event("raw", "in/large.txt.gz")))
	for _, name := range []string{"once", "twice"} {
		if s := fn.must(event); s.failures() != "" || s.Inputs != 3 || s.Rejects == 0 {
			t.Errorf("%s: %+v", name, s)
		}
		same(t, name, want, g.written(t))
	}
	const object = "lake/ext/wazuh/region=us-east-1/accountId=111122223333/eventDay=20240422/0055f22e200e4259b8658ccea05812be.parquet"
	if want[object] == "" {
		t.Errorf("the guide's sample did not become the object under the guide's key: %v", sizes(want))
	}
}

func TestIntegrationFaults(t *testing.T) {
	g := startGateway(t, "raw", "lake", "ocsf")
	g.put(t, "raw", "large.txt.gz", packed(t, large()))
	folder := t.TempDir()
	runCLI(t, g.env, folder, "s3://raw/large.txt.gz")
	want := inFolder(t, folder)
	proxy := s3test.NewProxy(t, g.url)
	event := sqsEvent("", s3Event("raw", "large.txt.gz"))
	for name, w := range map[string]s3test.Weather{
		"resets while uploading": {UpBytes: 3 << 20, Times: 2}, "early ends while reading": {DownBytes: 1 << 20, Times: 6}, "refused": {Refuse: true, Times: 1},
	} {
		g.clear(t)
		fn := start(t, g.guide("AWS_ENDPOINT_URL="+proxy.URL)...)
		proxy.Set(w)
		if s := fn.must(event); s.failures() != "" || proxy.Spoilt() == 0 {
			t.Errorf("%s: %+v, %d connections", name, s, proxy.Spoilt())
		}
		proxy.Set(s3test.Weather{})
		same(t, name, want, g.written(t))
	}
	wrong := start(t, g.guide("AWS_SECRET_ACCESS_KEY=guessed")...)
	if s := wrong.must(event); s.failures() != "m0" {
		t.Errorf("with a wrong secret: %+v", s)
	}
}
