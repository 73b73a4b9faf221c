//go:build unix

package cli_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/indexer/indexertest"
)

const (
	domainKey    = "AKIDEXAMPLE"
	domainSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

// signed checks the signature of a request as AWS documents version 4, with a body that is
// part of it.
func signed(r *http.Request, body []byte, region, service string) error {
	var scope, headers, signature string
	for _, part := range strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ", ") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "Credential":
			scope = value
		case "SignedHeaders":
			headers = value
		case "Signature":
			signature = value
		}
	}
	at := r.Header.Get("X-Amz-Date")
	if len(at) < 8 || scope != strings.Join([]string{domainKey, at[:8], region, service, "aws4_request"}, "/") {
		return fmt.Errorf("the scope is %q", scope)
	}
	canonical := []string{r.Method, escaped(r.URL.EscapedPath(), "/"), query(r.URL.Query())}
	for _, name := range strings.Split(headers, ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		canonical = append(canonical, name+":"+strings.TrimSpace(value))
	}
	digest := sha256.Sum256(body)
	canonical = append(canonical, "", headers, hex.EncodeToString(digest[:]))
	whole := sha256.Sum256([]byte(strings.Join(canonical, "\n")))
	key := []byte("AWS4" + domainSecret)
	for _, part := range []string{at[:8], region, service, "aws4_request", "AWS4-HMAC-SHA256\n" + at + "\n" + strings.TrimPrefix(scope, domainKey+"/") + "\n" + hex.EncodeToString(whole[:])} {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	if hex.EncodeToString(key) != signature {
		return fmt.Errorf("the signature does not match that of\n%s", strings.Join(canonical, "\n"))
	}
	return nil
}

// escaped encodes all but unreserved characters and those of keep.
func escaped(text, keep string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_.~"+keep, c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func query(values url.Values) string {
	var all []string
	for name, of := range values {
		for _, v := range of {
			all = append(all, escaped(name, "")+"="+escaped(v, ""))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "&")
}

// Law: a domain that AWS manages takes every request that pull signs, over TLS with a
// certificate of a CA of its own, and one that takes no other secret or region gets nothing
// else.
func TestPullOfADomain(t *testing.T) {
	s := indexertest.New(t)
	s.Live()
	s.Create("wazuh-alerts-4.x-2026.03.14", 2)
	for i := range 20 {
		s.Put("wazuh-alerts-4.x-2026.03.14", fmt.Sprint(i), indexertest.Alert(fmt.Sprint(i), 1773446400000), 1773446400000)
	}
	var refused atomic.Pointer[error]
	node := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = signed(r, body, "eu-west-1", "es")
		}
		if err != nil {
			refused.Store(&err)
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message":"The request signature we calculated does not match the signature you provided."}`)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.ServeHTTP(w, r)
	}))
	defer node.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: node.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	pull := func(secret, region, out string) *exec.Cmd {
		cmd := exec.Command("sluice", "pull", "--indexer", node.URL, "--indexer-ca", ca, "-o", out, "--every", "1s", "wazuh-alerts-4.x-*")
		cmd.Env = append(os.Environ(), "SLUICE_INDEXER_AWS=es", "AWS_REGION="+region, "AWS_ACCESS_KEY_ID="+domainKey, "AWS_SECRET_ACCESS_KEY="+secret)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if strings.Contains(said.String(), secret) {
				t.Error("it says its secret")
			}
		})
		return cmd
	}
	out := filepath.Join(t.TempDir(), "lake")
	cmd := pull(domainSecret, "eu-west-1", out)
	for began := time.Now(); len(rowsOf(t, out)) < 20 && time.Since(began) < time.Minute; {
		time.Sleep(50 * time.Millisecond)
	}
	ended(t, cmd)
	if n := len(rowsOf(t, out)); n != 20 || refused.Load() != nil {
		t.Errorf("%d documents were pulled of 20; refused: %v", n, refused.Load())
	}
	for _, wrong := range [][2]string{{"another", "eu-west-1"}, {domainSecret, "us-east-1"}} {
		refused.Store(nil)
		out := filepath.Join(t.TempDir(), "lake")
		cmd := pull(wrong[0], wrong[1], out)
		for began := time.Now(); refused.Load() == nil && time.Since(began) < time.Minute; {
			time.Sleep(20 * time.Millisecond)
		}
		ended(t, cmd)
		if refused.Load() == nil || len(rowsOf(t, out)) > 0 {
			t.Errorf("%v: it was not refused", wrong)
		}
	}
}
