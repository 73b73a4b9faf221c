package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Signer returns what signs requests, with their bodies, to another service of AWS than S3,
// such as "es", with the identity of the options and in their region.
func Signer(ctx context.Context, o Options, service string) (func(r *http.Request, body []byte) error, error) {
	c, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	return signer(c, service), nil
}

// Sender returns what signs requests like Signer, and sends them as the SDK sends its own.
func Sender(ctx context.Context, o Options, service string) (func(r *http.Request, body []byte) (*http.Response, error), error) {
	c, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	sign := signer(c, service)
	return func(r *http.Request, body []byte) (*http.Response, error) {
		if err := sign(r, body); err != nil {
			return nil, err
		}
		return c.HTTPClient.Do(r)
	}, nil
}

func signer(c aws.Config, service string) func(r *http.Request, body []byte) error {
	signer := v4.NewSigner()
	return func(r *http.Request, body []byte) error {
		credentials, err := c.Credentials.Retrieve(r.Context())
		if err != nil {
			return fmt.Errorf("no credentials of AWS were found, or they could not be renewed: %w; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the host a role", err)
		}
		sum := sha256.Sum256(body)
		digest := hex.EncodeToString(sum[:])
		r.Header.Set("X-Amz-Content-Sha256", digest)
		return signer.SignHTTP(r.Context(), credentials, r, digest, service, c.Region, time.Now())
	}
}
