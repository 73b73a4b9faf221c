package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Law: a large object has the identity of its content wherever it lies and however it
// was uploaded, if the server knows a checksum of the whole; else that of its tag. A
// small one is identified by reading it.
func TestIdentityOfLargeObjects(t *testing.T) {
	const size = hashedBytes + 1
	for _, test := range []struct {
		head awss3.HeadObjectOutput
		want string
	}{
		{awss3.HeadObjectOutput{ContentLength: aws.Int64(hashedBytes), ETag: aws.String(`"t"`), ChecksumCRC64NVME: aws.String("c"), ChecksumType: types.ChecksumTypeFullObject}, ""},
		{awss3.HeadObjectOutput{ContentLength: aws.Int64(size), ETag: aws.String(`"t"`)}, "etag:t:268435457"},
		{awss3.HeadObjectOutput{ContentLength: aws.Int64(size), ETag: aws.String(`"t-2"`), ChecksumCRC64NVME: aws.String("c"), ChecksumType: types.ChecksumTypeFullObject}, "crc64nvme:c:268435457"},
		{awss3.HeadObjectOutput{ContentLength: aws.Int64(size), ETag: aws.String(`"u-3"`), ChecksumCRC64NVME: aws.String("c"), ChecksumType: types.ChecksumTypeFullObject}, "crc64nvme:c:268435457"},
		{awss3.HeadObjectOutput{ContentLength: aws.Int64(size), ETag: aws.String(`"t"`), ChecksumCRC32: aws.String("c"), ChecksumType: types.ChecksumTypeFullObject}, "crc32:c:268435457"},
		{awss3.HeadObjectOutput{ContentLength: aws.Int64(size), ETag: aws.String(`"t-2"`), ChecksumSHA256: aws.String("s-2"), ChecksumType: types.ChecksumTypeComposite}, "etag:t-2:268435457"},
	} {
		if got := identity(&test.head); got != test.want {
			t.Errorf("the identity is %q, want %q", got, test.want)
		}
	}
}
