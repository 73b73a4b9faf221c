package securitylake

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
)

// Source is a custom source to be registered.
type Source struct {
	Name string
	// Class is the OCSF class as Security Lake spells it: SECURITY_FINDING.
	Class string
	// Bucket is that of the data lake.
	Bucket string
	Region string
	// Account is the AWS account that will write, ExternalID a text that it must give.
	Account, ExternalID string
}

// longestName is what Security Lake allows: it makes the name of a role from it.
const longestName = 20

var (
	sourceName = lazyregexp.MustCompile(`^[A-Za-z0-9_.:-]+$`)
	eventClass = lazyregexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
	accountID  = lazyregexp.MustCompile(`^[0-9]{12}$`)
	externalID = lazyregexp.MustCompile(`^[A-Za-z0-9+=,.@:/_-]+$`)
)

// Check returns an error that joins everything that Security Lake or IAM would refuse.
func (s Source) Check() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if n := len(s.Name); n > longestName {
		fault("the source %q has %d characters, and Security Lake accepts %d: give it a shorter name", s.Name, n, longestName)
	}
	if !sourceName().MatchString(s.Name) {
		fault("the source %q is not a name that Security Lake accepts: use letters, digits, or any of \"_-.:\"", s.Name)
	}
	if !eventClass().MatchString(s.Class) {
		fault("the event class %q of %s is not one of Security Lake's: these are written as SECURITY_FINDING", s.Class, s.Name)
	}
	if !accountID().MatchString(s.Account) {
		fault("the account %q is not an AWS account: give the 12 digits of the account that will write", s.Account)
	}
	if n := len(s.ExternalID); n < 2 || n > 1224 || !externalID().MatchString(s.ExternalID) {
		fault("the external ID %q is not one that IAM accepts: give 2 to 1224 letters, digits, or any of \"+=,.@:/_-\"", s.ExternalID)
	}
	return errors.Join(errs...)
}

// CrawlerRole is the name of the role that the crawler of the source assumes. IAM knows no
// colon in it.
func (s Source) CrawlerRole() string {
	return strings.ReplaceAll("sluice-crawler-"+s.Name+"-"+s.Region, ":", "_")
}

// partition of the ARNs of a region.
func partition(region string) string {
	switch {
	case len(region) > 3 && region[:3] == "cn-":
		return "aws-cn"
	case len(region) > 7 && region[:7] == "us-gov-":
		return "aws-us-gov"
	}
	return "aws"
}

// gluePolicy is the managed policy that every crawler needs: the catalogue, its logs.
func (s Source) gluePolicy() string {
	return "arn:" + partition(s.Region) + ":iam::aws:policy/service-role/AWSGlueServiceRole"
}

const crawlerPolicy = "read-the-source"

type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  string         `json:",omitempty"`
	Condition map[string]any `json:",omitempty"`
}

const policyVersion = "2012-10-17"

// trust lets Glue, for this account, assume the role of the crawler.
func (s Source) trust(own string) document {
	return document{policyVersion, []statement{{Effect: "Allow", Principal: map[string]string{"Service": "glue.amazonaws.com"},
		Action: []string{"sts:AssumeRole"}, Condition: map[string]any{"StringEquals": map[string]string{"aws:SourceAccount": own}}}}}
}

// reads lets the crawler use the objects of the source, and nothing else of the bucket. The
// documentation of Security Lake gives it both actions.
func (s Source) reads() document {
	bucket := "arn:" + partition(s.Region) + ":s3:::" + s.Bucket
	return document{policyVersion, []statement{
		{Effect: "Allow", Action: []string{"s3:GetObject", "s3:PutObject"}, Resource: bucket + "/ext/" + s.Name + "/*"},
		{Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: bucket,
			Condition: map[string]any{"StringLike": map[string]string{"s3:prefix": "ext/" + s.Name + "/*"}}},
	}}
}

func (d document) text() string {
	text, _ := json.Marshal(d) // texts can always be marshalled
	return string(text)
}

// Call is a request as it would be sent.
type Call struct {
	Service   string         `json:"service"`
	Operation string         `json:"operation"`
	Input     map[string]any `json:"input"`
}

// Calls are the requests that Create sends where nothing of the source exists. Own is the
// account that sends them.
func (s Source) Calls(own string) []Call {
	role := s.CrawlerRole()
	return []Call{
		{"iam", "CreateRole", map[string]any{"RoleName": role, "AssumeRolePolicyDocument": s.trust(own), "Description": s.description()}},
		{"iam", "AttachRolePolicy", map[string]any{"RoleName": role, "PolicyArn": s.gluePolicy()}},
		{"iam", "PutRolePolicy", map[string]any{"RoleName": role, "PolicyName": crawlerPolicy, "PolicyDocument": s.reads()}},
		{"securitylake", "CreateCustomLogSource", map[string]any{"sourceName": s.Name, "eventClasses": []string{s.Class},
			"configuration": map[string]any{
				"crawlerConfiguration": map[string]string{"roleArn": "arn:" + partition(s.Region) + ":iam::" + own + ":role/" + role},
				"providerIdentity":     map[string]string{"principal": s.Account, "externalId": s.ExternalID},
			}}},
	}
}

func (s Source) description() string {
	return "Lets the crawler of the Security Lake source " + s.Name + " read its objects"
}
