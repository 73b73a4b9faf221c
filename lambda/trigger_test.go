package lambda_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// quoted is a text as a JSON string.
func quoted(s string) string {
	b, _ := json.Marshal(s) // strings always can be
	return string(b)
}

func s3Record(name, bucket, key string) string {
	return fmt.Sprintf(`{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventName":%q,"s3":{"s3SchemaVersion":"1.0","configurationId":"c","bucket":{"name":%s,"arn":"arn:aws:s3:::%s"},"object":{"key":%s,"size":1,"eTag":"x","sequencer":"1"}}}`,
		name, quoted(bucket), bucket, quoted(url.QueryEscape(key)))
}

func s3Event(bucket string, keys ...string) string {
	var records []string
	for _, key := range keys {
		records = append(records, s3Record("ObjectCreated:Put", bucket, key))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func snsEnvelope(message string) string {
	return fmt.Sprintf(`{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:us-east-1:1:t","Subject":"Amazon S3 Notification","Message":%s,"Timestamp":"2024-04-22T00:00:00Z"}`, quoted(message))
}

func snsEvent(messages ...string) string {
	var records []string
	for _, m := range messages {
		records = append(records, fmt.Sprintf(`{"EventVersion":"1.0","EventSource":"aws:sns","EventSubscriptionArn":"a","Sns":{"Type":"Notification","MessageId":"m","Message":%s}}`, quoted(m)))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

// sqsEvent has messages m0, m1 … with these bodies; group "" is not a FIFO queue.
func sqsEvent(group string, bodies ...string) string {
	var records []string
	arn := sqsARN + "q"
	if group != "" {
		arn += ".fifo"
	}
	for i, body := range bodies {
		attributes := `"ApproximateReceiveCount":"1"`
		if group != "" {
			attributes += `,"MessageGroupId":` + quoted(group)
		}
		records = append(records, fmt.Sprintf(`{"messageId":"m%d","receiptHandle":"r","body":%s,"attributes":{%s},"messageAttributes":{},"eventSource":"aws:sqs","eventSourceARN":%q,"awsRegion":"us-east-1"}`,
			i, quoted(body), attributes, arn))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func eventBridge(bucket, key string) string {
	return fmt.Sprintf(`{"version":"0","id":"i","detail-type":"Object Created","source":"aws.s3","account":"1","region":"us-east-1","resources":["arn:aws:s3:::%s"],"detail":{"version":"0","bucket":{"name":%q},"object":{"key":%s,"size":1,"etag":"x"},"reason":"PutObject"}}`, bucket, bucket, quoted(key))
}

func direct(bucket, key string) string {
	return fmt.Sprintf(`{"bucket":%q,"key":%s}`, bucket, quoted(key))
}

func batchTasks(version string, bucket string, keys ...string) string {
	var tasks []string
	for i, key := range keys {
		place := fmt.Sprintf(`"s3BucketArn":"arn:aws:s3:::%s"`, bucket)
		if version == "2.0" {
			place = fmt.Sprintf(`"s3Bucket":%q`, bucket)
		}
		tasks = append(tasks, fmt.Sprintf(`{"taskId":"t%d","s3Key":%s,"s3VersionId":null,%s}`, i, quoted(url.QueryEscape(key)), place))
	}
	return fmt.Sprintf(`{"invocationSchemaVersion":%q,"invocationId":"inv","job":{"id":"j","userArguments":{}},"tasks":[%s]}`, version, strings.Join(tasks, ","))
}

const oddKey = "alerts 2024/a+b%20c é=1/alerts(1).json"

// Every trigger makes the function write what the command line writes for the
// same object, key by key and byte by byte; and so does its coming twice.
func TestEveryTriggerWritesWhatTheCommandLineWrites(t *testing.T) {
	server := s3test.New(t, "raw", "lake", "ocsf")
	text := samples(t)
	server.Put("raw", oddKey, text)
	server.Put("raw", "second.txt.gz", packed(t, many(300)))
	want := byCLI(t, server.URL, "s3://raw/"+oddKey, "s3://raw/second.txt.gz")
	fn := start(t, guide(server.URL, "S3_BUCKET_OCSF=ocsf")...)
	one, two := s3Event("raw", oddKey), s3Event("raw", "second.txt.gz")
	for name, event := range map[string]string{
		"S3, all records":         s3Event("raw", oddKey, "second.txt.gz"),
		"S3 → SNS":                snsEvent(one, two),
		"S3 → SQS":                sqsEvent("", one, two),
		"S3 → SQS, FIFO":          sqsEvent("g", one, two),
		"S3 → SNS → SQS":          sqsEvent("", snsEnvelope(one), snsEnvelope(two)),
		"S3 → SNS → SQS, raw":     sqsEvent("", one, snsEnvelope(two)),
		"EventBridge → SQS":       sqsEvent("", eventBridge("raw", oddKey), eventBridge("raw", "second.txt.gz")),
		"replay, list":            "[" + direct("raw", oddKey) + "," + direct("raw", "second.txt.gz") + "]",
		"S3, the same many times": s3Event("raw", oddKey, oddKey, "second.txt.gz", oddKey),
	} {
		clear(server, "lake", "ocsf")
		s := fn.must(event)
		if s.Failed != 0 || s.failures() != "" || !s.UploadSuccess || !s.OCSFUpload || s.Inputs != 2 {
			t.Errorf("%s: %+v", name, s)
		}
		if s.Size == 0 || s.Size != s.Lines || s.Lines != s.Events+s.Rejects+s.Unmatched+s.Dropped+s.Blank || s.Rejects == 0 {
			t.Errorf("%s: lines are not accounted for: %+v", name, s)
		}
		same(t, name, want, inBuckets(t, server, "ocsf"))
		fn.must(event)
		same(t, name+", twice", want, inBuckets(t, server, "ocsf"))
	}
	for name, events := range map[string][]string{
		"a call that failed": {`{"version":"1.0","requestContext":{"condition":"RetriesExhausted"},"requestPayload":` + one + `,"responsePayload":{"errorMessage":"m"}}`, sqsEvent("", `{"requestPayload":`+two+`}`)},
		"replay, buckets":    {direct("s3://raw/", oddKey), direct("arn:aws-cn:s3:::raw", "second.txt.gz")},
		"EventBridge":        {eventBridge("raw", oddKey), eventBridge("raw", "second.txt.gz")},
		"replay":             {direct("raw", oddKey), direct("raw", "second.txt.gz")},
	} {
		clear(server, "lake", "ocsf")
		for _, event := range events {
			fn.must(event)
		}
		same(t, name, want, inBuckets(t, server, "ocsf"))
	}
	for _, version := range []string{"1.0", "2.0"} {
		clear(server, "lake", "ocsf")
		a := fn.invoke(batchTasks(version, "raw", oddKey, "second.txt.gz", "gone.txt", ""))
		for _, code := range []string{`"invocationSchemaVersion":"` + version, `"taskId":"t0","resultCode":"Succeeded"`, `"taskId":"t1","resultCode":"Succeeded"`, `"taskId":"t2","resultCode":"PermanentFailure"`,
			`"taskId":"t3","resultCode":"PermanentFailure","resultString":"the task names no object`} {
			if a.failed || !strings.Contains(a.body, code) {
				t.Errorf("batch %s: the answer lacks %s: %+v", version, code, a)
			}
		}
		same(t, "batch "+version, want, inBuckets(t, server, "ocsf"))
	}
	if n := server.Unfinished(); n != 0 {
		t.Errorf("%d uploads are unfinished", n)
	}
}

func clear(server *s3test.Server, buckets ...string) {
	for _, b := range buckets {
		for key := range server.Objects(b) {
			server.Delete(b, key)
		}
	}
}

// The sample of the guide under the name that Logstash gives it becomes the
// object under the guide's key, and another part of it one beside that, with the
// bytes that the command line writes for the same content from a file of any name.
func TestTheGuidesObject(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	for key, name := range map[string]string{
		"20240417/ls.s3.0055f22e-200e-4259-b865-8ccea05812be.2024-04-17T15.45.part0.txt":     "0055f22e200e4259b8658ccea05812be",
		"20240417/ls.s3.0055f22e-200e-4259-b865-8ccea05812be.2024-04-17T15.45.part29.txt.gz": "0055f22e200e4259b8658ccea05812be.part29",
	} {
		clear(server, "lake", "raw")
		text := many(20)
		if strings.HasSuffix(key, ".gz") {
			text = packed(t, text)
		}
		server.Put("raw", key, text)
		start(t, guide(server.URL)...).must(s3Event("raw", key))
		want := "ext/wazuh/region=us-east-1/accountId=111122223333/eventDay=20240422/" + name + ".parquet"
		objects := server.Objects("lake")
		if len(objects) != 1 || len(objects[want].Body) == 0 {
			t.Fatalf("%s made %v", key, sizesOf(server, "lake"))
		}
		if got := objects[want].Header.Get("Content-Type"); got != "application/vnd.apache.parquet" {
			t.Errorf("its type is %s", got)
		}
		server.Put("raw", "sample.txt", text)
		for name, body := range byCLI(t, server.URL, "s3://raw/sample.txt") {
			if strings.HasSuffix(name, ".parquet") && body != string(objects[want].Body) {
				t.Errorf("%s: the bytes differ from those of %s", key, name)
			}
		}
	}
}

func sizesOf(server *s3test.Server, bucket string) (all []string) {
	for key, o := range server.Objects(bucket) {
		all = append(all, fmt.Sprintf("%s (%d bytes)", key, len(o.Body)))
	}
	slices.Sort(all)
	return all
}

func TestOnlyWhatFailedComesAgain(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	for i := range 4 {
		server.Put("raw", fmt.Sprintf("%d.txt", i), many(5+i))
	}
	fn := start(t, guide(server.URL)...)
	good := func(i int) string { return s3Event("raw", fmt.Sprintf("%d.txt", i)) }
	gone := s3Event("raw", "gone.txt")
	for _, test := range []struct{ name, event, want string }{
		{"all good", sqsEvent("", good(0), good(1)), ""},
		{"one is missing", sqsEvent("", good(0), gone, good(2)), "m1"},
		{"one of two records is missing", sqsEvent("", s3Event("raw", "1.txt", "gone.txt"), good(2)), "m0"},
		{"one cannot be read", sqsEvent("", "what is this", good(1), `{"a":1}`, `[]`), "m0 m2"},
		{"FIFO stops", sqsEvent("g", good(0), gone, good(2), good(3)), "m1 m2 m3"},
		{"test event", sqsEvent("", `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"t","Bucket":"raw"}`, snsEnvelope(`{"Event":"s3:TestEvent"}`)), ""},
		{"a deletion", sqsEvent("", `{"Records":[`+s3Record("ObjectRemoved:Delete", "raw", "gone.txt")+`]}`), ""},
	} {
		if s := fn.must(test.event); s.failures() != test.want {
			t.Errorf("%s: %q come again, want %q", test.name, s.failures(), test.want)
		}
	}
	if a := fn.invoke(sqsEvent("", good(0))); !strings.Contains(a.body, `"batchItemFailures":[]`) {
		t.Errorf("a good batch is answered with %s", a.body)
	}
	for name, event := range map[string]string{"S3": gone, "SNS": snsEvent(good(0), gone), "EventBridge": eventBridge("raw", "gone.txt"), "replay": direct("raw", "gone.txt")} {
		if a := fn.invoke(event); !a.failed || !strings.Contains(a.body, "s3://raw/gone.txt") {
			t.Errorf("%s: a missing object is answered with %+v", name, a)
		}
	}
	if s := fn.must(`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"raw"}`); s.Inputs != 0 {
		t.Errorf("a test event: %+v", s)
	}
	for _, event := range []string{`{}`, `{"detail-type":"Scheduled Event","detail":{}}`, `"x"`, `[{"bucket":"b"}]`, `[1]`} {
		if a := fn.invoke(event); !a.failed {
			t.Errorf("%s is answered with %+v", event, a)
		}
	}
}
