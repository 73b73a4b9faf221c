package deployment

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/queue"
)

// Queue is a queue of Amazon SQS.
type Queue struct {
	Waiting, InFlight int64 // messages, about
	Visibility        time.Duration
	// DeadLetters is the ARN of the queue of messages that failed Tries times, "" for none.
	DeadLetters string
	Tries       int
}

// Queue returns a queue. It needs sqs:GetQueueAttributes.
func (c *Client) Queue(ctx context.Context, arn string) (*Queue, error) {
	var said struct{ Attributes map[string]string }
	r := request{service: "sqs", right: "sqs:GetQueueAttributes on " + arn, what: "look at the queue " + arn}.
		json("AmazonSQS.GetQueueAttributes", map[string]any{"QueueUrl": queue.Address(arn), "AttributeNames": []string{"All"}})
	r.header["Content-Type"] = "application/x-amz-json-1.0"
	if err := c.send(ctx, r, func(b []byte) error { return json.Unmarshal(b, &said) }); err != nil {
		return nil, err
	}
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(said.Attributes[name], 10, 64) // 0 where SQS does not say
		return n
	}
	q := &Queue{Waiting: number("ApproximateNumberOfMessages") + number("ApproximateNumberOfMessagesDelayed"),
		InFlight: number("ApproximateNumberOfMessagesNotVisible"), Visibility: time.Duration(number("VisibilityTimeout")) * time.Second}
	redrive, err := queue.ParseRedrive(said.Attributes["RedrivePolicy"])
	if err != nil {
		return nil, err
	}
	q.DeadLetters, q.Tries = redrive.DeadLetters, redrive.Tries
	return q, nil
}

// Letter is a dead letter.
type Letter struct {
	Sent time.Time
	// Reason is why it was given up, Key the object that it is about, "" where it does not
	// say.
	Reason, Key string
}

// Letters returns some dead letters, which stay where they are: it looks at up to ten and
// makes them visible at once. It needs sqs:ReceiveMessage.
func (c *Client) Letters(ctx context.Context, arn string) (all []Letter, err error) {
	var said struct {
		Messages []struct {
			Attributes        map[string]string
			MessageAttributes map[string]struct{ StringValue string }
		}
	}
	r := request{service: "sqs", right: "sqs:ReceiveMessage on " + arn, what: "read the dead letters " + arn}.
		json("AmazonSQS.ReceiveMessage", map[string]any{"QueueUrl": queue.Address(arn), "MaxNumberOfMessages": 10, "VisibilityTimeout": 0,
			"MessageAttributeNames": []string{"All"}, "MessageSystemAttributeNames": []string{"SentTimestamp"}})
	r.header["Content-Type"] = "application/x-amz-json-1.0"
	if err := c.send(ctx, r, func(b []byte) error { return json.Unmarshal(b, &said) }); err != nil {
		return nil, err
	}
	for _, m := range said.Messages {
		ms, _ := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64) // SQS always says
		all = append(all, Letter{time.UnixMilli(ms), m.MessageAttributes["reason"].StringValue, m.MessageAttributes["key"].StringValue})
	}
	return all, nil
}

// Oldest returns the age of the oldest message of a queue, as CloudWatch had it in the last
// quarter of an hour, 0 if there was none. It needs cloudwatch:GetMetricStatistics.
func (c *Client) Oldest(ctx context.Context, arn string) (time.Duration, error) {
	now := time.Now().UTC()
	form := url.Values{"Action": {"GetMetricStatistics"}, "Version": {"2010-08-01"}, "Namespace": {"AWS/SQS"}, "MetricName": {"ApproximateAgeOfOldestMessage"},
		"Dimensions.member.1.Name": {"QueueName"}, "Dimensions.member.1.Value": {arn[strings.LastIndexByte(arn, ':')+1:]},
		"StartTime": {now.Add(-15 * time.Minute).Format(time.RFC3339)}, "EndTime": {now.Format(time.RFC3339)}, "Period": {"300"}, "Statistics.member.1": {"Maximum"}}
	var said struct {
		Points []struct {
			Timestamp time.Time
			Maximum   float64
		} `xml:"GetMetricStatisticsResult>Datapoints>member"`
	}
	r := request{service: "monitoring", right: "cloudwatch:GetMetricStatistics", what: "ask how old messages of the queue " + arn + " are",
		method: http.MethodPost, path: "/", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: []byte(form.Encode())}
	if err := c.send(ctx, r, func(b []byte) error { return xml.Unmarshal(b, &said) }); err != nil {
		return 0, err
	}
	var newest time.Time
	age := 0.0
	for _, p := range said.Points {
		if p.Timestamp.After(newest) {
			newest, age = p.Timestamp, p.Maximum
		}
	}
	return time.Duration(age) * time.Second, nil
}
