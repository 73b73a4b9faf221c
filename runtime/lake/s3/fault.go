package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Fault is a request that failed after the SDK's retries. Its text says what was
// attempted, on what, why it failed and what to do.
type Fault struct {
	What   string // "read", "write" …
	Where  string // the address
	Err    error  // the SDK's
	reason string
	advice string
	cure   bool
}

func (f *Fault) Error() string {
	return fmt.Sprintf("%s %s: %s: %s", f.What, f.Where, f.reason, f.advice)
}

func (f *Fault) Unwrap() error { return f.Err }

// Curable reports whether the same request may succeed later by itself: after
// throttling, faults of the server or the network, for an object that was replaced while
// it was read, and any error that is not a Fault. It is false for missing permissions, and
// for missing objects and buckets.
func Curable(err error) bool {
	var f *Fault
	return !errors.As(err, &f) || f.cure
}

// Refused reports whether the server knew who asked, or not at all, and refused.
func Refused(err error) bool { return status(err) == 401 || status(err) == 403 }

// Missing reports whether the object, or its bucket, does not exist.
func Missing(err error) bool { return status(err) == 404 }

// Replaced reports whether the object has another state than the one that was asked for.
func Replaced(err error) bool { return status(err) == 412 }

// advise makes a Fault from an error of the SDK. Right is the permission that the request
// needs.
func advise(ctx context.Context, what, right string, where fmt.Stringer, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		noCredentials(ctx, err)
		return fmt.Errorf("%s %s was stopped: %w", what, where, cause)
	}
	f := &Fault{What: what, Where: where.String(), Err: err, reason: reason(err)}
	f.advice, f.cure = remedy(err, right)
	return f
}

// reason is short if the server said why: the SDK's text repeats itself.
func reason(err error) string {
	var said smithy.APIError
	var response *awshttp.ResponseError
	switch {
	case brokeOff(err):
		return "the answer broke off, or does not come from S3"
	case !errors.As(err, &said):
		return err.Error()
	case !errors.As(err, &response):
		return fmt.Sprintf("%s: %s", said.ErrorCode(), said.ErrorMessage())
	}
	return fmt.Sprintf("%s: %s (status %d, request %q)", said.ErrorCode(), said.ErrorMessage(),
		response.HTTPStatusCode(), response.ServiceRequestID())
}

func status(err error) int {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

func code(err error) string {
	var said smithy.APIError
	if errors.As(err, &said) {
		return said.ErrorCode()
	}
	return ""
}

// remedy returns what to do about an error, and whether waiting is enough.
func remedy(err error, right string) (advice string, cure bool) {
	if assumes(err) {
		return "the role could not be assumed; check ROLE_ARN, EXTERNAL_ID, the role's trust policy, and that this identity may call sts:AssumeRole on it", serverSide(err) || expired(err)
	}
	if status(err) == 0 && strings.Contains(err.Error(), "get identity: ") { // the SDK has no type for it
		return "no credentials were found, or they could not be renewed; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the host a role", false
	}
	if unsendable(err) {
		return "the request cannot be made; correct the name of the bucket, which is no ARN but that of an access point, the key, or the region", false
	}
	switch code(err) {
	case "NoSuchBucket":
		return "create the bucket, or correct its name", false
	case "InvalidBucketName":
		return "correct the name of the bucket", false
	case "NoSuchKey", "NotFound", "NoSuchVersion":
		return "the object does not exist: it was deleted, or its name is wrong", false
	case "MethodNotAllowed":
		return "this version is a delete marker: the object was deleted; name another version of it", false
	case "NoSuchUpload":
		return "another program ended the upload; run it again", true
	case "PreconditionFailed":
		return "the object was replaced while it was being read; run it again to read its new state", true
	case "InvalidObjectState":
		return "the object is archived; restore it first", false
	case "InvalidBucketState":
		return "the settings of the bucket do not allow it; check them", false
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return "the bucket is in another region; set AWS_REGION to it", false
	case "SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidClientTokenId":
		return "the credentials are wrong; check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which belong together", false
	case "AccountProblem", "AllAccessDisabled", "NotSignedUp", "InvalidPayer":
		return "the account, or the bucket, is blocked for everybody; ask its owner, or AWS Support", false
	case "NotImplemented":
		return "this server lacks conditional writes, or another part of S3 that the request needs; use a newer one", false
	}
	if expired(err) {
		return "the credentials have expired or the clock is wrong; renew them and run it again", true
	}
	return remedyOfKind(err, right)
}

// remedyOfKind is remedy for errors that their status identifies, or a part of their text.
func remedyOfKind(err error, right string) (advice string, cure bool) {
	switch {
	case serverSide(err):
		return "wait and run it again; nothing incomplete stays", true
	case strings.HasPrefix(code(err), "KMS."):
		return "the key that encrypts it cannot be used; enable it, or correct the key of the bucket or of SLUICE_SSE, and run it again", false
	case code(err) == "InvalidRequest" && strings.Contains(err.Error(), "Server Side Encryption"):
		return "the object is encrypted with a key that whoever wrote it keeps (SSE-C), which sluice cannot have; copy it with the encryption of the bucket", false
	}
	switch status(err) {
	case 404:
		return "it does not exist; check the bucket and the key", false
	case 409:
		return "another request changes it at the same time; wait and run it again", true
	case 412:
		return "the object was replaced meanwhile; run it again to read its new state", true
	case 401, 403:
		advice = "allow this identity " + right + " on it, and the use of its key where the bucket is encrypted with one"
		if strings.HasPrefix(right, "s3:Get") {
			advice += "; without s3:ListBucket, an object that does not exist looks like this too"
		}
		return advice, false
	case 301, 307:
		return "the bucket is in another region; set AWS_REGION to it", false
	}
	return "check the request's settings (bucket, region, encryption) and run it again", false
}

// unsendable reports whether the SDK found no address to send the request to, or could not write
// it. It has no type for the first.
func unsendable(err error) bool {
	return status(err) == 0 && (strings.Contains(err.Error(), "resolve endpoint: ") || errors.As(err, new(*smithy.SerializationError)) || errors.As(err, new(smithy.InvalidParamsError)))
}

// expired reports whether new credentials, or the right time, are enough.
func expired(err error) bool {
	switch code(err) {
	case "ExpiredToken", "ExpiredTokenException", "InvalidToken", "RequestTimeTooSkewed", "RequestExpired":
		return true
	}
	return false
}

// serverSide reports whether the server or the network caused the error: throttling, a
// status 5xx, or no response at all. Keys are throttled too.
func serverSide(err error) bool {
	c := code(err)
	switch c {
	case "SlowDown", "RequestTimeout", "RequestLimitExceeded", "InternalError", "ServiceUnavailable":
		return true
	}
	if brokeOff(err) || spoilt(err) {
		return true
	}
	for _, part := range []string{"Throttl", "KMS.KMSInternal", "KMS.DependencyTimeout"} {
		if strings.Contains(c, part) {
			return true
		}
	}
	s := status(err)
	return s == 0 || s == 429 || s >= 500
}

// brokeOff reports whether the server did what was asked, or not, and its answer could not be
// read.
func brokeOff(err error) bool {
	return status(err)/100 == 2 && code(err) == ""
}

// spoilt reports whether the request was changed on its way.
func spoilt(err error) bool {
	switch code(err) {
	case "BadDigest", "IncompleteBody", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch":
		return true
	}
	return false
}

// assumes reports whether the error is that of assuming a role.
func assumes(err error) bool {
	var op *smithy.OperationError
	for errors.As(err, &op) {
		if op.ServiceID == "STS" && strings.HasPrefix(op.OperationName, "AssumeRole") {
			return true
		}
		err = op.Err
	}
	return false
}
