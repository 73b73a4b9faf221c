package mappings_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// A kind is a line of testdata/wazuh4 or testdata/wazuh5.
type kind struct {
	name string // wazuh4/sshd.ndjson:1
	text string
	doc  map[string]any // the alert, or the document inside the indexer's wrapper
	id   string
	time string
}

func kinds(t *testing.T) []kind {
	t.Helper()
	var all []kind
	for _, folder := range []string{"wazuh4", "wazuh5"} {
		names, err := filepath.Glob("../testdata/" + folder + "/*.ndjson")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			for i, line := range strings.Split(strings.TrimSuffix(string(read(t, name)), "\n"), "\n") {
				k := kind{name: fmt.Sprintf("%s/%s:%d", folder, filepath.Base(name), i+1), text: line}
				if err := json.Unmarshal([]byte(line), &k.doc); err != nil {
					t.Fatalf("%s: %v", k.name, err)
				}
				if folder == "wazuh4" {
					k.unwrap("id", "timestamp")
				} else {
					k.unwrap("event.doc_id", "@timestamp")
				}
				all = append(all, k)
			}
		}
	}
	return all
}

func (k *kind) unwrap(id, time string) {
	if source, ok := k.doc["_source"].(map[string]any); ok {
		k.id, _ = k.doc["_id"].(string)
		k.doc = source
	}
	if k.id == "" {
		k.id = k.at(id)
	}
	k.time = k.at(time)
}

// at is the text at a path of the alert, empty if nothing is there.
func (k *kind) at(path string) string {
	var v any = k.doc
	for name := range strings.SplitSeq(path, ".") {
		inner, _ := v.(map[string]any)
		v = inner[name]
	}
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	default:
		text, _ := json.Marshal(x)
		return string(text)
	}
}

// what says which events are of one kind: those that a decoder or a product
// describes in the same fields.
func (k *kind) what() string {
	if event := k.at("data.win.system.eventID"); event != "" {
		return k.at("data.win.system.providerName") + " " + event
	}
	if k.at("wazuh.rule.title") != "" {
		return k.at("wazuh.integration.name") + " " + k.at("event.code") + k.at("event.action")
	}
	return k.at("decoder.name") + " " + k.at("rule.id")
}

// Law: no two samples are the same line, or have the same id or time.
func TestKindsAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, k := range kinds(t) {
		if k.id == "" || k.time == "" {
			t.Errorf("%s has no id or no time", k.name)
		}
		for _, value := range []string{k.text, "id " + k.id, "time " + k.time} {
			if other, ok := seen[value]; ok {
				t.Errorf("%s and %s: %.80s", k.name, other, value)
			}
			seen[value] = k.name
		}
	}
}

var (
	ip4Like = regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b`)
	ip6Like = regexp.MustCompile(`[0-9A-Za-z:.]*:[0-9A-Za-z:.]*:[0-9A-Za-z:.]*`)
)

// Law: every address is from a range for documentation or a private one.
func TestKindsHaveNoRealAddress(t *testing.T) {
	var allowed []netip.Prefix
	for _, p := range []string{
		"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32",
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
		"0.0.0.0/32", "255.255.255.255/32", "::/127", "fe80::/10", "fd00::/8",
	} {
		allowed = append(allowed, netip.MustParsePrefix(p))
	}
	found := 0
	for _, k := range kinds(t) {
	addresses:
		for _, text := range append(ip4Like.FindAllString(k.text, -1), ip6Like.FindAllString(k.text, -1)...) {
			a, err := netip.ParseAddr(strings.TrimRight(text, "."))
			if err != nil {
				continue
			}
			found++
			for _, p := range allowed {
				if p.Contains(a.Unmap()) {
					continue addresses
				}
			}
			t.Errorf("%s has the address %s", k.name, a)
		}
	}
	if found < 300 {
		t.Fatalf("only %d addresses were looked at", found)
	}
}

// expectation is a line of testdata/expect.ndjson.
type expectation struct {
	Sample string `json:"sample"`
	Kind   string `json:"kind"`
	Class  int    `json:"class_uid"`
	Active *int   `json:"activity_id"`
	Status *int   `json:"status_id"`
	// By the attribute of the Detection Finding, and of the class.
	Finding map[string]any `json:"finding"`
	Event   map[string]any `json:"event"`
}

func expectations(t *testing.T) []expectation {
	t.Helper()
	var all []expectation
	for line := range bytes.SplitSeq(bytes.TrimSuffix(read(t, "../testdata/expect.ndjson"), []byte("\n")), []byte("\n")) {
		var e expectation
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}

// Law: every class that a sample has is one of OCSF, and its facts are at
// attributes of that class. Every sample has one expectation.
func TestKindsHaveExpectations(t *testing.T) {
	schema, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]expectation{}
	names := map[string]string{}
	for _, e := range expectations(t) {
		if names[e.Kind] != "" {
			t.Errorf("%s and %s are both %q", e.Sample, names[e.Kind], e.Kind)
		}
		names[e.Kind] = e.Sample
		expected[e.Sample] = e
		class, ok := schema.Class(strconv.Itoa(e.Class))
		if !ok {
			t.Fatalf("%s: OCSF has no class %d", e.Sample, e.Class)
		}
		finding, _ := schema.Class("detection_finding")
		for path := range e.Finding {
			if problem := missing(finding, path); problem != "" {
				t.Errorf("%s: detection_finding: %s", e.Sample, problem)
			}
		}
		for path := range e.Event {
			if problem := missing(class, path); problem != "" {
				t.Errorf("%s: %s: %s", e.Sample, class.Name, problem)
			}
		}
	}
	var wanted []string
	for _, k := range kinds(t) {
		wanted = append(wanted, k.name)
	}
	older, err := filepath.Glob("../testdata/alerts/*.ndjson")
	if err != nil || len(older) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, name := range older {
		file := filepath.Base(name)
		if file == "odd.ndjson" || file == "long.ndjson" {
			continue // what is odd about these is not what they say
		}
		for i := range bytes.Count(read(t, name), []byte("\n")) {
			wanted = append(wanted, fmt.Sprintf("alerts/%s:%d", file, i+1))
		}
	}
	for _, name := range wanted {
		if expected[name].Sample == "" {
			t.Errorf("%s has no expectation", name)
		}
		delete(expected, name)
	}
	for name := range expected {
		t.Errorf("there is no sample %s", name)
	}
}

// missing says which attribute of a path such as evidences[].file.name a class
// lacks, or that it is a list where the path has none.
func missing(c *ocsf.Class, path string) string {
	attribute := c.Attribute
	for name := range strings.SplitSeq(path, ".") {
		name, list := strings.CutSuffix(name, "[]")
		a, ok := attribute(name)
		switch {
		case !ok:
			return path + " has no attribute " + name
		case a.Array != list:
			return path + ": write [] after lists, and only there: " + name
		case a.Object != nil:
			attribute = a.Object.Attribute
		default:
			attribute = func(string) (*ocsf.Attribute, bool) { return nil, false }
		}
	}
	return ""
}

// Law: each source that Wazuh decodes has a sample.
func TestKindsHaveEverySource(t *testing.T) {
	all := kinds(t)
	different := map[string]bool{}
	for _, k := range all {
		different[k.what()] = true
	}
	if len(different) < leastKinds {
		t.Errorf("%d kinds, want at least %d", len(different), leastKinds)
	}
	for source, ids := range events {
		for id := range strings.FieldsSeq(ids) {
			if !different[source+" "+id] {
				t.Errorf("no sample of event %s of %s", id, source)
			}
		}
	}
	for _, source := range sources {
		path, value, _ := strings.Cut(source, "=")
		there := false
		for _, k := range all {
			at := k.at(path)
			there = there || at == value || value == "*" && at != ""
		}
		if !there {
			t.Errorf("no sample with %s", source)
		}
	}
}

// They are counted without the variants of one event.
const leastKinds = 230

// sources are what samples must have: a path and the value there, * for any.
var sources = strings.Fields(`
	decoder.name=sshd decoder.name=pam decoder.name=telnetd decoder.name=vsftpd decoder.name=proftpd
	decoder.name=postfix-reject decoder.name=dovecot decoder.name=sudo decoder.name=su decoder.name=useradd
	decoder.name=gpasswd decoder.name=rootcheck decoder.name=windows data.win.logFileCleared=*
	data.audit.type=SYSCALL data.audit.type=USER_LOGIN data.audit.type=CONFIG_CHANGE data.audit.type=AVC
	data.audit.type=ANOM_PROMISCUOUS data.audit.execve.a0=*
	syscheck.event=added syscheck.event=modified syscheck.event=deleted syscheck.mode=whodata syscheck.diff=*
	syscheck.tags=* syscheck.value_name=* syscheck.arch=[x32] syscheck.win_perm_after=*
	syscheck.audit.login_user.name=* rule.frequency=* previous_output=* GeoLocation.city_name=*
	data.win.system.channel=Microsoft-Windows-PowerShell/Operational
	data.sca.type=check data.sca.type=summary data.cis.rule_title=* data.cis.benchmark=* data.oscap.check.id=*
	data.vulnerability.status=Active data.vulnerability.status=Solved data.vulnerability.state=Fixed
	data.aws.source=cloudtrail data.aws.errorCode=* data.aws.eventName=ConsoleLogin
	data.aws.userIdentity.type=AssumedRole data.aws.userIdentity.type=AWSService data.aws.source=guardduty
	data.aws.source=macie data.aws.source=inspector data.aws.source=vpc data.aws.source=alb data.aws.source=waf
	data.aws.source=s3_server_access data.aws.source=cisco_umbrella data.azure_tag=azure-ad-graph
	data.azure_tag=azure-log-analytics data.azure_tag=azure-storage data.integration=ms-graph
	data.office365.Operation=FileDownloaded data.office365.Operation=UserLoggedIn
	data.office365.Operation=UserLoginFailed data.office365.Parameters=* data.integration=github
	data.gcp.protoPayload.methodName=* data.gcp.jsonPayload.queryName=* data.gcp.jsonPayload.connection.src_ip=*
	data.docker.Action=* data.kind=Event data.osquery.name=* data.virustotal.found=1 data.YARA.rule_name=*
	data.event_type=alert data.event_type=dns data.event_type=http data.event_type=tls data.event_type=flow
	decoder.name=snort rule.id=31333 decoder.name=web-accesslog decoder.name=nginx-errorlog
	decoder.name=apache-errorlog decoder.name=web-accesslog-iis-default decoder.name=squid-accesslog
	decoder.name=iptables decoder.name=pf decoder.name=pix decoder.name=cisco-asa decoder.name=cisco-ios
	decoder.name=fortigate-firewall-v5 decoder.name=netscreenfw decoder.name=checkpoint-smart1
	decoder.name=paloalto decoder.name=named decoder.name=ossec decoder.name=ar_log_json decoder.name=ar_log
	data.abuseipdb.found=* decoder.name=macos_uls data.caid=* data.okta.eventType=* previous_log=*
	wazuh.integration.name=linux-auth vulnerability.id=* check.id=* dns.question.name=* registry.path=*
	http.response.status_code=* user.target.name=* user.changes.name=* network.transport=* cloud.provider=*
	file.hash.sha256=* process.parent.pid=* wazuh.threat.enrichments=* wazuh.rule.mitre.subtechnique.id=*`)

// events are the events of Windows that samples must have, by their source.
var events = map[string]string{
	"Microsoft-Windows-Security-Auditing": `
	4624 4625 4634 4647 4648 4663 4672 4688 4689 4698 4699 4700 4701 4702 4719 4720 4722 4723 4724 4725 4726
	4727 4728 4729 4730 4731 4732 4733 4734 4735 4737 4738 4740 4754 4755 4756 4757 4758 4764 4767 4768 4769
	4770 4771 4776 4778 4779 4781 5140 5156 5157`,
	"Microsoft-Windows-Sysmon":           `1 2 3 5 6 7 8 10 11 12 13 14 15 17 18 22 23 25 26 29`,
	"Microsoft-Windows-Windows Defender": `1116 1117 1119 5001`,
	"Microsoft-Windows-Eventlog":         `1102`,
	"Microsoft-Windows-PowerShell":       `4103 4104`,
}

// The page on the test data says of each file how many samples it has.
func TestKindsAreListed(t *testing.T) {
	page, err := os.ReadFile("../testdata/README.md")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, k := range kinds(t) {
		file, _, _ := strings.Cut(k.name, ":")
		count[file]++
	}
	for file, n := range count {
		folder, name, _ := strings.Cut(file, "/")
		_, section, _ := strings.Cut(string(page), "\n## "+folder+"/")
		section, _, _ = strings.Cut(section, "\n## ")
		if row := fmt.Sprintf("\n| `%s` | %d | ", name, n); !strings.Contains(section, row) {
			t.Errorf("testdata/README.md: the section %s/ lacks a row %q", folder, row)
		}
	}
}
