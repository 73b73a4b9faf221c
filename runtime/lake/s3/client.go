package s3

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// Options choose an identity and a server. The zero value is the process's own
// identity and Amazon, as the SDK finds them in the environment, the shared
// files and the host (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, AWS_CA_BUNDLE,
// AWS_MAX_ATTEMPTS … all count).
type Options struct {
	// Region of the bucket; "" for the SDK's, and us-east-1 where it has none.
	Region string
	// Endpoint is the address of another server, with its scheme. With any
	// endpoint, this one or the environment's, buckets stand in the path.
	Endpoint string
	// RoleARN is a role to assume, ExternalID what its trust policy asks for.
	RoleARN, ExternalID string
}

// Client is one identity at one server. It may be used by several goroutines
// at once.
type Client struct {
	api *awss3.Client
}

const (
	// attempts is for each request, the first included, unless AWS_MAX_ATTEMPTS
	// says otherwise: with the SDK's growing pauses some seconds go by, which a
	// function with 30 s can bear.
	attempts = 4
	// idle is how long a connection may say nothing. Without a bound, a server
	// that accepts and falls silent would hold the run until its deadline.
	idle = 20 * time.Second

	sessionName = "sluice"
)

// NewClient finds the credentials' source and the server; it makes no request.
// A role is assumed when the first request needs it, and again before its
// credentials run out.
func NewClient(ctx context.Context, o Options) (*Client, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(httpClient()),
		config.WithLogger(logging.Nop{})) // what matters comes as an error, and only front doors log
	if err != nil {
		return nil, fmt.Errorf("the settings of AWS cannot be read: %w: check the variables AWS_… and the files in ~/.aws", err)
	}
	if loaded.Region == "" {
		loaded.Region = "us-east-1"
	}
	if o.RoleARN != "" {
		loaded.Credentials = assume(loaded, o)
	}
	if o.Region != "" {
		loaded.Region = o.Region
	}
	return &Client{api: awss3.NewFromConfig(loaded, func(s *awss3.Options) {
		if o.Endpoint != "" {
			s.BaseEndpoint = aws.String(o.Endpoint)
		}
		s.UsePathStyle = s.BaseEndpoint != nil
		if s.RetryMaxAttempts == 0 {
			s.RetryMaxAttempts = attempts
		}
		// An object of several parts has no checksum of the whole; that is no
		// news, and the SDK would print it beside the log.
		s.DisableLogOutputChecksumValidationSkipped = true
	})}, nil
}

// assume gives the credentials of the role, asked for by the own identity in
// the own region. An endpoint of Options is S3's and not the token service's;
// that of a stand-in is set by AWS_ENDPOINT_URL_STS.
func assume(own aws.Config, o Options) aws.CredentialsProvider {
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(own), o.RoleARN,
		func(a *stscreds.AssumeRoleOptions) {
			a.RoleSessionName = sessionName
			if o.ExternalID != "" {
				a.ExternalID = aws.String(o.ExternalID)
			}
		}))
}

func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = idle
		t.MaxIdleConnsPerHost = 32
	})
}
