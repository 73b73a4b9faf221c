package deployment

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// amazon answers requests, and keeps what they were.
type amazon struct {
	mu    sync.Mutex
	asked []string // method and path, or the target
	reply func(what string, n int) (status int, header, body string)
}

func (a *amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	what := r.Header.Get("X-Amz-Target")
	if what == "" {
		what = r.Method + " " + r.URL.RequestURI()
	}
	if strings.Contains(string(body), `"DryRun":true`) {
		what += " DryRun"
	}
	if action, _, ok := strings.Cut(string(body), "&"); ok && strings.HasPrefix(action, "Action=") {
		what += " " + action
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+s3test.Identity+"/") {
		what += " unsigned"
	}
	a.mu.Lock()
	a.asked = append(a.asked, what)
	n := len(a.asked)
	a.mu.Unlock()
	status, header, text := a.reply(what, n)
	if header != "" {
		w.Header().Set("X-Amzn-Errortype", header)
	}
	w.WriteHeader(status)
	fmt.Fprint(w, text)
}

// client is a client of a server that answers like this, and does not wait between attempts.
func client(t testing.TB, reply func(what string, n int) (int, string, string)) (*Client, *amazon) {
	a := &amazon{reply: reply}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	s3test.Setenv(t, server.URL)
	c := New(s3.Options{}, "eu-west-1")
	c.pause = time.Millisecond
	return c, a
}

const (
	theQueue = "arn:aws:sqs:eu-west-1:111122223333:alerts"
	theTable = "amazon_security_lake_table_eu_west_1_ext_wazuh_auth"
)

// call is what a Client can be asked, with an answer of AWS, and what is made of it.
type call struct {
	name   string
	asks   string // the request
	answer string
	do     func(*Client, context.Context) (any, error)
	want   any
}

func some[T any](v *T, err error) (any, error) { return v, err }

var calls = []call{
	{"a function", "GET /2015-03-31/functions/sluice/configuration",
		`{"FunctionArn":"arn:f","State":"Inactive","StateReason":"idle","LastUpdateStatus":"Failed","Role":"arn:r","Timeout":300,"MemorySize":512,"Environment":{"Variables":{"A":"b"},"Error":{"Message":"no key"}},"More":[1]}`,
		func(c *Client, ctx context.Context) (any, error) { return some(c.Function(ctx, "sluice")) },
		&Function{ARN: "arn:f", State: "Inactive", StateReason: "idle", Update: "Failed", Role: "arn:r", Timeout: 5 * time.Minute, MemoryMB: 512, Environment: map[string]string{"A": "b"}, EnvironmentError: "no key"}},
	{"what calls a function", "GET /2015-03-31/event-source-mappings/?FunctionName=sluice",
		`{"EventSourceMappings":[{"EventSourceArn":"q","State":"Enabled","FunctionResponseTypes":["ReportBatchItemFailures"]},{"EventSourceArn":"r","State":"Disabled"}]}`,
		func(c *Client, ctx context.Context) (any, error) { return c.Triggers(ctx, "sluice") },
		[]Trigger{{"q", "Enabled", true}, {"r", "Disabled", false}}},
	{"a queue", "AmazonSQS.GetQueueAttributes",
		`{"Attributes":{"ApproximateNumberOfMessages":"3","ApproximateNumberOfMessagesDelayed":"4","ApproximateNumberOfMessagesNotVisible":"5","VisibilityTimeout":"1800","RedrivePolicy":"{\"deadLetterTargetArn\":\"dead\",\"maxReceiveCount\":10}"}}`,
		func(c *Client, ctx context.Context) (any, error) { return some(c.Queue(ctx, theQueue)) },
		&Queue{Waiting: 7, InFlight: 5, Visibility: 30 * time.Minute, DeadLetters: "dead", Tries: 10}},
	{"dead letters", "AmazonSQS.ReceiveMessage",
		`{"Messages":[{"Attributes":{"SentTimestamp":"1773480413976"},"MessageAttributes":{"reason":{"StringValue":"gone"},"key":{"StringValue":"k"}}},{"Attributes":{"SentTimestamp":"0"}}]}`,
		func(c *Client, ctx context.Context) (any, error) { return c.Letters(ctx, theQueue) },
		[]Letter{{time.UnixMilli(1773480413976), "gone", "k"}, {Sent: time.UnixMilli(0)}}},
	{"the age of a message", "POST / Action=GetMetricStatistics",
		`<GetMetricStatisticsResponse><GetMetricStatisticsResult><Datapoints><member><Timestamp>2026-03-14T09:05:00Z</Timestamp><Maximum>90</Maximum></member><member><Timestamp>2026-03-14T09:00:00Z</Timestamp><Maximum>9000</Maximum></member></Datapoints></GetMetricStatisticsResult></GetMetricStatisticsResponse>`,
		func(c *Client, ctx context.Context) (any, error) { return c.Oldest(ctx, theQueue) }, 90 * time.Second},
	{"columns", "AWSGlue.GetTable", `{"Table":{"StorageDescriptor":{"Columns":[{"Name":"time","Type":"bigint","Comment":"c"}]},"PartitionKeys":[{"Name":"region","Type":"string"}]}}`,
		func(c *Client, ctx context.Context) (any, error) { return c.Columns(ctx, "d", theTable) }, []Column{{"time", "bigint"}}},
	{"a key", "TrentService.DescribeKey", `{"KeyMetadata":{"Arn":"arn:k","KeyState":"Enabled"}}`,
		func(c *Client, ctx context.Context) (any, error) { return some(c.Key(ctx, "alias/k")) }, &Key{"arn:k", "Enabled"}},
	{"the use of a key", "TrentService.GenerateDataKey DryRun", `{}`,
		func(c *Client, ctx context.Context) (any, error) { return nil, c.MayEncrypt(ctx, "alias/k") }, nil},
}

// Each question is one signed request that changes nothing, and the answer is what AWS says.
func TestWhatAWSSays(t *testing.T) {
	for _, q := range calls {
		t.Run(q.name, func(t *testing.T) {
			c, a := client(t, func(string, int) (int, string, string) { return 200, "", q.answer })
			got, err := q.do(c, t.Context())
			if d := cmp.Diff(q.want, got); d != "" || err != nil {
				t.Errorf("%v: %s", err, d)
			}
			if d := cmp.Diff([]string{q.asks}, a.asked); d != "" {
				t.Error(d)
			}
		})
	}
}

// What is listed on several pages is asked for page by page.
func TestTriggersOnSeveralPages(t *testing.T) {
	c, a := client(t, func(what string, n int) (int, string, string) {
		marker := ""
		if n < 3 {
			marker = fmt.Sprintf(`,"NextMarker":"m%d &"`, n)
		}
		return 200, "", fmt.Sprintf(`{"EventSourceMappings":[{"EventSourceArn":"q%d"}]%s}`, n, marker)
	})
	all, err := c.Triggers(t.Context(), "sluice")
	if err != nil || len(all) != 3 || all[2].Queue != "q3" {
		t.Errorf("%v, %v", all, err)
	}
	if last := a.asked[len(a.asked)-1]; !strings.HasSuffix(last, "&Marker=m2%20%26") {
		t.Errorf("the last request is %s", last)
	}
}

// Every question that fails says what was attempted, why, and what to do; and whether it says
// something of the thing itself, or only of who asks.
func TestRefusals(t *testing.T) {
	type kind struct {
		status         int
		header, body   string
		denied, unseen bool
		attempts       int
		says           []string
	}
	for name, k := range map[string]kind{
		"no right":               {400, "AccessDeniedException:http://x", `{"Message":"not you"}`, true, true, 1, []string{"not you", "allow this identity "}},
		"no right, in SQS":       {403, "", `{"__type":"com.amazonaws.sqs#AccessDeniedException","message":"no"}`, true, true, 1, []string{"allow this identity "}},
		"no right, in XML":       {403, "", `<ErrorResponse><Error><Code>AccessDenied</Code><Message>User may not</Message></Error></ErrorResponse>`, true, true, 1, []string{"User may not"}},
		"no right, no word":      {403, "", `{}`, true, true, 1, []string{"allow this identity "}},
		"there is none":          {404, "ResourceNotFoundException", `{"Message":"no function"}`, false, false, 1, []string{"no function", "check the name"}},
		"there is no table":      {400, "EntityNotFoundException", `{}`, false, false, 1, []string{"check the name"}},
		"old credentials":        {403, "ExpiredTokenException", `{}`, false, true, 1, []string{"renew them"}},
		"too many requests":      {400, "ThrottlingException", `{}`, false, true, attempts, []string{"wait and run it again"}},
		"a service that is down": {503, "", `<html>`, false, true, attempts, []string{"wait and run it again"}},
	} {
		for _, q := range calls {
			c, a := client(t, func(string, int) (int, string, string) { return k.status, k.header, k.body })
			_, err := q.do(c, t.Context())
			if err == nil || Denied(err) != k.denied || Unseen(err) != k.unseen || len(a.asked) != k.attempts {
				t.Errorf("%s, %s: %v; denied %t, unseen %t, after %d attempts", name, q.name, err, Denied(err), Unseen(err), len(a.asked))
				continue
			}
			for _, says := range k.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%s, %s: %v does not say %q", name, q.name, err, says)
				}
			}
		}
	}
}

// What passes by is asked again, and then leaves no trace.
func TestFaultsThatPass(t *testing.T) {
	for _, q := range calls {
		c, a := client(t, func(_ string, n int) (int, string, string) {
			if n < attempts {
				return 500, "InternalFailure", `{}`
			}
			return 200, "", q.answer
		})
		if got, err := q.do(c, t.Context()); err != nil || !cmp.Equal(got, q.want) || len(a.asked) != attempts {
			t.Errorf("%s: %v, %v after %d attempts", q.name, got, err, len(a.asked))
		}
	}
}

// Without an answer there is a fault that says what to look at, and the end of the context
// ends the wait for another attempt.
func TestNobodyAnswers(t *testing.T) {
	c, _ := client(t, nil)
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	_, err := c.Function(t.Context(), "sluice")
	if err == nil || !Unseen(err) || Denied(err) || !strings.Contains(err.Error(), "the network") {
		t.Errorf("%v", err)
	}
	c.pause = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Function(ctx, "sluice"); err == nil {
		t.Error("a context that ended is no error")
	}
}

// A key that the identity may use says so by refusing a request that was never meant.
func TestADryRunThatWouldSucceed(t *testing.T) {
	c, _ := client(t, func(string, int) (int, string, string) { return 400, "DryRunOperationException", `{}` })
	if err := c.MayEncrypt(t.Context(), "k"); err != nil {
		t.Error(err)
	}
}

func TestTableOf(t *testing.T) {
	database, table := TableOf("eu-west-1", "Wazuh-auth.x:1")
	if database != "amazon_security_lake_glue_db_eu_west_1" || table != "amazon_security_lake_table_eu_west_1_ext_wazuh_auth_x_1" {
		t.Errorf("%s, %s", database, table)
	}
}

// The environment says where services are, as it says it to the SDK; else they are Amazon's.
func TestEndpoints(t *testing.T) {
	c := New(s3.Options{}, "eu-west-1")
	t.Setenv("AWS_ENDPOINT_URL", "")
	for service, want := range map[string]string{"sqs": "https://sqs.eu-west-1.amazonaws.com", "monitoring": "https://monitoring.eu-west-1.amazonaws.com"} {
		if got := c.endpoint(service); got != want {
			t.Errorf("%s is at %s", service, got)
		}
	}
	if got := New(s3.Options{}, "cn-north-1").endpoint("kms"); got != "https://kms.cn-north-1.amazonaws.com.cn" {
		t.Errorf("in China kms is at %s", got)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://all/")
	t.Setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://one")
	if a, b := c.endpoint("monitoring"), c.endpoint("sqs"); a != "http://one" || b != "http://all" {
		t.Errorf("they are at %s and %s", a, b)
	}
}

// Whatever a service answers, there is a result or an error.
func FuzzAnswers(f *testing.F) {
	for _, q := range calls {
		f.Add(uint16(200), "", q.answer)
	}
	f.Add(uint16(403), "A:b#c", `{"__type":3}`)
	f.Add(uint16(500), "", `<a><Error>`)
	answer := make(chan [3]string, 1)
	c, _ := client(f, func(string, int) (int, string, string) {
		now := <-answer
		answer <- now
		var status int
		fmt.Sscan(now[0], &status)
		return status, now[1], now[2]
	})
	f.Fuzz(func(t *testing.T, status uint16, header, body string) {
		answer <- [3]string{fmt.Sprint(200 + status%400), strings.Map(printable, header), body}
		defer func() { <-answer }()
		for _, q := range calls {
			got, err := q.do(c, t.Context())
			if text, _ := json.Marshal(got); err == nil && status%400 >= 100 && q.name != "the use of a key" {
				t.Errorf("%s: status %d gives %s", q.name, 200+status%400, text)
			}
		}
	})
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}
