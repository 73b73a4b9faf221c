package s3

import (
	"fmt"
	"regexp"
	"strings"
)

// Scheme is how addresses of buckets begin.
const Scheme = "s3://"

// Ref names an object. Version is "" for the newest version.
type Ref struct {
	Bucket, Key, Version string
}

// String is the address, without the version.
func (r Ref) String() string { return Scheme + r.Bucket + "/" + r.Key }

// Is reports whether a text is an S3 address, valid or not.
func Is(text string) bool { return strings.HasPrefix(text, Scheme) }

// bucketName also accepts upper case and underscores, which other servers and Amazon's
// oldest buckets have, and the ARN of an access point.
var bucketName = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]+[A-Za-z0-9]|arn:aws[a-z-]*:s3[a-z-]*:[^/]+)$`)

// afterARN takes the name of a bucket out of its ARN, which no request accepts.
func afterARN(text string) (name string, ok bool) {
	_, name, ok = strings.Cut(text, ":s3:::")
	return name, ok && strings.HasPrefix(text, "arn:")
}

// BucketOf takes the name of a bucket out of its ARN, or its address; another text it returns as
// it is.
func BucketOf(text string) string {
	if name, ok := afterARN(text); ok {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(text, Scheme), "/")
}

func isBucket(name string) bool {
	const longest = 255 // in the expression it would cost every start half a millisecond
	return bucketName.MatchString(name) && !strings.Contains(name, "..") && (len(name) <= longest || strings.HasPrefix(name, "arn:"))
}

// ParseAddress parses s3://bucket, s3://bucket/ or s3://bucket/key. The key may be "". An
// address has no escapes: the key is used as it is.
func ParseAddress(address string) (Ref, error) {
	rest, ok := strings.CutPrefix(address, Scheme)
	if !ok {
		return Ref{}, fmt.Errorf("%q is not an S3 address: write s3://bucket/key", address)
	}
	bucket, key, _ := strings.Cut(rest, "/")
	if !isBucket(bucket) {
		return Ref{}, fmt.Errorf("%q has no valid bucket: write s3://bucket/key; a bucket has 3 to 63 letters, digits, dots and hyphens", address)
	}
	return Ref{Bucket: bucket, Key: key}, nil
}

// CheckBucket returns an error unless a text can be the name of a bucket. What names the
// setting in the error.
func CheckBucket(what, name string) error {
	if rest, ok := afterARN(name); ok {
		return fmt.Errorf("%s %q is the ARN of a bucket: give its name alone, %s", what, name, rest)
	}
	if !isBucket(name) {
		return fmt.Errorf("%s %q is not the name of a bucket: use 3 to 63 letters, digits, dots and hyphens, without s3://", what, name)
	}
	return nil
}

// CheckAddress returns why ParseAddress would not accept a text, or nil. What
// names the setting in the error.
func CheckAddress(what, address string) error {
	if _, err := ParseAddress(address); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
