package s3

import (
	"errors"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// follow sends a request on a bucket, and once more if the server says that the bucket is
// in another region. What it says is remembered. Send makes a new request with the option.
func (c *Client) follow(bucket string, send func(in func(*awss3.Options)) error) error {
	err := send(c.in(bucket))
	if err != nil && c.moved(bucket, err) {
		err = send(c.in(bucket))
	}
	return err
}

// in is the option of a request on a bucket whose region may be known.
func (c *Client) in(bucket string) func(*awss3.Options) {
	region, known := c.regions.Load(bucket)
	return func(o *awss3.Options) {
		if known {
			o.Region = region.(string)
		}
	}
}

// moved notes the region that an error names for the bucket, and reports whether it is
// another one than the request went to.
func (c *Client) moved(bucket string, err error) bool {
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.Response == nil {
		return false
	}
	switch response.HTTPStatusCode() {
	case 301, 307, 400:
	default:
		return false
	}
	region := response.Response.Header.Get("x-amz-bucket-region")
	if region == "" {
		return false
	}
	before, known := c.regions.Swap(bucket, region)
	return !known && region != c.region || known && before != region
}
