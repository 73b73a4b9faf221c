package deployment

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// Client sends requests with one identity to the services of one region. Several
// goroutines may use it at once.
type Client struct {
	options s3.Options
	region  string
	pause   time.Duration

	mu      sync.Mutex
	senders map[string]sender // by service
}

type sender func(r *http.Request, body []byte) (*http.Response, error)

const (
	// silence bounds a request: all answers are small.
	silence = 20 * time.Second
	// attempts is the number of attempts for each request, the first included.
	attempts = 3
	// answerBytes bounds an answer: a table of all attributes has some hundred kilobytes.
	answerBytes = 16 << 20
)

// New makes a Client. It sends no request. Region is that of the services.
func New(o s3.Options, region string) *Client {
	o.Region = region
	return &Client{options: o, region: region, pause: time.Second, senders: map[string]sender{}}
}

func (c *Client) sender(ctx context.Context, service string) (sender, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.senders[service]; s != nil {
		return s, nil
	}
	s, err := s3.Sender(ctx, c.options, service)
	if err == nil {
		c.senders[service] = s
	}
	return s, err
}

// request is one request to a service, which is named as in its endpoint.
type request struct {
	service, right string // right is the permission that it needs
	what           string // for errors: what is attempted
	method, path   string
	query          url.Values
	header         map[string]string
	body           []byte
}

// json is a request in the JSON protocol of AWS.
func (r request) json(target string, in any) request {
	r.method, r.path = http.MethodPost, "/"
	r.header = map[string]string{"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
	r.body, _ = json.Marshal(in) // texts, numbers and lists can always be marshalled
	return r
}

// Fault is a request that was refused, or that got no answer.
type Fault struct {
	What, Right  string
	Status       int    // 0 without an answer
	Code, Reason string // as the service has them
}

// Error says what was attempted, why it failed and what to do.
func (f *Fault) Error() string {
	return fmt.Sprintf("%s: %s: %s", f.What, strings.Trim(f.Code+": "+f.Reason, ": "), f.advice())
}

func (f *Fault) advice() string {
	switch {
	case f.Denied():
		return "allow this identity " + f.Right
	case f.Missing():
		return "this account and region have nothing of this name: check the name and --region"
	case f.Status == 0:
		return "check the credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), the region and the network"
	case strings.Contains(f.Code, "Token"), strings.Contains(f.Code, "Signature"), f.Code == "UnrecognizedClientException":
		return "the credentials are wrong or have expired: renew them"
	}
	return "wait and run it again"
}

// Denied reports whether the identity lacks the right.
func (f *Fault) Denied() bool {
	return strings.HasPrefix(f.Code, "AccessDenied") || f.Code == "NotAuthorized" || f.Code == "" && f.Status == http.StatusForbidden
}

// Missing reports whether there is no such thing.
func (f *Fault) Missing() bool {
	return f.Status == http.StatusNotFound || strings.HasSuffix(f.Code, "NotFoundException") || f.Code == "NonExistentQueue"
}

// Denied reports whether an error says that the identity lacks a right.
func Denied(err error) bool {
	var f *Fault
	return errors.As(err, &f) && f.Denied()
}

// Unseen reports whether an error says that something could not be looked at, and nothing
// of what it is like.
func Unseen(err error) bool {
	var f *Fault
	return errors.As(err, &f) && !f.Missing()
}

// send sends a request until it is answered, and reads the answer.
func (c *Client) send(ctx context.Context, r request, read func([]byte) error) error {
	do, err := c.sender(ctx, r.service)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		fault, body := c.once(ctx, r, do)
		if fault == nil {
			if err := read(body); err != nil {
				return fmt.Errorf("%s: the answer cannot be read: %w", r.what, err)
			}
			return nil
		}
		passing := fault.Status == 0 || fault.Status == 429 || fault.Status >= 500 || strings.Contains(fault.Code, "Throttl")
		if !passing || try == attempts || ctx.Err() != nil {
			return fault
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(c.pause):
		}
	}
}

func (c *Client) once(ctx context.Context, r request, do sender) (*Fault, []byte) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	fault := &Fault{What: r.what, Right: r.right}
	address := c.endpoint(r.service) + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	q, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	var answer *http.Response
	if err == nil {
		for name, value := range r.header {
			q.Header.Set(name, value)
		}
		answer, err = do(q, r.body)
	}
	if err != nil {
		fault.Reason = err.Error()
		return fault, nil
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerBytes))
	if err == nil && answer.StatusCode/100 == 2 {
		return nil, body
	}
	fault.Status = answer.StatusCode
	fault.Code, fault.Reason = refusal(answer.Header, body)
	if err != nil {
		fault.Reason = err.Error()
	}
	return fault, nil
}

// refusal reads the answer of a service that refuses, in JSON or XML.
func refusal(h http.Header, body []byte) (code, reason string) {
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // in any case
	}
	if json.Unmarshal(body, &said) == nil {
		code = cmp.Or(h.Get("X-Amzn-Errortype"), said.Type)
		code, _, _ = strings.Cut(code, ":")
		return code[strings.LastIndexByte(code, '#')+1:], said.Message
	}
	var fault struct {
		Error struct{ Code, Message string }
	}
	if xml.Unmarshal(body, &fault) == nil {
		return fault.Error.Code, fault.Error.Message
	}
	return "", http.StatusText(http.StatusInternalServerError)
}

// endpoint is the address of a service: that of the environment, as the SDK has it, or
// Amazon's in the region.
func (c *Client) endpoint(service string) string {
	name := strings.ToUpper(map[string]string{"monitoring": "cloudwatch"}[service])
	if name == "" {
		name = strings.ToUpper(service)
	}
	if own := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_"+name), os.Getenv("AWS_ENDPOINT_URL")); own != "" {
		return strings.TrimRight(own, "/")
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(c.region, "cn-") {
		suffix += ".cn"
	}
	return "https://" + service + "." + c.region + "." + suffix
}
