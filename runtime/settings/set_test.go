package settings

import (
	"maps"
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
