package settings

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// Law: the value of a mapping's setting is that of the flag, then that of its
// variable; an empty variable counts as unset, an empty flag does not.
func TestSetting(t *testing.T) {
	env := map[string]string{"SLUICE_SET_PRODUCT_VERSION": "4.12.0", "SLUICE_SET_TENANT": "", "SLUICE_SET_SITE": "b"}
	getenv := func(name string) string { return env[name] }
	s, err := read(CommandLine, "--set=product_version=4.14.7", "--set=tenant=a=b", "--set=site=", "--set=tenant=c=d")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"product_version": "4.14.7 --set product_version", "tenant": "c=d --set tenant", "site": " --set site"} {
		if value, where, ok := s.Setting(name, getenv); !ok || value+" "+where != want {
			t.Errorf("%s: %q from %s, %t", name, value, where, ok)
		}
	}
	function, err := read(Function, needed...)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"product_version": "4.12.0 SLUICE_SET_PRODUCT_VERSION", "site": "b SLUICE_SET_SITE"} {
		if value, where, ok := function.Setting(name, getenv); !ok || value+" "+where != want {
			t.Errorf("%s: %q from %s, %t", name, value, where, ok)
		}
	}
	for _, name := range []string{"tenant", "other"} {
		if value, _, ok := function.Setting(name, getenv); ok {
			t.Errorf("%s is %q", name, value)
		}
	}
}

func TestSetFaults(t *testing.T) {
	_, err := read(CommandLine, "--set=product_version", "--set==x")
	if err == nil || strings.Count(err.Error(), "--set is ") != 2 {
		t.Errorf("%v", err)
	}
}

func TestStrayVariables(t *testing.T) {
	environ := []string{"HOME=/", "SLUICE_SET_PRODUCT_VERSON=4.14.7", "SLUICE_SET_SITE=b", "SLUICE_SET_EMPTY=", "SLUICE_STRICT=1"}
	if got := StrayVariables(environ, []string{"product_version", "site"}); !slices.Equal(got, []string{"SLUICE_SET_PRODUCT_VERSON"}) {
		t.Errorf("%q", got)
	}
}

// Each class has the source that was given last for it; whatever is wrong is told.
func TestClassSources(t *testing.T) {
	s, err := read(CommandLine, "--class-source=authentication=a", "--class-source=FILE_ACTIVITY=b", "--class-source=authentication=c=d")
	if want := map[string]string{"authentication": "c=d", "file_activity": "b"}; err != nil || !maps.Equal(s.ClassSources, want) {
		t.Errorf("%v, %v", s.ClassSources, err)
	}
	_, err = read(Function, append(needed, "SLUICE_SOURCES=x,!=a,authentication=!b")...)
	for _, want := range []string{`SLUICE_SOURCES has "x"`, "SLUICE_SOURCES: ! is no class", "SLUICE_SOURCES: the source of authentication: !b is no value"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// A window of minutes divides a day, or is 0.
func TestWindow(t *testing.T) {
	for text, want := range map[string]time.Duration{"0": 0, "15": 15 * time.Minute, "1440": 24 * time.Hour} {
		if s, err := read(Function, append(needed[:4:4], "SLUICE_COLLECT="+text)...); err != nil || s.Collect != want {
			t.Errorf("%s: %v, %v", text, s.Collect, err)
		}
	}
	for _, text := range []string{"7", "1441", "2880", "-1", "x"} {
		if _, err := read(Function, append(needed[:4:4], "SLUICE_COLLECT="+text)...); err == nil || !strings.Contains(err.Error(), "SLUICE_COLLECT") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// An external id without a role is warned of, and an empty name in a list is a fault.
func TestWhatIsOfNoUse(t *testing.T) {
	for _, c := range []struct {
		written []string
		warns   bool
	}{{[]string{"EXTERNAL_ID=id"}, true}, {[]string{"EXTERNAL_ID=id", "ROLE_ARN=arn:aws:iam::1:role/r"}, false}, {[]string{"ROLE_ARN=arn:aws:iam::1:role/r"}, false}} {
		s, err := read(CommandLine, c.written...)
		if warns := strings.Contains(strings.Join(s.Warnings, "\n"), "EXTERNAL_ID is set without ROLE_ARN"); err != nil || warns != c.warns {
			t.Errorf("%v: %q, %v", c.written, s.Warnings, err)
		}
	}
	if _, err := read(CommandLine, "SLUICE_MAPPING=a,,b"); err == nil || !strings.Contains(err.Error(), "SLUICE_MAPPING has an empty name") {
		t.Errorf("an empty name: %v", err)
	}
}

// What the function writes beside the tables of the lake may not lie among their objects.
func TestPlacesThatAreApart(t *testing.T) {
	for _, test := range []struct {
		set  string
		says string // "" for what is right
	}{
		{"S3_BUCKET_OCSF=lake", "S3_BUCKET_OCSF and AWS_BUCKET"}, {"S3_BUCKET_OCSF=lake2", ""},
		{"SLUICE_REJECTS=s3://lake/ext/rejects", "SLUICE_REJECTS"}, {"SLUICE_REJECTS=s3://lake/rejects", ""}, {"SLUICE_REJECTS=s3://lake2/ext/r", ""},
		{"SLUICE_REJECTS=s3://lake/ext", "SLUICE_REJECTS"}, {"SLUICE_REJECTS=s3://lake//ext/r", "SLUICE_REJECTS"}, {"SLUICE_REJECTS=s3://lake/extra", ""}, {"SLUICE_REJECTS=s3:///r", "writes only to buckets"},
		{"ROLE_ARN=provider", "ROLE_ARN"}, {"ROLE_ARN=arn:aws:iam::1:role/{source}", ""}, {"ROLE_ARN=arn:aws-cn:iam::1:role/path/r", ""}, {"ROLE_ARN=arn:aws:iam::1:user/u", "ARN of the role"},
		{"ROLE_ARN=arn:aws:sts::1:assumed-role/r/s", "ARN of the role"}, {"ROLE_ARN=arn:aws:iam::1:role/", "ARN of the role"}, {"ROLE_ARN=arn:aws:iam::1:role/r ", "ARN of the role"},
		{"SLUICE_ROLES=a=arn:aws:iam::1:role/r", ""}, {"SLUICE_ROLES=a=arn:aws:iam::1:user/u", "ARN of its role"},
		{"SLUICE_LAKE_ACCOUNT=12345678901", "12 digits"}, {"SLUICE_BUCKET_ACCOUNT=12345678901x", "12 digits"}, {"SLUICE_BUCKET_ACCOUNT=123456789012", ""},
	} {
		_, err := read(Function, append(needed[:4:4], test.set)...)
		if (err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.set, err)
		}
	}
}

func TestUnknownVariables(t *testing.T) {
	environ := []string{"HOME=/", "SLUICE_REJECT=s3://b/r", "SLUICE_SET_X=1", "SLUICE_EMPTY=", "SLUICE_STRICT=1", "SLUICE_INDEXER=https://h", "AWS_X=1"}
	if got := UnknownVariables(environ, Function); !slices.Equal(got, []string{"SLUICE_REJECT", "SLUICE_INDEXER"}) {
		t.Errorf("%q", got)
	}
	if got := UnknownVariables(environ, CommandLine); !slices.Equal(got, []string{"SLUICE_REJECT"}) {
		t.Errorf("%q", got)
	}
}
