package source

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSelection(t *testing.T) {
	all := []string{
		"logs/alerts/alerts.json", "logs/alerts/alerts.log", "logs/alerts/2026/Mar/alerts-14.json.gz", "logs/alerts/2026/Mar/alerts-14.json.sum",
		"logs/archives/archives.json", "logs/archives/2025/a.json", "other.json",
	}
	tests := []struct {
		name             string
		include, exclude []string
		args, want       []string
	}{
		{"everything", nil, nil, []string{"logs"}, []string{
			"logs/alerts/2026/Mar/alerts-14.json.gz", "logs/alerts/2026/Mar/alerts-14.json.sum", "logs/alerts/alerts.json", "logs/alerts/alerts.log",
			"logs/archives/2025/a.json", "logs/archives/archives.json"}},
		{"include", []string{"*.json", "*.json.gz"}, nil, []string{"logs"}, []string{
			"logs/alerts/2026/Mar/alerts-14.json.gz", "logs/alerts/alerts.json", "logs/archives/2025/a.json", "logs/archives/archives.json"}},
		{"exclude a folder", nil, []string{"archives", "*.sum"}, []string{"logs"}, []string{
			"logs/alerts/2026/Mar/alerts-14.json.gz", "logs/alerts/alerts.json", "logs/alerts/alerts.log"}},
		{"both", []string{"*.json"}, []string{"20*"}, []string{"logs"}, []string{"logs/alerts/alerts.json", "logs/archives/archives.json"}},
		{"with slashes", []string{"archives/*/*", "Mar/*.gz"}, nil, []string{"logs"}, []string{"logs/alerts/2026/Mar/alerts-14.json.gz", "logs/archives/2025/a.json"}},
		{"above what is named", nil, []string{"logs", "logs/alerts"}, []string{"logs/alerts"}, []string{
			"logs/alerts/2026/Mar/alerts-14.json.gz", "logs/alerts/2026/Mar/alerts-14.json.sum", "logs/alerts/alerts.json", "logs/alerts/alerts.log"}},
		{"named itself", []string{"*.json"}, []string{"alerts*"}, []string{"logs/alerts/alerts.log", "logs"}, []string{
			"logs/alerts/alerts.log", "logs/archives/2025/a.json", "logs/archives/archives.json"}},
		{"a glob", nil, []string{"alerts"}, []string{"logs/*", "oth*"}, []string{"logs/archives/2025/a.json", "logs/archives/archives.json", "other.json"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree(t, all...)
			s := Selection{Include: test.include, Exclude: test.exclude}
			ins, err := s.Expand(test.args, nil)
			if diff := cmp.Diff(test.want, names(ins)); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			root := test.args[len(test.args)-1]
			for _, name := range all { // what Admits says of the same path
				below, under := strings.CutPrefix(name, root+"/")
				if len(test.args) == 1 && under && s.Admits(below) != contains(names(ins), name) {
					t.Errorf("%s is admitted: %t", below, s.Admits(below))
				}
			}
		})
	}
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

func TestMalformedPatterns(t *testing.T) {
	if err := (Selection{Include: []string{"*.json"}, Exclude: []string{"a/[b]"}}).Check(); err != nil {
		t.Error(err)
	}
	err := Selection{Include: []string{"["}, Exclude: []string{"", "/"}}.Check()
	for _, want := range []string{`--include "["`, `--exclude ""`, `--exclude "/"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in: %v", want, err)
		}
	}
}

// Foreign looks at content and not at names, and only at what was not named
// itself.
func TestForeign(t *testing.T) {
	alert := "{\"timestamp\":\"2026\"}\n"
	files := map[string]struct {
		content string
		foreign bool
	}{
		"alerts.json":      {alert, false},
		"a.log":            {"** Alert 1773446651.1: - syslog,sshd\n2026 Mar 14 00:04:11 bastion->x\n" + alert, true},
		"archives.log":     {"2026 Mar 14 00:04:11 bastion->x " + alert + strings.Repeat(alert, 3000), true}, // one event of many lines
		"archives2.log":    {"2026 Mar 14 00:04:11 bastion->x " + alert + "2026 Mar 14 00:04:12 bastion->x\n", true},
		"a.sum":            {"Current checksum:\nMD5  (a.json) = 0123\n", true},
		"ossec.log":        {"2026/03/14 00:00:01 wazuh-analysisd: INFO: 1\n", true},
		"numbers":          {"1\n2\n", false},
		"words":            {"true story\n", true},
		"brackets":         {"[2026-03-14 00:00] x\n", true},
		"list":             {"[1,2]\n", false},
		"array.txt":        {"\n [\n" + alert + "]", false},
		"pretty":           {"{\n\"a\": 1\n}", false},
		"torn.json":        {"{\"a\":\"\n" + alert, false},
		"part2":            {"tail\"}}\n" + strings.Repeat(alert, 20000), false},
		"one bracket":      {"{", false},
		"brace":            {"{% template %}\n", true},
		"empty":            {"", false},
		"blank":            {" \n\n", false},
		"bom.json":         {"\ufeff" + alert, false},
		"picture.png":      {"\x89PNG\r\n\x1a\n\x00", true},
		"packed.json.gz":   {string(gzipped(t, []byte(alert))), false},
		"packed.log.gz":    {string(gzipped(t, []byte("** Alert"))), true},
		"packed.log.zst":   {string(zstded(t, []byte("** Alert"))), true},
		"cut.gz":           {string(gzipped(t, []byte(alert))[:12]), false},
		"alerts.json.xz":   {"\xfd7zXZ\x00", false},
		"alerts.parquet":   {"PAR1\x15\x00", true},
		"utf16.json":       {"\xff\xfe{\x00", false},
		"spaces and a log": {strings.Repeat(" ", 40000) + "x", true},
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, f := range files {
		if err := os.WriteFile("folder/"+name, []byte(f.content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ins, err := Expand([]string{"folder"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	read, foreign := Foreign(t.Context(), ins)
	if len(read)+len(foreign) != len(files) {
		t.Errorf("%d and %d of %d", len(read), len(foreign), len(files))
	}
	for name, f := range files {
		if contains(foreign, "folder/"+name) != f.foreign {
			t.Errorf("%s is foreign: %t, want %t", name, !f.foreign, f.foreign)
		}
	}
	for _, args := range [][]string{{"folder/a.log"}, {"folder/a.log", "folder"}, {"folder", "folder/a.log"}} {
		ins, err := Expand(args, nil)
		if err != nil {
			t.Fatal(err)
		}
		if read, _ := Foreign(t.Context(), ins); !contains(names(read), "folder/a.log") {
			t.Errorf("%v: a file that is named itself is left out", args)
		}
	}
}
