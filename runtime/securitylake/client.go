package securitylake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/securitylake"
	"github.com/aws/aws-sdk-go-v2/service/securitylake/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
)

// Client talks to the services of one region with the process's own identity.
type Client struct {
	region string
	lake   *securitylake.Client
	iam    *iam.Client
	sts    *sts.Client
	// Wait is the pause before the source is asked for again, while a role that was just
	// made is not known everywhere; default 5 s.
	Wait time.Duration
}

// NewClient finds credentials and servers as the SDK does; it sends no request.
func NewClient(ctx context.Context, region string) (*Client, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fmt.Errorf("reading the AWS settings: %w: check the variables AWS_… and the files in ~/.aws", err)
	}
	loaded.Region = region
	return &Client{region: region, lake: securitylake.NewFromConfig(loaded), iam: iam.NewFromConfig(loaded), sts: sts.NewFromConfig(loaded), Wait: 5 * time.Second}, nil
}

// Account returns the account of the identity.
func (c *Client) Account(ctx context.Context) (string, error) {
	out, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", advise("ask who this identity is", "sts:GetCallerIdentity", err)
	}
	return aws.ToString(out.Account), nil
}

// Bucket returns the bucket of the data lake of the region.
func (c *Client) Bucket(ctx context.Context) (string, error) {
	out, err := c.lake.ListDataLakes(ctx, &securitylake.ListDataLakesInput{Regions: []string{c.region}})
	if err != nil {
		return "", advise("find the data lake of "+c.region, "securitylake:ListDataLakes", err)
	}
	for _, l := range out.DataLakes {
		if arn := aws.ToString(l.S3BucketArn); arn != "" {
			return arn[strings.LastIndexByte(arn, ':')+1:], nil
		}
	}
	return "", fmt.Errorf("there is no data lake in %s: Security Lake is not enabled; enable it there, or name another region with --region", c.region)
}

// Registered is a custom source that Security Lake has.
type Registered struct {
	Name         string `json:"source"`
	Version      string `json:"version,omitempty"`
	ProviderRole string `json:"provider_role"`
	Location     string `json:"location"`
	Crawler      string `json:"crawler"`
	Table        string `json:"table"`
}

func registered(r types.CustomLogSourceResource) Registered {
	s := Registered{Name: aws.ToString(r.SourceName), Version: aws.ToString(r.SourceVersion)}
	if r.Provider != nil {
		s.ProviderRole, s.Location = aws.ToString(r.Provider.RoleArn), aws.ToString(r.Provider.Location)
	}
	if r.Attributes != nil {
		s.Crawler, s.Table = aws.ToString(r.Attributes.CrawlerArn), aws.ToString(r.Attributes.TableArn)
	}
	return s
}

// List returns the custom sources of the region.
func (c *Client) List(ctx context.Context) ([]Registered, error) {
	var all []Registered
	pages := securitylake.NewListLogSourcesPaginator(c.lake, &securitylake.ListLogSourcesInput{Regions: []string{c.region}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, advise("list the sources", "securitylake:ListLogSources", err)
		}
		for _, of := range page.Sources {
			for _, s := range of.Sources {
				if custom, ok := s.(*types.LogSourceResourceMemberCustomLogSource); ok {
					all = append(all, registered(custom.Value))
				}
			}
		}
	}
	return all, nil
}

// Create registers a source, with a role for its crawler. What is there of an earlier
// call stays as it is. Own is the account of the identity.
func (c *Client) Create(ctx context.Context, s Source, own string) (Registered, error) {
	if err := s.Check(); err != nil {
		return Registered{}, err
	}
	role, err := c.crawlerRole(ctx, s, own)
	if err != nil {
		return Registered{}, err
	}
	in := &securitylake.CreateCustomLogSourceInput{SourceName: &s.Name, EventClasses: []string{s.Class},
		Configuration: &types.CustomLogSourceConfiguration{
			CrawlerConfiguration: &types.CustomLogSourceCrawlerConfiguration{RoleArn: &role},
			ProviderIdentity:     &types.AwsIdentity{Principal: &s.Account, ExternalId: &s.ExternalID},
		}}
	const attempts = 6 // a role that was just made is not known everywhere for some seconds
	for try := 1; ; try++ {
		out, err := c.lake.CreateCustomLogSource(ctx, in)
		if err == nil {
			return registered(*out.Source), nil
		}
		if try == attempts || code(err) != "BadRequestException" || !strings.Contains(strings.ToLower(err.Error()), "role") {
			return Registered{}, advise("register the source "+s.Name, "securitylake:CreateCustomLogSource", err)
		}
		select {
		case <-time.After(c.Wait):
		case <-ctx.Done():
			return Registered{}, context.Cause(ctx)
		}
	}
}

// crawlerRole makes the role of the crawler, unless there is one, and returns its ARN.
func (c *Client) crawlerRole(ctx context.Context, s Source, own string) (string, error) {
	name := s.CrawlerRole()
	arn := ""
	made, err := c.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(s.trust(own).text()),
		Description: aws.String(s.description())})
	var exists *iamtypes.EntityAlreadyExistsException
	switch {
	case err == nil:
		arn = aws.ToString(made.Role.Arn)
	case errors.As(err, &exists):
		found, err := c.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return "", advise("look at the role "+name, "iam:GetRole", err)
		}
		arn = aws.ToString(found.Role.Arn)
	default:
		return "", advise("make the role "+name, "iam:CreateRole", err)
	}
	if _, err = c.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: aws.String(s.gluePolicy())}); err != nil {
		return "", advise("attach a policy to the role "+name, "iam:AttachRolePolicy", err)
	}
	if _, err = c.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String(crawlerPolicy),
		PolicyDocument: aws.String(s.reads().text())}); err != nil {
		return "", advise("write a policy of the role "+name, "iam:PutRolePolicy", err)
	}
	return arn, nil
}

// Delete removes a source and the role of its crawler. Its objects stay in the bucket.
func (c *Client) Delete(ctx context.Context, name string) error {
	if _, err := c.lake.DeleteCustomLogSource(ctx, &securitylake.DeleteCustomLogSourceInput{SourceName: &name}); err != nil {
		return advise("remove the source "+name, "securitylake:DeleteCustomLogSource", err)
	}
	s := Source{Name: name, Region: c.region}
	role := s.CrawlerRole()
	_, policy := c.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: aws.String(crawlerPolicy)})
	_, attached := c.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: aws.String(s.gluePolicy())})
	_, removed := c.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &role})
	for _, err := range []error{policy, attached, removed} {
		var none *iamtypes.NoSuchEntityException
		if err != nil && !errors.As(err, &none) {
			return advise("the source "+name+" is removed; remove its role "+role, "iam:DeleteRole, iam:DeleteRolePolicy and iam:DetachRolePolicy", err)
		}
	}
	return nil
}

func code(err error) string {
	var said smithy.APIError
	if errors.As(err, &said) {
		return said.ErrorCode()
	}
	return ""
}

// advise returns an error that says what was attempted, why it failed and what to do. Right
// is the permission that the request needs.
func advise(what, right string, err error) error {
	var said smithy.APIError
	if !errors.As(err, &said) {
		return fmt.Errorf("%s: %w: check the credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), the region and the network", what, err)
	}
	advice := "check the settings and run it again"
	switch said.ErrorCode() {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedException":
		advice = "allow this identity " + right
	case "ConflictException":
		advice = "there is a source of this name: `sluice source list` shows it"
	case "ResourceNotFoundException":
		advice = "there is none: `sluice source list` shows those that there are"
	case "ThrottlingException", "InternalServerException":
		advice = "wait and run it again"
	}
	return fmt.Errorf("%s: %s: %s: %s", what, said.ErrorCode(), said.ErrorMessage(), advice)
}
