package indexer

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Options say where the cluster is and how to get in.
type Options struct {
	// URLs are addresses of nodes, with their scheme. While one does not answer, the
	// next is asked.
	URLs []string
	// User and Password of basic authentication, "" for none.
	User, Password string
	// CA is a bundle of certificates in PEM that sign the nodes' own; nil for those of
	// the system.
	CA []byte
	// Certificate and Key of the client, in PEM; nil for none.
	Certificate, Key []byte
	// Sign signs a request with its body, for domains that AWS manages; nil for none.
	Sign func(r *http.Request, body []byte) error
	// Idle is the longest silence of a node; a minute if it is 0.
	Idle time.Duration
	// Pause waits between two attempts; nil for the clock.
	Pause func(ctx context.Context, d time.Duration) error
}

// Client is one cluster.
type Client struct {
	options Options
	http    *http.Client
	at      atomic.Int64 // of the node that answered last
}

const (
	// attempts is the number of attempts for a request, the first included.
	attempts = 5
	// idle is the longest silence of a node, of which nobody asked for another. A search
	// over a page takes milliseconds.
	idle = time.Minute
	// longestPause bounds what a node may ask for with Retry-After.
	longestPause = 2 * time.Minute
)

// New checks the options. It sends no request.
func New(o Options) (*Client, error) {
	if len(o.URLs) == 0 {
		return nil, errors.New("no address of the indexer is known: give https://HOST:9200")
	}
	for _, address := range o.URLs {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, fmt.Errorf("%q is not the address of an indexer: write https://HOST:9200", withoutSecrets(address))
		}
		if u.User != nil {
			return nil, fmt.Errorf("the address of the indexer %s has a user in it, and addresses are logged: give user and password by themselves", u.Redacted())
		}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CA != nil {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("the file of the indexer's CA holds no certificate in PEM")
		}
	}
	if o.Certificate != nil || o.Key != nil {
		pair, err := tls.X509KeyPair(o.Certificate, o.Key)
		if err != nil {
			return nil, fmt.Errorf("the certificate of the client and its key: %w: both are files in PEM, and belong together", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if o.Pause == nil {
		o.Pause = pause
	}
	if o.Idle <= 0 {
		o.Idle = idle
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig, t.ResponseHeaderTimeout = config, o.Idle
	t.DisableCompression = true // to pack pages costs the node more than to send them
	noRedirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{options: o, http: &http.Client{Transport: t, CheckRedirect: noRedirects}}, nil
}

// withoutSecrets cuts off a user and password before the host.
func withoutSecrets(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// call is one request.
type call struct {
	what, right  string // for errors: what is attempted, and the right that it needs
	method, path string
	query        url.Values
	body         []byte
	most         int64 // bytes of the answer, 0 for mostAnswer
}

// mostAnswer is more than one document can have: OpenSearch takes requests of 100 MiB.
const mostAnswer = 128 << 20

// do sends a request until it is answered, and returns the body of the answer. It waits
// while the cluster is busy, as long as it asks for.
func (c *Client) do(ctx context.Context, r call) ([]byte, error) {
	wait := 250 * time.Millisecond
	for try := 1; ; try++ {
		body, asked, err := c.once(ctx, r)
		var fault *Fault
		if err == nil || ctx.Err() != nil || errors.As(err, &fault) && !fault.Curable() || try == attempts {
			return body, err
		}
		if err := c.options.Pause(ctx, min(max(wait, asked), longestPause)); err != nil {
			return nil, err
		}
		wait *= 2
	}
}

// once sends a request to a node. Asked is how long the node asks to be left alone.
func (c *Client) once(ctx context.Context, r call) (body []byte, asked time.Duration, err error) {
	at := c.at.Load()
	node := c.options.URLs[int(at)%len(c.options.URLs)]
	of, cancel := context.WithCancel(ctx)
	defer cancel()
	answer, err := c.send(of, node, r)
	if err != nil {
		c.at.CompareAndSwap(at, at+1)
		if cause := context.Cause(ctx); cause != nil {
			return nil, 0, cause
		}
		return nil, 0, &Fault{What: r.what, Node: node, Reason: unreachable(err), Err: err}
	}
	defer answer.Body.Close()
	most := r.most
	if most == 0 {
		most = mostAnswer
	}
	body, err = readAll(&heard{answer.Body, c.options.Idle, cancel}, answer.ContentLength, most)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, 0, context.Cause(ctx)
	case err != nil:
		c.at.CompareAndSwap(at, at+1)
		return nil, 0, &Fault{What: r.what, Node: node, Reason: "the answer broke off: " + err.Error(), Err: err}
	case answer.StatusCode/100 != 2:
		if answer.StatusCode == http.StatusBadGateway || answer.StatusCode == http.StatusServiceUnavailable {
			c.at.CompareAndSwap(at, at+1)
		}
		return nil, retryAfter(answer.Header.Get("Retry-After")), refusal(r, node, answer.StatusCode, body)
	case int64(len(body)) > most:
		return nil, 0, errTooLarge
	}
	return body, 0, nil
}

// heard is a body that is given up once no byte arrives for long.
type heard struct {
	io.Reader
	idle   time.Duration
	giveUp func()
}

// Read implements io.Reader.
func (h *heard) Read(p []byte) (int, error) {
	silent := time.AfterFunc(h.idle, h.giveUp)
	n, err := h.Reader.Read(p)
	if !silent.Stop() && err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("no byte arrived for %v", h.idle)
	}
	return n, err
}

// readAll reads a body of a length, -1 if it is not known, up to one byte more than most.
func readAll(from io.Reader, length, most int64) ([]byte, error) {
	var b bytes.Buffer
	if length > 0 {
		b.Grow(int(min(length, most)) + bytes.MinRead) // which the end is read into
	}
	_, err := b.ReadFrom(io.LimitReader(from, most+1))
	return b.Bytes(), err
}

var errTooLarge = &Fault{What: "read", Reason: "the answer is too large", Status: http.StatusRequestEntityTooLarge}

func (c *Client) send(ctx context.Context, node string, r call) (*http.Response, error) {
	address := strings.TrimSuffix(node, "/") + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if r.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.options.User != "" {
		request.SetBasicAuth(c.options.User, c.options.Password)
	}
	if c.options.Sign != nil {
		if err := c.options.Sign(request, r.body); err != nil {
			return nil, err
		}
	}
	return c.http.Do(request)
}

// retryAfter reads the header: seconds, or a time.
func retryAfter(text string) time.Duration {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return time.Until(at)
	}
	return 0
}
