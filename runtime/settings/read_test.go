package settings

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// checks accept what begins with a letter, so that tests can tell what was checked.
var checks = Checks{
	Value: plain("value"), Bucket: plain("bucket"), Encryption: plain("encryption"),
	Address: func(what, text string) error { return plain("address")(what, strings.TrimPrefix(text, scheme)) },
	Class: func(what, class string) (string, error) {
		return "shipped/" + class, plain("class")(what, class)
	},
	ClassName: func(what, class string) (string, error) {
		return strings.ToLower(class), plain("class")(what, class)
	},
}

func plain(kind string) func(what, text string) error {
	return func(what, text string) error {
		if strings.HasPrefix(text, "!") {
			return fmt.Errorf("%s: %s is no %s", what, text, kind)
		}
		return nil
	}
}

// read reads settings written as NAME=value, and as --name=value for flags. A flag
// written twice has two values.
func read(door Door, written ...string) (Settings, error) {
	env, flags := map[string]string{}, map[string][]string{}
	for _, w := range written {
		name, value, _ := strings.Cut(w, "=")
		if flag, ok := strings.CutPrefix(name, "--"); ok {
			flags[flag] = append(flags[flag], value)
		} else {
			env[name] = value
		}
	}
	o := Options{Door: door, Getenv: func(name string) string { return env[name] }, Checks: checks}
	if door == CommandLine {
		o.Flag = func(name string) ([]string, bool) { values, ok := flags[name]; return values, ok }
	}
	return Read(o)
}

var needed = []string{"AWS_BUCKET=lake", "SOURCE_LOCATION=src", "ACCOUNT_ID=1", "REGION=r"}

// Law: a variable that both front doors read means the same in both.
func TestBothDoorsReadTheSame(t *testing.T) {
	for _, written := range []string{
		"", "SLUICE_MAPPING= a ,b", "SLUICE_MAPPING=a", "OCSF_CLASS=2004", "OCSF_CLASS=DETECTION_FINDING", "SOURCE_LOCATION=other",
		"S3_BUCKET_OCSF=copies", "SLUICE_REJECTS=s3://b/p", "SLUICE_SSE=aws:kms", "ROLE_ARN=arn:aws:iam::1:role/r", "EXTERNAL_ID=id", "IS_DEV=on", "AWS_ENDPOINT=http://h:1",
		"SLUICE_STRICT=yes", "SLUICE_STRICT=NO", "SLUICE_STRICT=On", "SLUICE_STRICT=off", "SLUICE_STRICT=1", "SLUICE_STRICT=0", "SLUICE_STRICT=True", "SLUICE_STRICT=false",
		"SLUICE_STRICT=maybe", "SLUICE_EVENT_DAYS=-1..", "SLUICE_EVENT_DAYS=1", "SLUICE_MAX_EVENT_DAYS=7", "SLUICE_MAX_EVENT_DAYS=-7", "SLUICE_MAPPING=a,,b", "SLUICE_MAPPING=,", "AWS_BUCKET=!", "ACCOUNT_ID=!", "REGION=!", "SOURCE_LOCATION=!",
		"SLUICE_SOURCES=3002=a,FILE_ACTIVITY=b", "SLUICE_SOURCES=x", "SLUICE_SOURCES=a=!", "SLUICE_SOURCES=!=a", "S3_BUCKET_OCSF=!", "SLUICE_REJECTS=s3://!/p", "SLUICE_SSE=!", "OCSF_CLASS=!", "IS_DEV=perhaps",
	} {
		var got [2]Settings
		var errs [2]error
		for i, door := range []Door{CommandLine, Function} {
			got[i], errs[i] = read(door, append(needed[:4:4], written)...)
			got[i].LogLevel, got[i].RuntimeAPI = "", ""
		}
		if !reflect.DeepEqual(got[0], got[1]) || fmt.Sprint(errs[0]) != fmt.Sprint(errs[1]) {
			t.Errorf("%s:\ncommand line %+v, %v\nfunction     %+v, %v", written, got[0], errs[0], got[1], errs[1])
		}
	}
}

// Every way to write a switch has its meaning.
func TestSwitches(t *testing.T) {
	for value, want := range map[string]bool{"": false, "0": false, "false": false, "NO": false, "Off": false, "1": true, "TRUE": true, "yes": true, "oN": true} {
		if s, err := read(CommandLine, "SLUICE_STRICT="+value); s.Strict != want || err != nil {
			t.Errorf("%q: %t, %v", value, s.Strict, err)
		}
	}
	for _, value := range []string{"maybe", " true", "2", "tru"} {
		if _, err := read(CommandLine, "SLUICE_STRICT="+value); err == nil || !strings.Contains(err.Error(), "SLUICE_STRICT") {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// Law: a flag wins over its variable, for every variable that has one; and each is
// checked under the name that it was written by.
func TestFlagsWin(t *testing.T) {
	for _, v := range Variables() {
		if v.Flag == "" || v.Kind == Pairs {
			continue
		}
		variable, flag := "variable", "flag"
		if v.Kind == Switch {
			variable, flag = "false", "true"
		}
		switch v.Name {
		case "SLUICE_SOURCES":
			variable, flag = "authentication=variable", "authentication=flag"
		case "SLUICE_EVENT_DAYS":
			variable, flag = "-1..", "..2"
		case "SLUICE_MAX_EVENT_DAYS":
			variable, flag = "0", "1"
		case "ROLE_ARN":
			variable, flag = "arn:aws:iam::1:role/variable", "arn:aws:iam::1:role/flag"
		}
		both, err := read(CommandLine, v.Name+"="+variable, "--"+v.Flag+"="+flag)
		alone, err2 := read(CommandLine, "--"+v.Flag+"="+flag)
		if err := errors.Join(err, err2); err != nil || !reflect.DeepEqual(both, alone) {
			t.Errorf("--%s over %s: %+v, alone %+v, %v", v.Flag, v.Name, both, alone, err)
		}
		other, err := read(CommandLine, v.Name+"="+variable)
		if err != nil || reflect.DeepEqual(other, alone) {
			t.Errorf("%s is read as --%s: %+v, %v", v.Name, v.Flag, other, err)
		}
		if _, err := read(CommandLine, "--"+v.Flag+"="); err == nil || !strings.Contains(err.Error(), "--"+v.Flag+" is empty") {
			t.Errorf("--%s with nothing: %v", v.Flag, err)
		}
		if unset, err := read(CommandLine, v.Name+"="); err != nil || !reflect.DeepEqual(unset, defaults(t)) {
			t.Errorf("%s with nothing: %+v, %v", v.Name, unset, err)
		}
	}
}

func defaults(t *testing.T) Settings {
	t.Helper()
	s, err := read(CommandLine)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Law: one Read reports all faults. Each variable that can be wrong is.
func TestAllFaultsAtOnce(t *testing.T) {
	wrong := []string{"SLUICE_EVENT_DAYS=!", "SLUICE_MAX_EVENT_DAYS=!", "AWS_BUCKET=!", "SOURCE_LOCATION=!", "ACCOUNT_ID=!", "REGION=!", "S3_BUCKET_OCSF=!", "SLUICE_REJECTS=s3://!/p", "SLUICE_SSE=!",
		"OCSF_CLASS=!", "SLUICE_STRICT=!", "IS_DEV=!", "SLUICE_MAPPING_RELOAD=soon", "SLUICE_LOG_LEVEL=loud", "AWS_LAMBDA_LOG_LEVEL=louder"}
	for door, names := range map[Door][]string{Function: wrong, CommandLine: wrong[:12]} {
		_, err := read(door, wrong...)
		for _, w := range names {
			name, _, _ := strings.Cut(w, "=")
			if err == nil || strings.Count(err.Error(), name) != 1 {
				t.Errorf("door %d: %s is not reported once in: %v", door, name, err)
			}
		}
	}
	_, err := read(Function)
	for _, w := range needed {
		name, _, _ := strings.Cut(w, "=")
		if err == nil || !strings.Contains(err.Error(), name+" is not set") {
			t.Errorf("%s is missing, and it says %v", name, err)
		}
	}
}

// What is left out has its default, and one of the two that name mappings wins.
func TestDefaultsAndMappings(t *testing.T) {
	s := defaults(t)
	if s.Out != "./lake" || s.Account != "external" || s.Region != "us-east-1" || s.Source != "" || s.LogLevel != "info" || s.Reload != time.Minute || s.Memory != 512<<20 {
		t.Errorf("%+v", s)
	}
	if s, err := read(CommandLine, "REGION=eu-west-1"); err != nil || s.Region != "eu-west-1" {
		t.Errorf("%+v, %v", s, err)
	}
	for written, want := range map[string]string{
		"":                               "[shipped/security_finding]",
		"--class=x":                      "[shipped/x]",
		"--class=x SLUICE_MAPPING=m":     "[shipped/x]",
		"--mapping=m --mapping=n,o":      "[m n,o]",
		"--mapping=m OCSF_CLASS=!":       "[m]",
		"SLUICE_MAPPING=m,n OCSF_CLASS=": "[m n]",
		"SLUICE_MAPPING=m OCSF_CLASS=!":  "[m]",
	} {
		if s, err := read(CommandLine, strings.Fields(written)...); fmt.Sprint(s.Mappings) != want || err != nil {
			t.Errorf("%s: %v, %v", written, s.Mappings, err)
		}
	}
	if _, err := read(CommandLine, "--class=x", "--mapping=m"); err == nil || !strings.Contains(err.Error(), "give one of them") {
		t.Errorf("both: %v", err)
	}
}

// What one front door alone cannot do is a fault there.
func TestFaultsOfOneDoor(t *testing.T) {
	for _, test := range []struct {
		door Door
		set  string
		says string // "" for no fault
	}{
		{CommandLine, "SLUICE_MAPPING=s3://b/m/", "reads mappings from files"},
		{Function, "SLUICE_MAPPING=s3://b/m/", ""},
		{Function, "SLUICE_MAPPING=s3://b/m/,a", "beside others"},
		{Function, "SLUICE_MAPPING=s3://!", "SLUICE_MAPPING"},
		{Function, "SLUICE_REJECTS=folder", "writes only to buckets"},
		{Function, "SLUICE_REJECTS=s3://b", "add a prefix, as s3://b/rejects"},
		{Function, "SLUICE_REJECTS=s3://b//", "add a prefix"},
		{CommandLine, "SLUICE_REJECTS=folder", ""},
		{CommandLine, "SLUICE_REJECTS=s3://b", ""},
		{CommandLine, "IS_DEV=1", "AWS_ENDPOINT"},
		{CommandLine, "SLUICE_MAPPING_RELOAD=soon", ""},
	} {
		_, err := read(test.door, append(needed[:4:4], test.set)...)
		if (err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("door %d, %s: %v", test.door, test.set, err)
		}
	}
}

func TestWants(t *testing.T) {
	s, err := Read(Options{Door: CommandLine, Checks: checks, Getenv: func(string) string { return "arn:aws:iam::1:role/r" },
		Wants: func(v *Variable) bool { return v.Name == "ROLE_ARN" }})
	if err != nil || s.RoleARN != "arn:aws:iam::1:role/r" || s.Out != "" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestTerminal(t *testing.T) {
	for env, want := range map[string][2]bool{"": {true, true}, "NO_COLOR=1": {false, true}, "TERM=dumb": {false, false}, "TERM=xterm": {true, true}} {
		name, value, _ := strings.Cut(env, "=")
		colours, moves := Terminal(func(n string) string {
			if n == name {
				return value
			}
			return ""
		})
		if colours != want[0] || moves != want[1] {
			t.Errorf("%s: %t, %t", env, colours, moves)
		}
	}
}
