package s3

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// Options choose an identity and a server. The zero value is the process's own identity
// and Amazon, as the SDK finds them in the environment, the shared files and the host
// (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, AWS_CA_BUNDLE, AWS_MAX_ATTEMPTS and so on).
type Options struct {
	// Region that requests go to first; "" for that of the SDK, us-east-1 if it has none.
	Region string
	// Endpoint is the address of another server, with its scheme. With any endpoint,
	// this one or that of the environment, the bucket is part of the path.
	Endpoint string
	// RoleARN is a role to assume, ExternalID the one that its trust policy requires.
	RoleARN, ExternalID string
	// Owner is the account that the buckets must belong to, "" for any: a bucket that was
	// deleted may be made again by somebody else.
	Owner string
	// Patient sends a request that failed again until the time of RetryUntil, not four
	// times, unless AWS_MAX_ATTEMPTS is set.
	Patient bool
	// Warn, if not nil, gets what the caller should know and no request fails for: that
	// this identity may not abort uploads, once. Any goroutine may call it.
	Warn func(error)
}

// Client is one identity at one server. Several goroutines may use it at once.
type Client struct {
	api     *awss3.Client
	sts     *sts.Client
	warn    func(error) // nil for none
	owner   *string     // account of its buckets, nil where it is not known
	region  string      // that requests go to as a rule
	regions sync.Map    // of buckets that are in others, by name

	deniedAbort atomic.Bool // an abort was denied
}

const (
	// attempts is the number of attempts for each request, the first included,
	// unless AWS_MAX_ATTEMPTS is set: with the SDK's growing pauses they take some
	// seconds, which fit into a function's 30 s.
	attempts = 4
	// idle is the longest silence of a connection. Without a bound, a server that
	// accepts a connection and sends nothing would stop the run until its deadline.
	idle = 20 * time.Second

	sessionName = "sluice"
)

type sessionKey struct{}

// WithSession returns a context whose requests name the session of a role that is assumed
// for them: by it the log of the role's account leads to what made the requests. ID has
// letters, digits and hyphens.
func WithSession(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, sessionKey{}, id)
}

// assuming assumes a role, each time with the session of the request that needs it.
type assuming struct {
	api  *sts.Client
	role Options
}

func (a assuming) Retrieve(ctx context.Context) (aws.Credentials, error) {
	return stscreds.NewAssumeRoleProvider(a.api, a.role.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = sessionName
		if id, ok := ctx.Value(sessionKey{}).(string); ok {
			o.RoleSessionName += "-" + id
		}
		o.ExternalID = optional(a.role.ExternalID)
	}).Retrieve(ctx)
}

// NewClient finds the source of the credentials and the server; it sends no request. The
// role is assumed for the first request, and again before its credentials expire.
func NewClient(ctx context.Context, o Options) (*Client, error) {
	loaded, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Client{warn: o.Warn, owner: optional(o.Owner), region: loaded.Region, sts: sts.NewFromConfig(loaded), api: awss3.NewFromConfig(loaded, func(s *awss3.Options) {
		if o.Endpoint != "" {
			s.BaseEndpoint = aws.String(o.Endpoint)
		}
		s.UsePathStyle = s.BaseEndpoint != nil
		switch {
		case o.Patient:
			s.Retryer = newPatient()
		case s.RetryMaxAttempts == 0:
			s.RetryMaxAttempts = attempts
		}
		// An object of several parts has no checksum of the whole, which is normal;
		// the SDK would print a warning.
		s.DisableLogOutputChecksumValidationSkipped = true
	})}, nil
}

// load reads the settings of the SDK, and puts the options over them.
func load(ctx context.Context, o Options) (aws.Config, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(httpClient()),
		config.WithLogger(logging.Nop{})) // what matters is returned as an error, and only front doors log
	if err != nil {
		return loaded, fmt.Errorf("reading the AWS settings: %w: check the variables AWS_… and the files in ~/.aws", err)
	}
	loaded.HTTPClient = listening{loaded.HTTPClient} // not before: the SDK puts AWS_CA_BUNDLE into its own type
	mode := loaded.RetryMode
	loaded.Retryer = func() aws.Retryer { return newRetryer(mode) }
	if loaded.Region == "" {
		loaded.Region = "us-east-1"
	}
	if o.RoleARN != "" {
		loaded.Credentials = assume(loaded, o)
	}
	if o.Region != "" {
		loaded.Region = o.Region
	}
	return loaded, nil
}

// assume returns the credentials of the role, requested with the own identity in the own
// region. The endpoint of Options is that of S3 and not of the token service; for a
// stand-in of the latter set AWS_ENDPOINT_URL_STS.
func assume(own aws.Config, o Options) aws.CredentialsProvider {
	return aws.NewCredentialsCache(assuming{sts.NewFromConfig(own), o})
}

func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = idle
		t.MaxIdleConnsPerHost = 32
	})
}
