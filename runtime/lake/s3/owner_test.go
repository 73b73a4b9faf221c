package s3

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Every request of this package names the account that its bucket must belong to, but for the one that
// asks where a bucket is: that may be anybody's.
func TestEveryRequestNamesTheOwner(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	request := regexp.MustCompile(`awss3\.(\w+)Input\{\s*(\w+)`)
	found := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range request.FindAllStringSubmatch(string(text), -1) {
			found++
			if m[2] != "ExpectedBucketOwner" && m[1] != "HeadBucket" && name != "owner_test.go" {
				t.Errorf("%s: the request %s names no owner", name, m[1])
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d requests are found", found)
	}
}
