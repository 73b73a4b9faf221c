package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/cli"
)

// hostileText has everything that a terminal may obey, in a form that any file name
// can have: controls of both sets, a forged line, characters that turn text around
// or are not seen.
const hostileText = "x\x1b[2Jy\x07\x7f\u009b31m\u202e\u2066\u2028\u2029\u200b\u00ad\U000e0041\r\nFORGED\t"

// notUTF8 is added where bytes may be anything.
const notUTF8 = "\xff\x9b"

// hostileJSON is the text as a JSON string that escapes only what JSON requires.
func hostileJSON() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(hostileText) != nil {
		panic("a text is JSON")
	}
	return strings.TrimSpace(b.String())
}

// hostileYAML is the text as a YAML scalar.
func hostileYAML() string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range hostileText {
		fmt.Fprintf(&b, `\U%08x`, r)
	}
	return b.String() + `"`
}

// hostileFolder is a folder in which every file has hostile texts in every place.
type hostileFolder struct{ dir string }

func (h hostileFolder) path(name string) string { return filepath.Join(h.dir, name) }

func newHostileFolder(t *testing.T) hostileFolder {
	t.Helper()
	h := hostileFolder{filepath.Join(t.TempDir(), "d"+hostileText+notUTF8)}
	text, yaml := hostileJSON(), hostileYAML()
	alert := `{"id":"1","timestamp":"2026-03-14T06:00:00Z",` + text + `:{` + text + `:` + text + `},"rule":{"level":3,"id":"5","description":` + text +
		`,"groups":[` + text + `]},"agent":{"name":` + text + `},"decoder":{"name":` + text + `},"location":` + text + `,"full_log":` + text + `}`
	good := "mapping: " + yaml + "\nclass: security_finding\nschema: 1.1.0\nsource: h\nlet:\n  l: =rule.description\nfunctions:\n  chatter: {wasm: faulty.wasm, args: 0}\n" +
		"event:\n  state_id: 1\n  finding: {title: =l, uid: =id}\n  metadata: {version: 1.1.0, product: {name: Wazuh, vendor_name: Wazuh}}\n  message: =l\n  time: =timestamp\n  severity_id: 1\n  count: =rule.description\n  activity_name: ='" + `\u001b\u202e` + "' + agent.name\n  status: =int(agent.name)\n  status_code: =chatter()\n  unmapped: {$rest: true}\n"
	bad := "mapping: " + yaml + "\nclass: " + yaml + "\nlet:\n  " + yaml + ": =rule.level\nevent:\n  " + yaml + ": =rule.level\n  message: =nothing('" + `\u001b` + "')\n  time: \"=\\e\\x9b\"\n"
	tests := "- name: " + yaml + "\n  alert: " + alert + "\n  expect: {event: {message: " + yaml + ", activity_name: no, status: " + yaml + "}}\n" +
		"- name: " + yaml + "\n  alert: {id: " + yaml + "}\n  expect: {reject: x}\n"
	reject := `{"origin":` + text + `,"line":7,"reason":` + text + `,"where":` + text + `,"raw":` + text + "}\n" +
		`{"origin":` + text + `,"line":8,"reason":` + text + `,"where":` + text + `,"raw":"{\"id\":\"1\",\"rule\":{\"description\":\"\\u001b\\u202e\"}}"}` + "\n"
	guest, err := os.ReadFile("../runtime/wasm/testdata/hostile/faulty.wasm")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"alerts.json": alert + "\n{" + text + ":\n" + notUTF8 + "\x1b[2J\n" + `{"rule":{"description":"` + notUTF8 + "\u202e" + `"}}` + "\n",
		"good.yaml":   good, "faulty.wasm": string(guest), "good_test.yaml": tests, "bad/bad.yaml": bad, "bad/bad_test.yaml": "- " + yaml + ": " + yaml + "\n- \x1b[2J: [\n",
		"rejects.ndjson": reject, "text" + hostileText + ".txt": "\x1b[2J\n", "old.yaml": strings.Replace(good, "activity_name", "type_name", 1),
		"no.wasm": "\x00asm\x1b[2J" + hostileText, "no.parquet": "PAR1" + hostileText + "PAR1",
		"foreign/ext/s" + hostileText + "/region=r/accountId=a/eventDay=20260314/n" + hostileText + ".parquet": "PAR1" + hostileText + "PAR1",
	} {
		if err := os.MkdirAll(filepath.Dir(h.path(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(h.path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h.parquet(t)
	return h
}

// parquet writes an object whose values, and the names of whose columns, are hostile.
func (h hostileFolder) parquet(t *testing.T) {
	t.Helper()
	_, said := h.run(t, false, nil, "run", "-q", "-m", h.path("good.yaml"), "-o", h.path("lake"), h.path("alerts.json"))
	found, err := filepath.Glob(globQuoted(h.path("lake")) + "/ext/*/*/*/*/*.parquet")
	if err != nil || len(found) != 1 {
		t.Fatalf("%d objects (%v): %s", len(found), err, said)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	for old, name := range map[string]string{"activity_name": "\x1b[2J\nFORGED\xff\x9b", "security_finding": "\x1b]0;\n\u202e\u2028FORGED", "sluice": "\x1b[2J\nF"} {
		if name = (name + strings.Repeat("_", 20))[:len(old)]; !bytes.Contains(data, []byte(old)) {
			t.Fatalf("the object does not say %s", old)
		}
		data = bytes.ReplaceAll(data, []byte(old), []byte(name))
	}
	if err := os.WriteFile(h.path("hostile.parquet"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func globQuoted(name string) string {
	return regexp.MustCompile(`[\[\]*?\\]`).ReplaceAllString(name, `\$0`)
}

// run runs a command line with pipes, or with stdout and stderr on a terminal.
func (h hostileFolder) run(t *testing.T, terminal bool, env map[string]string, args ...string) (stdout, stderr string) {
	t.Helper()
	getenv := func(name string) string { return env[name] }
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	if !terminal {
		var out, messages bytes.Buffer
		cli.Run(ctx, args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &messages}, getenv)
		return out.String(), messages.String()
	}
	return onTerminal(t, func(f io.Writer) {
			cli.Run(ctx, args, cli.Streams{In: strings.NewReader(""), Out: f, Err: io.Discard}, getenv)
		}),
		onTerminal(t, func(f io.Writer) {
			cli.Run(ctx, args, cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: f}, getenv)
		})
}

var (
	colours  = regexp.MustCompile("\x1b\\[(0|1|2|31|32|33)m")
	progress = regexp.MustCompile("\r\x1b\\[K[ -~]*")
)

// judgeText finds what a terminal would obey, or take for a line of sluice's own.
func judgeText(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("bytes that are not UTF-8 in %q", text)
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "FORGED") {
			return fmt.Errorf("a forged line: %q", text)
		}
		indented := strings.TrimLeft(line, " \t")
		if at := strings.IndexFunc(indented, func(r rune) bool { return !unicode.IsPrint(r) }); at >= 0 {
			return fmt.Errorf("%q in the line %q", indented[at:min(len(indented), at+10)], line)
		}
	}
	return nil
}

// onlyJSON reports whether a text is JSON values.
func onlyJSON(text string) bool {
	d := json.NewDecoder(strings.NewReader(text))
	for {
		var v any
		switch err := d.Decode(&v); err {
		case nil:
		case io.EOF:
			return true
		default:
			return false
		}
	}
}

// hostileCalls are command lines that show hostile texts, for each command at least
// one. A call in JSON prints only JSON to stdout.
func hostileCalls(h hostileFolder) []hostileCall {
	p, bad := h.path, hostileText+notUTF8
	return []hostileCall{
		{args: []string{"run", "-m", p("good.yaml"), "-o", p("lake"), p("alerts.json")}},
		{args: []string{"run", "-m", p("good.yaml"), "-o", p("lake"), p("rejects.ndjson"), h.dir}},
		{args: []string{"run", "-m", p("good.yaml"), "-o", "-", "--rejects", p("r"), p("alerts.json")}, json: true},
		{args: []string{"run", "-m", p("good.yaml"), "-o", p("lake"), "--json", p("alerts.json")}, json: true},
		{args: []string{"run", "-m", p("bad/bad.yaml"), p("alerts.json")}},
		{args: []string{"run", "--source", bad, "--region", bad, "--account", bad, "--class", bad, p("alerts.json")}},
		{args: []string{"run", "-m", bad, p("nothing" + bad)}},
		{args: []string{"run", "-o", p("alerts.json/" + bad), p("alerts.json")}},
		{args: []string{"run", "-m", p("good.yaml"), "--set", bad + "=1", p("alerts.json")}},
		{args: []string{"run", "-m", p("good.yaml"), p("alerts.json")}, env: map[string]string{"SLUICE_SOURCE": bad, "AWS_REGION": bad, "ACCOUNT_ID": bad, "SLUICE_STRICT": bad}},
		{args: []string{"follow", h.dir + "/" + bad, h.dir, "--listen", bad, "-o", "-"}},
		{args: []string{"follow", "-m", p("good.yaml"), "-o", p("lake"), "--listen", bad, p("alerts.json")}},
		{args: []string{"follow", "-m", bad, "-o", p("lake"), p("alerts.json")}},
		{args: []string{"pull", "--indexer", bad, "--adopt", bad, "--listen", bad, "-o", "-", bad}},
		{args: []string{"pull", "-m", bad, "--indexer-ca", bad, "-o", p("lake"), "wazuh-*"}, env: map[string]string{"SLUICE_INDEXER_AWS": bad, "SLUICE_INDEXER_PASSWORD_FILE": bad}},
		{args: []string{"state", "show", p("alerts.json")}},
		{args: []string{"state", "show", "--json", p("nothing" + bad)}},
		{args: []string{"rejects", "list", p("lake")}},
		{args: []string{"rejects", "list", "--json", p("lake")}, json: true},
		{args: []string{"rejects", "show", p("lake")}, json: true},
		{args: []string{"rejects", "list", p("nothing" + bad)}},
		{args: []string{"compact", "--older", "0s", "--rejects", p("lake/rejects"), p("foreign")}},
		{args: []string{"compact", "--json", "--older", "0s", "--rejects", p("lake/rejects"), p("foreign")}, json: true},
		{args: []string{"compact", "--rejects", p(bad), p("lake")}},
		{args: []string{"compact", p("nothing" + bad)}},
		{args: []string{"source", "create", "-m", p("good.yaml"), "--writer-id", "x", "--source", bad}},
		{args: []string{"source", "delete", "--region", bad, bad}},
		{args: []string{"doctor", "-m", bad, "-o", p("foreign")}},
		{args: []string{"doctor", "--json", "-m", p("good.yaml"), "-o", p("alerts.json"), "--rejects", p("alerts.json")}, json: true},
		{args: []string{"lake", "stats", p("foreign")}},
		{args: []string{"lake", "stats", "--json", p("foreign")}, json: true},
		{args: []string{"replay", "-m", p("good.yaml"), p("lake")}},
		{args: []string{"replay", "-m", bad, p("lake")}},
		{args: []string{"check", p("good.yaml"), p("bad")}},
		{args: []string{"check", "--notes", "--against", p("old.yaml"), p("good.yaml")}},
		{args: []string{"check", "--format", "github", p("bad")}},
		{args: []string{"check", "--format", "json", p("bad")}, json: true},
		{args: []string{"check", "--format", "sarif", p("bad")}, json: true},
		{args: []string{"check", "--format", bad, p("bad")}},
		{args: []string{"test", p("good.yaml")}},
		{args: []string{"test", p("bad")}},
		{args: []string{"test", "--format", "json", p("good.yaml")}, json: true},
		{args: []string{"test", "-run", bad, p("good.yaml")}},
		{args: []string{"explain", "-m", p("good.yaml"), p("alerts.json:1")}},
		{args: []string{"explain", "-m", p("good.yaml"), p("alerts.json:2")}},
		{args: []string{"explain", "-m", p("good.yaml"), p("alerts.json:4")}},
		{args: []string{"explain", "-m", p("good.yaml"), "--reject", p("rejects.ndjson:1")}},
		{args: []string{"explain", "-m", p("good.yaml"), "--reject", p("rejects.ndjson:2")}},
		{args: []string{"explain", "-m", p("good.yaml"), "--format", "json", p("alerts.json:1")}, json: true},
		{args: []string{"explain", p("nothing" + bad)}},
		{args: []string{"eval", "alert", p("alerts.json:1")}},
		{args: []string{"eval", "--json", "alert", p("alerts.json:1")}, json: true},
		{args: []string{"eval", "-m", p("good.yaml"), "l + " + bad, p("alerts.json:1")}},
		{args: []string{"eval", "int(agent.name)", p("alerts.json:1")}},
		{args: []string{"profile", "-m", p("good.yaml"), p("alerts.json")}},
		{args: []string{"profile", "-m", p("good.yaml"), "--json", p("alerts.json")}, json: true},
		{args: []string{"profile", "-m", p("good.yaml"), "--by", bad, p("alerts.json")}},
		{args: []string{"diff", "-m", p("old.yaml"), "-m", p("good.yaml"), p("alerts.json")}},
		{args: []string{"diff", "--json", "-m", p("old.yaml"), "-m", p("good.yaml"), p("alerts.json")}, json: true},
		{args: []string{"studio", "-m", bad, p("alerts.json")}},
		{args: []string{"studio", "-m", p("good.yaml"), p("nothing" + bad)}},
		{args: []string{"studio", "-m", p("good.yaml"), "--listen", bad + ":80", p("alerts.json")}},
		{args: []string{"inspect", p("hostile.parquet"), p("no.parquet")}},
		{args: []string{"inspect", "--json", p("hostile.parquet")}, json: true},
		{args: []string{"verify", p("hostile.parquet"), p("no.parquet"), p("foreign")}},
		{args: []string{"verify", p("lake"), p("nothing" + bad)}},
		{args: []string{"verify", "--rejects", p(bad), p("lake")}},
		{args: []string{"verify", "--json", p("lake"), p("hostile.parquet"), p("foreign")}, json: true},
		{args: []string{"schema", bad}},
		{args: []string{"schema", "--parquet", "-m", p("good.yaml")}},
		{args: []string{"schema", "--glue", "-m", p("good.yaml")}},
		{args: []string{"init", p("new")}},
		{args: []string{"init", p("alerts.json")}},
		{args: []string{"wasm", "new", "--lang", "c", p("guest")}},
		{args: []string{"wasm", "run", p("faulty.wasm"), "chatter"}},
		{args: []string{"wasm", "run", p("faulty.wasm"), bad}},
		{args: []string{"wasm", "run", p("no.wasm"), bad}},
		{args: []string{"version", bad}},
		{args: []string{"completion", bad}},
		{args: []string{"help", bad}},
		{args: []string{bad}},
		{args: []string{"run", "--" + bad}},
	}
}

type hostileCall struct {
	args []string
	env  map[string]string
	json bool
}

func (c *hostileCall) name() string {
	words := []string{}
	for _, arg := range c.args {
		if i := strings.LastIndexByte(arg, '/'); i >= 0 {
			arg = arg[i+1:]
		}
		words = append(words, strings.Map(func(r rune) rune {
			if r > ' ' && r <= '~' {
				return r
			}
			return -1
		}, arg))
	}
	return strings.Join(words, " ")
}

// Law: whatever text reaches a command, nothing that a terminal would obey comes out
// of it for people, and no line that the program did not write; JSON stays JSON, and
// on a terminal has nothing to obey either.
func TestHostileTexts(t *testing.T) {
	h := newHostileFolder(t)
	seen := map[string]bool{}
	for _, terminal := range []bool{false, true} {
		for _, call := range hostileCalls(h) {
			seen[call.args[0]] = true
			stdout, stderr := h.run(t, terminal, call.env, call.args...)
			if terminal {
				stdout = strings.ReplaceAll(colours.ReplaceAllString(stdout, ""), "\r\n", "\n")
				stderr = strings.ReplaceAll(progress.ReplaceAllString(stderr, ""), "\r\n", "\n")
			}
			if err := judgeText(stderr); err != nil {
				t.Errorf("%s, terminal %v: stderr: %v", call.name(), terminal, err)
			}
			if call.json && !onlyJSON(stdout) {
				t.Errorf("%s, terminal %v: stdout is not JSON: %q", call.name(), terminal, stdout)
			}
			if !call.json || terminal {
				if err := judgeText(stdout); err != nil {
					t.Errorf("%s, terminal %v: stdout: %v", call.name(), terminal, err)
				}
			}
			if call.args[0] != "schema" && !strings.Contains(stdout+stderr, `\u`) && !strings.Contains(stdout+stderr, `\x`) {
				t.Errorf("%s, terminal %v: nothing hostile reached it: %q %q", call.name(), terminal, stdout, stderr)
			}
		}
	}
	help, _ := h.run(t, false, nil, "help")
	_, help, _ = strings.Cut(help, "Available Commands:\n")
	help, _, _ = strings.Cut(help, "\n\n")
	for _, line := range strings.Split(help, "\n") {
		if name := strings.Fields(line)[0]; !seen[name] {
			t.Errorf("no hostile text is given to %s", name)
		}
	}
}

// failingOutput takes so many bytes, as a disk that is nearly full.
type failingOutput struct {
	left   int
	failed bool
}

var errDiskFull = errors.New("no space left on the disk of the test")

func (f *failingOutput) Write(p []byte) (int, error) {
	if len(p) > f.left {
		n := f.left
		f.left, f.failed = 0, true
		return n, errDiskFull
	}
	f.left -= len(p)
	return len(p), nil
}

// Law: whoever waits for what a command prints on standard output, its help and its summary
// too, learns of it when that cannot be written.
func TestStandardOutputThatFails(t *testing.T) {
	h, printed := newHostileFolder(t), 0
	calls := hostileCalls(h)
	for _, name := range []string{"run", "version", "compact", "rejects", "schema"} {
		calls = append(calls, hostileCall{args: []string{name, "--help"}})
	}
	calls = append(calls, hostileCall{args: []string{"completion", "bash"}}, hostileCall{args: []string{"version"}})
	for _, call := range calls {
		getenv := func(name string) string { return call.env[name] }
		ended, end := context.WithTimeout(t.Context(), time.Minute)
		var whole, messages bytes.Buffer
		cli.Run(ended, call.args, cli.Streams{In: strings.NewReader(""), Out: &whole, Err: &messages}, getenv)
		for _, left := range []int{0, whole.Len() / 2, whole.Len() - 1} {
			if whole.Len() == 0 {
				break
			}
			messages.Reset()
			f := &failingOutput{left: left}
			code := cli.Run(ended, call.args, cli.Streams{In: strings.NewReader(""), Out: f, Err: &messages}, getenv)
			if !f.failed { // it prints less the second time
				continue
			}
			if printed++; code == 0 || !strings.Contains(messages.String(), errDiskFull.Error()) {
				t.Errorf("%s, %d of %d bytes: exit %d, %s", call.name(), left, whole.Len(), code, messages.String())
			}
		}
		end()
	}
	if printed < 100 {
		t.Errorf("%d calls printed something", printed)
	}
}
