package settings

import (
	"slices"
	"strings"
	"testing"
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
