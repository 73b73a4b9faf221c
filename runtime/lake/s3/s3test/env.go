package s3test

import (
	"os"
	"strings"
	"testing"
)

// Identity is the access key that Environ gives a process.
const Identity = "OWN"

// Environ is an environment in which the SDK finds this URL, one identity, and nothing
// else: no files, no role of the host, and no bundle of certificates.
func Environ(url string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + url, "AWS_ACCESS_KEY_ID=" + Identity, "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
	}
}

// Setenv makes Environ the environment of the test.
func Setenv(t testing.TB, url string) {
	t.Helper()
	for _, name := range []string{"AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BUCKET", "S3_BUCKET_OCSF", "ROLE_ARN", "IS_DEV"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	for _, v := range Environ(url) {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
}
