package s3

import (
	"bytes"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// This file tries what works, and changes nothing.

// Who returns the ARN of the client's identity. A role is assumed for that.
func (c *Client) Who(ctx context.Context) (string, error) {
	out, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", advise(ctx, "ask for", "sts:GetCallerIdentity", identityName("this identity"), err)
	}
	return aws.ToString(out.Arn), nil
}

type identityName string

func (n identityName) String() string { return string(n) }

// RegionOf returns the region of a bucket, "" if the server does not say. It needs
// s3:ListBucket.
func (c *Client) RegionOf(ctx context.Context, bucket string) (string, error) {
	out, err := c.api.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &bucket})
	if err != nil {
		return "", advise(ctx, "look at", "s3:ListBucket", Ref{Bucket: bucket}, err)
	}
	return aws.ToString(out.BucketRegion), nil
}

// MayWrite returns an error if this identity may not write an object of this key, which
// must not exist. It asks for it on a condition that no object meets, so that nothing is
// written; a server that knows no conditions gets an empty object, which is removed. S3 may
// require the right to read for the condition: so an identity that is denied begins an upload
// without parts, and discards it.
func (c *Client) MayWrite(ctx context.Context, ref Ref, e Encryption) error {
	_, err := c.api.PutObject(ctx, &awss3.PutObjectInput{ExpectedBucketOwner: c.owner, Bucket: &ref.Bucket, Key: &ref.Key, Body: bytes.NewReader(nil),
		IfMatch: ptr(`"never"`), ServerSideEncryption: e.mode, SSEKMSKeyId: optional(e.key)})
	switch {
	case err == nil:
		_, err = c.api.DeleteObject(ctx, &awss3.DeleteObjectInput{ExpectedBucketOwner: c.owner, Bucket: &ref.Bucket, Key: &ref.Key})
		if err != nil {
			return advise(ctx, "remove the empty object that was written to try it,", "s3:DeleteObject", ref, err)
		}
		return nil
	case status(err) == 412, code(err) == "NoSuchKey":
		return nil
	case status(err) == 403:
		return c.mayBegin(ctx, ref, e, err)
	}
	return advise(ctx, "write", "s3:PutObject", ref, err)
}

// mayBegin returns an error if this identity may not begin an upload. The one that it
// begins costs nothing, even if it may not be discarded.
func (c *Client) mayBegin(ctx context.Context, ref Ref, e Encryption, denied error) error {
	u, err := c.api.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{ExpectedBucketOwner: c.owner, Bucket: &ref.Bucket, Key: &ref.Key, ServerSideEncryption: e.mode, SSEKMSKeyId: optional(e.key)})
	if err != nil {
		return advise(ctx, "write", "s3:PutObject", ref, denied)
	}
	_, _ = c.api.AbortMultipartUpload(ctx, &awss3.AbortMultipartUploadInput{ExpectedBucketOwner: c.owner, Bucket: &ref.Bucket, Key: &ref.Key, UploadId: u.UploadId}) // see above
	return nil
}

// Notification is a rule of a bucket by which somebody learns of new objects.
type Notification struct {
	// To is the ARN of a queue, topic or function, or "EventBridge".
	To     string
	Suffix string // of the keys that it is about, "" for all
}

// Notifications returns the rules by which a bucket notifies of new objects. It needs
// s3:GetBucketNotification.
func (c *Client) Notifications(ctx context.Context, bucket string) (all []Notification, err error) {
	out, err := c.api.GetBucketNotificationConfiguration(ctx, &awss3.GetBucketNotificationConfigurationInput{ExpectedBucketOwner: c.owner, Bucket: &bucket})
	if err != nil {
		return nil, advise(ctx, "read the notifications of", "s3:GetBucketNotification", Ref{Bucket: bucket}, err)
	}
	add := func(arn *string, events []types.Event, filter *types.NotificationConfigurationFilter) {
		for _, e := range events {
			if strings.HasPrefix(string(e), "s3:ObjectCreated:") {
				all = append(all, Notification{aws.ToString(arn), suffix(filter)})
				return
			}
		}
	}
	for _, n := range out.QueueConfigurations {
		add(n.QueueArn, n.Events, n.Filter)
	}
	for _, n := range out.TopicConfigurations {
		add(n.TopicArn, n.Events, n.Filter)
	}
	for _, n := range out.LambdaFunctionConfigurations {
		add(n.LambdaFunctionArn, n.Events, n.Filter)
	}
	if out.EventBridgeConfiguration != nil {
		all = append(all, Notification{To: "EventBridge"})
	}
	return all, nil
}

func suffix(f *types.NotificationConfigurationFilter) string {
	if f == nil || f.Key == nil {
		return ""
	}
	for _, rule := range f.Key.FilterRules {
		if strings.EqualFold(string(rule.Name), "suffix") {
			return aws.ToString(rule.Value)
		}
	}
	return ""
}
