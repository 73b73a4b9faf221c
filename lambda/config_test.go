package lambda_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// All faults of the environment are reported at once, to Lambda and in the log, and
// the process ends.
func TestFaultsOfTheEnvironmentAreToldTogether(t *testing.T) {
	for name, test := range map[string]struct{ env, says []string }{
		"nothing is set": {nil, []string{"AWS_BUCKET", "SOURCE_LOCATION", "ACCOUNT_ID", "REGION"}},
		"everything is wrong": {
			[]string{"AWS_BUCKET=s3://x", "SOURCE_LOCATION=a/b", "ACCOUNT_ID=1", "REGION=r", "S3_BUCKET_OCSF=!", "OCSF_CLASS=NO_FINDING",
				"SLUICE_REJECTS=s3://rejects", "SLUICE_STRICT=perhaps", "SLUICE_LOG_LEVEL=loud", "SLUICE_MAPPING_RELOAD=soon", "IS_DEV=1", "SLUICE_SSE=rot13"},
			[]string{"AWS_BUCKET", "SOURCE_LOCATION", "S3_BUCKET_OCSF", "OCSF_CLASS", "SLUICE_REJECTS", "SLUICE_STRICT", "SLUICE_LOG_LEVEL",
				"SLUICE_MAPPING_RELOAD", "AWS_ENDPOINT", "SLUICE_SSE"},
		},
		"a class that is not there":   {guide("http://127.0.0.1:1", "OCSF_CLASS=foo"), []string{`errorMessage":"OCSF_CLASS: there is no shipped mapping for class \"foo\"; shipped are by_class, detection_finding, security_finding","`}},
		"the ARN of a bucket":         {guide("http://127.0.0.1:1", "S3_BUCKET_OCSF=arn:aws:s3:::copies"), []string{"give its name alone, copies"}},
		"a mapping that is not there": {guide("http://127.0.0.1:1", "SLUICE_MAPPING=wazuh/security_findin"), []string{"security_finding", "did you mean"}},
	} {
		fn := start(t, test.env...)
		select {
		case told := <-fn.fault:
			<-fn.ended
			for _, says := range test.says {
				if !strings.Contains(told, says) || !strings.Contains(fn.log.String(), says) {
					t.Errorf("%s: %s is not told of: %s", name, says, told)
				}
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: Lambda was told nothing", name)
		}
		if code := fn.process.ProcessState.ExitCode(); code != 1 {
			t.Errorf("%s: the exit code is %d", name, code)
		}
	}
}

// The function reads with its own role, copies and rejects with its own role,
// and writes the lake with the provider role, which it assumes with the id.
func TestTwoIdentities(t *testing.T) {
	server := s3test.New(t, "raw", "lake", "ocsf")
	server.ExternalID = "an id"
	server.Put("raw", "k.txt", many(1500))
	env := guide(server.URL, "S3_BUCKET_OCSF=ocsf", "ROLE_ARN=arn:aws:iam::1:role/AmazonSecurityLake-Provider-wazuh-us-east-1", "EXTERNAL_ID=an id")
	start(t, env...).must(s3Event("raw", "k.txt"))
	for bucket, want := range map[string]string{"lake": s3test.RoleIdentity, "ocsf": s3test.Identity} {
		objects := server.Objects(bucket)
		if len(objects) == 0 {
			t.Errorf("nothing is in %s", bucket)
		}
		for key, o := range objects {
			if o.Identity != want {
				t.Errorf("%s/%s was written by %s", bucket, key, o.Identity)
			}
		}
	}
	for _, r := range server.Requests() {
		if (r.Bucket == "raw" || r.Bucket == "sts") && r.Identity != s3test.Identity {
			t.Errorf("%s was asked for by %s", r, r.Identity)
		}
	}
	wrong := start(t, append(env, "EXTERNAL_ID=another")...)
	if s := wrong.must(sqsEvent("", s3Event("raw", "k.txt"))); s.failures() != "m0" {
		t.Errorf("with a wrong id: %+v", s)
	}
	if log, _ := wrong.said(); !strings.Contains(log, "EXTERNAL_ID") {
		t.Errorf("the log does not say which variable to look at: %s", log)
	}
}

// Rejects go where they are sent, under names that the triggers' filters do not
// take, and the function refuses them and its own events even when it gets them.
func TestTheFunctionDoesNotReadWhatItWrote(t *testing.T) {
	for _, test := range []struct{ name, variable, bucket, prefix string }{
		{"default", "", "raw", "rejects/"},
		{"default with copies", "S3_BUCKET_OCSF=ocsf", "ocsf", "rejects/"},
		{"set", "SLUICE_REJECTS=s3://ocsf/bad/lines", "ocsf", "bad/lines/"},
		{"set within the raw bucket", "SLUICE_REJECTS=s3://raw/bad/", "raw", "bad/"},
	} {
		server := s3test.New(t, "raw", "lake", "ocsf")
		server.Put("raw", "k.txt", many(1500))
		fn := start(t, guide(server.URL, test.variable)...)
		fn.must(s3Event("raw", "k.txt"))
		rejects := server.Bodies(test.bucket, test.prefix)
		if len(rejects) == 0 {
			t.Errorf("%s: no rejects are in %s/%s", test.name, test.bucket, test.prefix)
		}
		for _, bucket := range []string{"lake", "ocsf", "raw"} {
			for key := range server.Objects(bucket) {
				if strings.HasSuffix(key, ".txt") {
					continue
				}
				if strings.HasSuffix(key, ".txt.gz") || strings.HasPrefix(key, test.prefix) && !strings.HasSuffix(key, ".ndjson.gz") && !strings.HasPrefix(key, test.prefix+lake.LedgerFolder) {
					t.Errorf("%s: the function wrote %s/%s", test.name, bucket, key)
				}
				before := sizesOf(server, bucket)
				s := fn.must(sqsEvent("", s3Event(bucket, key)))
				if s.failures() != "" || s.Skipped != 1 || s.Inputs != 0 || !slices.Equal(before, sizesOf(server, bucket)) {
					t.Errorf("%s: %s/%s was read: %+v", test.name, bucket, key, s)
				}
			}
		}
	}
}

// The variables of the guide for other servers.
func TestIsDev(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", many(5))
	env := slices.DeleteFunc(guide(server.URL, "IS_DEV=true", "AWS_ENDPOINT="+server.URL), func(v string) bool { return strings.HasPrefix(v, "AWS_ENDPOINT_URL=") })
	start(t, env...).must(s3Event("raw", "k.txt"))
	if len(server.Objects("lake")) != 1 {
		t.Error("nothing came to the server")
	}
}

func TestTheClassAndStrictness(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", []byte(`{"timestamp":"2024-04-22T14:20:46.976+0000","id":"1.1","rule":{"id":"1","level":3,"description":"d","firedtimes":"many"},"agent":{"id":"1","name":"n"},"manager":{"name":"m"}}`+"\n"))
	for env, want := range map[string][2]int64{"OCSF_CLASS=DETECTION_FINDING": {1, 0}, "OCSF_CLASS=security_finding": {1, 0}, "SLUICE_STRICT=true": {0, 1}} {
		if s := start(t, guide(server.URL, env)...).must(s3Event("raw", "k.txt")); s.Events != want[0] || s.Rejects != want[1] {
			t.Errorf("%s: %+v", env, s)
		}
	}
}

// Alerts of days that the lake does not take are rejects.
func TestEventDays(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	var lines string
	for _, day := range []string{"2024-04-22", "2024-04-23", "2024-04-22", "2099-01-01"} {
		lines += `{"timestamp":"` + day + `T14:20:46.976+0000","id":"1.1","rule":{"id":"1","level":3,"description":"d"},"agent":{"id":"1","name":"n"},"manager":{"name":"m"}}` + "\n"
	}
	server.Put("raw", "k.txt", []byte(lines))
	for env, want := range map[string][2]int64{"": {3, 1}, "SLUICE_EVENT_DAYS=2024-04-23..": {2, 2}, "SLUICE_EVENT_DAYS=..2024-04-22": {2, 2}, "SLUICE_MAX_EVENT_DAYS=1": {2, 2}} {
		if s := start(t, guide(server.URL, env)...).must(s3Event("raw", "k.txt")); s.Events != want[0] || s.Rejects != want[1] {
			t.Errorf("%s: %+v", env, s)
		}
	}
}

// With BY_CLASS each class has a custom source of its own.
func TestByClass(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", []byte(`{"timestamp":"2024-04-22T14:20:46.976+0000","id":"1.1","rule":{"id":"5715","level":3,"description":"d","groups":["authentication_success"]},"decoder":{"name":"sshd"},"data":{"dstuser":"ann"},"agent":{"id":"1","name":"n"}}`+"\n"+
		`{"timestamp":"2024-04-22T14:20:47.976+0000","id":"1.2","rule":{"id":"1","level":3,"description":"d"},"agent":{"id":"1","name":"n"}}`+"\n"))
	start(t, guide(server.URL, "OCSF_CLASS=BY_CLASS", "SOURCE_LOCATION=acme", "SLUICE_SOURCES=3002=logins")...).must(s3Event("raw", "k.txt"))
	keys := strings.Join(slices.Sorted(maps.Keys(server.Objects("lake"))), " ")
	if !strings.Contains(keys, "ext/logins/") || !strings.Contains(keys, "ext/acme-finding/") {
		t.Errorf("the lake has %s", keys)
	}
}

// The first line of the log has version and commit. Every other one is a JSON
// object with the id of its request and no text of an alert; every line of the
// metrics is in CloudWatch's format.
func TestLogAndMetrics(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	const secret = "hunter2 is what the alert says"
	server.Put("raw", "k.txt", []byte(`{"timestamp":"2024-04-22T14:20:46.976+0000","id":"1.1","rule":{"id":"1","level":"`+secret+`","description":"`+secret+`"},"full_log":"`+secret+`"}`+
		"\n{\""+secret+"\": \n"+secret+"\n"))
	fn := start(t, guide(server.URL, "SLUICE_LOG_LEVEL=debug")...)
	fn.must(s3Event("raw", "k.txt"))
	fn.must(sqsEvent("", s3Event("raw", "gone.txt"), secret))
	fn.invoke(`"` + secret + `"`)
	log, metrics := fn.said()
	if said := log + metrics; strings.Contains(said, "hunter2") {
		t.Errorf("the log has text of an alert:\n%s", said)
	}
	lines := strings.Split(strings.TrimSpace(log), "\n")
	if len(lines) < 3 {
		t.Errorf("the log has %d lines", len(lines))
	}
	if !strings.Contains(lines[0], `"version":"`) || !strings.Contains(lines[0], `"commit":"`) {
		t.Errorf("the first line of the log is %s", lines[0])
	}
	for _, line := range lines[1:] {
		var entry struct{ Timestamp, Level, Message, RequestID string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Timestamp == "" || entry.Level == "" || entry.Message == "" || !strings.HasPrefix(entry.RequestID, "request-") {
			t.Errorf("a line of the log is %s (%v)", line, err)
		}
	}
	emitted := strings.Split(strings.TrimSpace(metrics), "\n")
	if len(emitted) != 3 {
		t.Fatalf("3 invocations gave %d lines of metrics", len(emitted))
	}
	for i, line := range emitted {
		checkMetrics(t, line, i == 0)
	}
	if !strings.Contains(emitted[0], `"RecordsIn":3`) || !strings.Contains(emitted[1], `"ObjectsFailed":1`) {
		t.Errorf("the metrics are\n%s", metrics)
	}
}

func checkMetrics(t *testing.T, line string, cold bool) {
	t.Helper()
	var values map[string]any
	var head struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal([]byte(line), &head); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if err := json.Unmarshal([]byte(line), &values); err != nil {
		t.Fatal(err)
	}
	d := head.AWS.CloudWatchMetrics[0]
	for _, name := range d.Dimensions[0] {
		if s, ok := values[name].(string); !ok || s == "" {
			t.Errorf("the dimension %s has no value", name)
		}
	}
	var names []string
	for _, m := range d.Metrics {
		names = append(names, m.Name)
		if _, ok := values[m.Name].(float64); !ok {
			t.Errorf("the metric %s has no value", m.Name)
		}
	}
	for _, name := range strings.Fields("RecordsIn RowsOut Rejected Unmatched BytesIn BytesOut TransformMillis ColdStart") {
		if !slices.Contains(names, name) {
			t.Errorf("there is no metric %s", name)
		}
	}
	if got := values["ColdStart"]; got != map[bool]float64{true: 1, false: 0}[cold] {
		t.Errorf("ColdStart is %v", got)
	}
	if age := time.Since(time.UnixMilli(head.AWS.Timestamp)); age < 0 || age > time.Minute {
		t.Errorf("the time is %s ago", age)
	}
}

func TestLambdasOwnLogSettings(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", many(5))
	for env, want := range map[string]string{
		"AWS_LAMBDA_LOG_FORMAT=JSON": `"message":"done"`, "AWS_LAMBDA_LOG_FORMAT=Text": "message=done", "AWS_LAMBDA_LOG_LEVEL=ERROR": "",
	} {
		fn := start(t, guide(server.URL, env)...)
		fn.must(s3Event("raw", "k.txt"))
		if got, _ := fn.said(); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: the log is %q", env, got)
		}
	}
}

// Encryption is asked for when it is set.
func TestEncryption(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", many(5))
	start(t, guide(server.URL, "SLUICE_SSE=aws:kms:alias/lake")...).must(s3Event("raw", "k.txt"))
	for key, o := range server.Objects("lake") {
		if got := fmt.Sprint(o.Header[http.CanonicalHeaderKey("x-amz-server-side-encryption-aws-kms-key-id")]); got != "[alias/lake]" {
			t.Errorf("%s has the key %s", key, got)
		}
	}
}

// A process that ends because Lambda cannot be reached, or does not take its answer, says why.
func TestTheEndOfTheProcessIsSaid(t *testing.T) {
	for what, test := range map[string]struct {
		end  func(*host)
		says string
	}{
		"Lambda does not take the answer": {func(h *host) {
			h.refuses.Store(413)
			_ = h.invoke(`{"Service":"Amazon S3","Event":"s3:TestEvent"}`)
		}, "413"},
		"Lambda is gone": {func(h *host) { h.server.Close() }, "failed to get the next invoke"},
	} {
		server := s3test.New(t, "raw", "lake")
		h := start(t, guide(server.URL)...)
		<-h.next
		test.end(h)
		<-h.ended
		if log := h.log.String(); !strings.Contains(log, "the process ends") || !strings.Contains(log, test.says) {
			t.Errorf("%s: %s", what, log)
		}
	}
	out, err := exec.Command(bootstrap).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "AWS_BUCKET") {
		t.Errorf("without variables: %v, %s", err, out)
	}
	outside := exec.Command(bootstrap)
	outside.Env = guide("http://127.0.0.1:1")
	if out, err := outside.CombinedOutput(); err == nil || !strings.Contains(string(out), "AWS_LAMBDA_RUNTIME_API") {
		t.Errorf("outside of Lambda: %v, %s", err, out)
	}
}

// An account and a region of which Security Lake cannot have a partition are warned of.
func TestUnlikelyPartitions(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	for set, says := range map[string]string{
		"ACCOUNT_ID=111122223333": "", "ACCOUNT_ID=external": "", "ACCOUNT_ID=external_7": "", "ACCOUNT_ID=11112222333": "ACCOUNT_ID", "ACCOUNT_ID=1111-2222-3333": "ACCOUNT_ID",
		"ACCOUNT_ID=arn:aws:iam::111122223333:root": "ACCOUNT_ID", "REGION=ap-southeast-2": "", "REGION=us-gov-east-1": "", "REGION=useast1": "REGION", "REGION=us-east-1a": "REGION", "REGION=EU-WEST-1": "REGION",
	} {
		fn := start(t, guide(server.URL, set)...)
		<-fn.next
		log, _ := fn.said()
		if n := strings.Count(log, "all rows go into a partition of that name"); (n == 1) != (says != "") || !strings.Contains(log, says) {
			t.Errorf("%s: %s", set, log)
		}
	}
}

// A variable whose name has a typing error has no effect, which is said.
func TestUnknownVariables(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	fn := start(t, guide(server.URL, "SLUICE_REJECT=s3://rejects/r", "SLUICE_STRICT=no", "SLUICE_SET_SITE=b")...)
	<-fn.next
	log, _ := fn.said()
	if strings.Count(log, "the function has no variable of this name") != 1 || !strings.Contains(log, "did you mean `SLUICE_REJECTS`?") {
		t.Error(log)
	}
}
