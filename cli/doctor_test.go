package cli_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// amazon answers what doctor and source ask of STS, Security Lake and buckets in region, and keeps
// what would change anything.
type amazon struct {
	region string
	denied bool // writing
	// answers are those of other services, by target, action or path. What has none is
	// denied.
	answers map[string]string
	writes  []string
}

// deployed answers requests to Lambda, SQS, CloudWatch, Glue and KMS.
func (s *amazon) deployed(w http.ResponseWriter, r *http.Request, body string) bool {
	what := r.Header.Get("X-Amz-Target")
	if what == "AmazonSQS.GetQueueAttributes" && strings.Contains(body, "/dead") {
		what += " dead"
	}
	if strings.HasPrefix(r.URL.Path, "/2015-03-31/") {
		what = r.URL.Path
	}
	if strings.Contains(body, "Action=GetMetricStatistics") {
		what = "GetMetricStatistics"
	}
	if what == "" {
		return false
	}
	if !strings.Contains(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=") {
		http.Error(w, "it is not signed", http.StatusForbidden)
		return true
	}
	answer, ok := s.answers[what]
	if code, failed := strings.CutPrefix(answer, "!"); failed || !ok {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(http.StatusBadRequest)
		if !ok {
			answer = "AccessDeniedException"
		}
		fmt.Fprintf(w, `{"__type":"com.amazonaws#%s","Message":"said by the test"}`, strings.TrimPrefix(answer, "!"))
		return true
	}
	fmt.Fprint(w, answer)
	return true
}

func (s *amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if s.deployed(w, r, string(body)) {
		return
	}
	switch {
	case strings.Contains(string(body), "Action=GetCallerIdentity"):
		fmt.Fprint(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/me</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>")
	case r.URL.Path == "/v1/datalakes":
		fmt.Fprint(w, `{"dataLakes":[{"dataLakeArn":"d","region":"eu-west-1","s3BucketArn":"arn:aws:s3:::the-lake"}]}`)
	case r.Method == http.MethodHead:
		w.Header().Set("X-Amz-Bucket-Region", s.region)
	case r.URL.Query().Has("notification"):
		fmt.Fprint(w, cmp.Or(s.answers["notification"], "<NotificationConfiguration></NotificationConfiguration>"))
	case r.Method == http.MethodGet:
		fmt.Fprint(w, "<ListBucketResult></ListBucketResult>")
	case s.denied && (r.Method == http.MethodPut && r.Header.Get("If-Match") != "" || r.URL.Query().Has("uploads")):
		s3test.Fail(w, http.StatusForbidden, "AccessDenied")
	case r.Method == http.MethodPut && r.Header.Get("If-Match") != "":
		s3test.Fail(w, http.StatusPreconditionFailed, "PreconditionFailed")
	default:
		s.writes = append(s.writes, r.Method+" "+r.URL.Path)
	}
}

func (s *amazon) run(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	s3test.Setenv(t, server.URL)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	var stdout, stderr bytes.Buffer
	code = cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}, func(string) string { return "" })
	return code, stdout.String() + stderr.String()
}

// Law: doctor finds out in buckets what works and what does not, and writes nothing.
func TestDoctorOfBuckets(t *testing.T) {
	s := &amazon{region: "eu-west-1"}
	code, out := s.run(t, "doctor", "-o", "s3://the-lake", "--rejects", "s3://the-raw/rejects", "--raw-bucket", "the-raw", "--region", "eu-west-1")
	for _, want := range []string{
		"ok       your own identity arn:aws:iam::123456789012:user/me\n",
		"ok       the region of the bucket the-lake: eu-west-1\n",
		"ok       writing to the lake s3://the-lake: s3://the-lake/ext/wazuh/region=eu-west-1/accountId=external/eventDay=",
		"ok       writing to the rejects s3://the-raw/rejects: s3://the-raw/rejects/sluice-write-test could be written, and was not\n",
		"wrong    the notifications of the bucket the-raw\n",
		"wrong    the newest object of the lake\n         there is none yet",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if code != 1 || len(s.writes) > 0 {
		t.Errorf("exit %d after %v:\n%s", code, s.writes, out)
	}
	s = &amazon{region: "us-west-2", denied: true}
	_, out = s.run(t, "doctor", "-o", "s3://the-lake", "--rejects", t.TempDir(), "--region", "eu-west-1")
	for _, want := range []string{
		"wrong    the region of the bucket the-lake\n         it is in us-west-2, and the region of the lake is eu-west-1",
		"wrong    writing to the lake s3://the-lake",
		"allow this identity s3:PutObject",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

// A dry run asks who it is and where the lake is, and prints a role and a source for each class.
func TestSourceDryRun(t *testing.T) {
	s := &amazon{}
	code, out := s.run(t, "source", "create", "--dry-run", "--region", "eu-west-1", "--writer-id", "7Jx2", "--source", "acme")
	for _, want := range []string{"iam CreateRole\n", `"RoleName": "sluice-crawler-acme-eu-west-1"`, `"Resource": "arn:aws:s3:::the-lake/ext/acme/*"`,
		"securitylake CreateCustomLogSource\n", `"SECURITY_FINDING"`, `"principal": "123456789012"`, "nothing was changed"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not print %q", want)
		}
	}
	if code != 0 || len(s.writes) > 0 {
		t.Errorf("exit %d after %v:\n%s", code, s.writes, out)
	}
	code, out = s.run(t, "source", "create", "--dry-run", "--region", "eu-west-1", "--writer-id", "7Jx2", "--source", "a-name-of-21-characters")
	if code != 2 || !strings.Contains(out, "Security Lake accepts 20") {
		t.Errorf("a long name: exit %d, %s", code, out)
	}
}

// a function with its queue, and what is right of it.
func deployedFunction() map[string]string {
	return map[string]string{
		"/2015-03-31/functions/sluice/configuration": `{"FunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:sluice","State":"Active","LastUpdateStatus":"Successful","Timeout":300,"MemorySize":512,
			"Environment":{"Variables":{"AWS_BUCKET":"the-lake","SOURCE_LOCATION":"wazuh","ACCOUNT_ID":"123456789012","REGION":"eu-west-1"}}}`,
		"/2015-03-31/event-source-mappings/": `{"EventSourceMappings":[{"EventSourceArn":"arn:aws:sqs:eu-west-1:123456789012:alerts","State":"Enabled","FunctionResponseTypes":["ReportBatchItemFailures"]}]}`,
		"AmazonSQS.GetQueueAttributes": `{"Attributes":{"ApproximateNumberOfMessages":"7","ApproximateNumberOfMessagesNotVisible":"2","VisibilityTimeout":"1800",
			"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:123456789012:dead\",\"maxReceiveCount\":10}"}}`,
		"AmazonSQS.GetQueueAttributes dead": `{"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}`,
		"GetMetricStatistics": `<GetMetricStatisticsResponse><GetMetricStatisticsResult><Datapoints><member><Timestamp>2026-11-26T18:00:00Z</Timestamp><Maximum>30.0</Maximum></member>
			<member><Timestamp>2026-11-26T17:55:00Z</Timestamp><Maximum>9000.0</Maximum></member></Datapoints></GetMetricStatisticsResult></GetMetricStatisticsResponse>`,
		"AWSGlue.GetTable":             glueTable("security_finding", "string"),
		"TrentService.DescribeKey":     `{"KeyMetadata":{"Arn":"arn:aws:kms:eu-west-1:123456789012:key/k","KeyState":"Enabled"}}`,
		"TrentService.GenerateDataKey": "!DryRunOperationException",
	}
}

// glueTable is the table of the shipped mapping, whose message is of a type.
func glueTable(class, message string) string {
	files, err := mapping.Under("../mappings", "wazuh/"+class)
	if err != nil {
		panic(err)
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		panic(err)
	}
	var columns []string
	for _, c := range glue.Columns(e.Mappings[0].Layout) {
		typ := c.Type.String()
		if c.Name == "message" {
			typ = message
		}
		columns = append(columns, fmt.Sprintf(`{"Name":%q,"Type":%q}`, c.Name, typ))
	}
	return `{"Table":{"StorageDescriptor":{"Columns":[` + strings.Join(columns, ",") + `]}}}`
}

// Law: doctor says of each thing in AWS whether it is right, wrong, or could not be looked at.
func TestDoctorOfADeployment(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:123456789012:alerts"
	for name, test := range map[string]struct {
		change map[string]string // "" denies
		want   []string
	}{
		"all is right": {nil, []string{
			"ok       the key k is enabled\n", "ok       the key k may be used by the identity that writes the lake\n",
			"ok       the table amazon_security_lake_glue_db_eu_west_1.amazon_security_lake_table_eu_west_1_ext_wazuh has the columns of the mappings\n",
			"ok       the function sluice is active, with 512 MB and 5m0s for an invocation\n",
			"ok       the environment of the function sluice: it writes wazuh to s3://the-lake\n",
			"ok       the trigger of the function sluice from " + queue + " is enabled\n",
			"ok       the queue " + queue + ": 7 messages, 2 in flight, the oldest waits for 30s\n",
			"ok       the dead letters arn:aws:sqs:eu-west-1:123456789012:dead: none; a message gets there after 10 receives\n"}},
		"nothing may be looked at": {map[string]string{"/2015-03-31/functions/sluice/configuration": "", "/2015-03-31/event-source-mappings/": "",
			"AmazonSQS.GetQueueAttributes": "", "AWSGlue.GetTable": "", "TrentService.DescribeKey": "", "TrentService.GenerateDataKey": ""}, []string{
			"unknown  the function sluice\n", "allow this identity lambda:GetFunctionConfiguration on sluice\n", "unknown  what calls the function sluice\n",
			"unknown  the table ", "allow this identity glue:GetTable", "unknown  the key k\n", "wrong    the key k\n", "allow this identity kms:GenerateDataKey on k", "things could not be looked at\n"}},
		"another queue hears":    {map[string]string{"notification": "<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:eu-west-1:123456789012:other</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>"}, []string{"the bucket the-raw tells other queues of new objects, and not this one"}},
		"its queue hears":        {map[string]string{"notification": "<NotificationConfiguration><QueueConfiguration><Queue>" + queue + "</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>"}, []string{"the notifications of the bucket the-raw: " + queue + " hears of objects that end in"}},
		"there is no function":   {map[string]string{"/2015-03-31/functions/sluice/configuration": "!ResourceNotFoundException"}, []string{"wrong    the function sluice\n", "this account and region have nothing of this name"}},
		"there is no table":      {map[string]string{"AWSGlue.GetTable": "!EntityNotFoundException"}, []string{"wrong    the table "}},
		"another lake":           {map[string]string{"/2015-03-31/functions/sluice/configuration": `{"State":"Active","Environment":{"Variables":{"AWS_BUCKET":"other","SOURCE_LOCATION":"wazuh","ACCOUNT_ID":"1","REGION":"eu-west-1"}}}`}, []string{"wrong    the environment of the function sluice\n", "AWS_BUCKET is s3://other there, and --out is s3://the-lake here"}},
		"no environment":         {map[string]string{"/2015-03-31/functions/sluice/configuration": `{"State":"Active","Environment":{"Variables":{}}}`}, []string{"AWS_BUCKET is not set", "REGION is not set"}},
		"it failed":              {map[string]string{"/2015-03-31/functions/sluice/configuration": `{"State":"Failed","StateReason":"no image"}`}, []string{"it is Failed: no image"}},
		"a trigger that is off":  {map[string]string{"/2015-03-31/event-source-mappings/": `{"EventSourceMappings":[{"EventSourceArn":"` + queue + `","State":"Disabled"}]}`}, []string{"it is Disabled: enable it"}},
		"no trigger":             {map[string]string{"/2015-03-31/event-source-mappings/": `{}`}, []string{"no queue does: add an event source mapping"}},
		"whole batches again":    {map[string]string{"/2015-03-31/event-source-mappings/": `{"EventSourceMappings":[{"EventSourceArn":"` + queue + `","State":"Enabled"}]}`}, []string{"it lacks ReportBatchItemFailures"}},
		"a queue that is short":  {map[string]string{"AmazonSQS.GetQueueAttributes": `{"Attributes":{"VisibilityTimeout":"30"}}`}, []string{"visible again after 30s, and an invocation may take 5m0s: set its visibility timeout to 30m0s", "it has no redrive policy"}},
		"old messages":           {map[string]string{"GetMetricStatistics": `<GetMetricStatisticsResponse><GetMetricStatisticsResult><Datapoints><member><Timestamp>2026-11-26T18:00:00Z</Timestamp><Maximum>7200</Maximum></member></Datapoints></GetMetricStatisticsResult></GetMetricStatisticsResponse>`}, []string{"the oldest waits for 2h0m0s: look for failures"}},
		"ages are not told":      {map[string]string{"GetMetricStatistics": ""}, []string{"ok       the queue " + queue + ": 7 messages, 2 in flight\n", "unknown  the age of the messages of the queue "}},
		"dead letters":           {map[string]string{"AmazonSQS.GetQueueAttributes dead": `{"Attributes":{"ApproximateNumberOfMessages":"3"}}`, "AmazonSQS.ReceiveMessage": `{"Messages":[{"Attributes":{"SentTimestamp":"1795716000000"},"MessageAttributes":{"reason":{"StringValue":"it is archived"},"key":{"StringValue":"s3://raw/a.txt"}}}]}`}, []string{"there are 3, one of ", "s3://raw/a.txt: it is archived: fix the cause, and redrive them"}},
		"letters are not shown":  {map[string]string{"AmazonSQS.GetQueueAttributes dead": `{"Attributes":{"ApproximateNumberOfMessages":"3"}}`}, []string{"wrong    the dead letters ", "unknown  the reasons of the dead letters "}},
		"a key that is off":      {map[string]string{"TrentService.DescribeKey": `{"KeyMetadata":{"KeyState":"PendingDeletion"}}`}, []string{"it is PendingDeletion"}},
		"other columns":          {map[string]string{"AWSGlue.GetTable": glueTable("security_finding", "int")}, []string{"objects of these mappings do not fit it: `message` was int and is now string"}},
		"no columns":             {map[string]string{"AWSGlue.GetTable": `{"Table":{}}`}, []string{"it has no columns yet"}},
		"a table of other types": {map[string]string{"AWSGlue.GetTable": `{"Table":{"StorageDescriptor":{"Columns":[{"Name":"a","Type":"list<"}]}}}`}, []string{`"list<" is not a type of Glue`}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &amazon{region: "eu-west-1", answers: deployedFunction()}
			for what, answer := range test.change {
				if s.answers[what] = answer; answer == "" {
					delete(s.answers, what)
				}
			}
			code, out := s.run(t, "doctor", "-o", "s3://the-lake", "--rejects", t.TempDir(), "--region", "eu-west-1", "--sse", "aws:kms:k", "--tables", "--function", "sluice", "--raw-bucket", "the-raw")
			if strings.Contains(out, "not this one") != (name == "another queue hears") {
				t.Error("which queue hears of objects is judged wrongly")
			}
			for _, want := range test.want {
				if !strings.Contains(out, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			if code != 1 || len(s.writes) > 0 { // the lake is empty, which is wrong
				t.Errorf("exit %d after %v", code, s.writes)
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}
