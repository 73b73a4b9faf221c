package queue_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/queue"
)

const arn = "arn:aws:sqs:eu-west-1:123456789012:alerts"

// serving returns a client of a server that answers each request with the operation's
// answer, and what the server received.
func serving(t *testing.T, answers map[string]string) (c *queue.Client, received func() []request) {
	t.Helper()
	var all []request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		got := request{op: op}
		if err := json.NewDecoder(r.Body).Decode(&got.body); err != nil {
			t.Error(err)
		}
		all = append(all, got)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte(answers[op]))
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL_SQS": server.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(name, value)
	}
	c, err := queue.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c, func() []request { return all }
}

type request struct {
	op   string
	body map[string]any
}

// A request of SQS names ten messages at most, and hides none for longer than 12 hours from
// its receive. What it could not hide is in the error.
func TestHide(t *testing.T) {
	c, received := serving(t, map[string]string{"ChangeMessageVisibilityBatch": `{"Successful": [], "Failed": [{"Id": "1", "Code": "Gone", "Message": "it was deleted", "SenderFault": true}]}`})
	var waits []queue.Wait
	for range 21 {
		waits = append(waits, queue.Wait{Receipt: "r", For: 90 * time.Second})
	}
	waits[20].For = 48 * time.Hour
	err := c.Hide(t.Context(), arn, waits)
	if err == nil || strings.Count(err.Error(), "Gone: it was deleted") != 3 {
		t.Errorf("it says %v", err)
	}
	var sizes []int
	var last any
	for _, r := range received() {
		entries := r.body["Entries"].([]any)
		sizes = append(sizes, len(entries))
		last = entries[len(entries)-1].(map[string]any)["VisibilityTimeout"]
	}
	if diff := cmp.Diff([]int{10, 10, 1}, sizes); diff != "" || last != float64(11*3600+45*60) {
		t.Errorf("the last wait is %v; messages of the requests (-want +got):\n%s", last, diff)
	}
}

// The attributes of a letter are made of any texts. A FIFO queue gets a group, and no delay.
func TestSend(t *testing.T) {
	c, received := serving(t, map[string]string{"SendMessage": `{"MessageId": "1"}`})
	letter := queue.Letter{ID: "m", Body: "{}", Group: "g", Delay: time.Hour, Attributes: map[string]string{"reason": "a\x00b\xff", "key": "", "long": strings.Repeat("x", 9000)}}
	for _, to := range []string{arn, arn + ".fifo"} {
		if err := c.Send(t.Context(), to, letter); err != nil {
			t.Fatal(err)
		}
	}
	plain, fifo := received()[0].body, received()[1].body
	attributes := plain["MessageAttributes"].(map[string]any)
	if reason := attributes["reason"].(map[string]any)["StringValue"]; reason != "a\uFFFDb\uFFFD" {
		t.Errorf("the reason is %q", reason)
	}
	if long := attributes["long"].(map[string]any)["StringValue"].(string); len(long) != 8<<10+len("…") {
		t.Errorf("a text of %d bytes", len(long))
	}
	if _, ok := attributes["key"]; ok {
		t.Error("an empty attribute is sent")
	}
	if plain["DelaySeconds"] != float64(900) || plain["MessageGroupId"] != nil {
		t.Errorf("%v", plain)
	}
	if fifo["DelaySeconds"] != nil || fifo["MessageGroupId"] != "g" || fifo["MessageDeduplicationId"] != "m" {
		t.Errorf("%v", fifo)
	}
}

func TestRedrive(t *testing.T) {
	for text, want := range map[string]queue.Redrive{
		"": {},
		`{"deadLetterTargetArn": "arn:dead", "maxReceiveCount": 10}`:   {DeadLetters: "arn:dead", Tries: 10},
		`{"deadLetterTargetArn": "arn:dead", "maxReceiveCount": "10"}`: {DeadLetters: "arn:dead", Tries: 10},
		`{"deadLetterTargetArn": "arn:dead"}`:                          {DeadLetters: "arn:dead"},
	} {
		if got, err := queue.ParseRedrive(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	if _, err := queue.ParseRedrive("{"); err == nil {
		t.Error("a policy that is cut off is no error")
	}
	c, _ := serving(t, map[string]string{"GetQueueAttributes": `{"Attributes": {"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:dead\", \"maxReceiveCount\": 3}"}}`})
	if got, err := c.Redrive(t.Context(), arn); err != nil || got != (queue.Redrive{DeadLetters: "arn:dead", Tries: 3}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAddress(t *testing.T) {
	for arn, want := range map[string]string{arn: "https://sqs.eu-west-1.amazonaws.com/123456789012/alerts", "https://else/where": "https://else/where"} {
		if got := queue.Address(arn); got != want {
			t.Errorf("%s: %s", arn, got)
		}
	}
}
