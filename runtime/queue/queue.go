// Package queue is what sluice asks of Amazon SQS: to hide messages that failed until
// their next try, to send messages to the dead letters or back to their queue, and after
// how many tries SQS itself gives a message up.
//
// Lambda receives the messages and deletes those that were handled. A message that
// failed is visible again when its visibility times out, unless it is hidden for another
// time, and SQS moves one to the dead letters only after all its tries.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/logging"
)

// Client makes requests with the process's own identity. Several goroutines may use it
// at once.
type Client struct{ api *sqs.Client }

// New finds the credentials and the region, which is that of the queues; it sends no
// request.
func New(ctx context.Context) (*Client, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fmt.Errorf("reading the AWS settings: %w: check the variables AWS_…", err)
	}
	return &Client{sqs.NewFromConfig(loaded)}, nil
}

// Redrive is where the messages of a queue go that nobody could handle.
type Redrive struct {
	DeadLetters string // ARN of the queue
	Tries       int    // how often a message is received before that
}

// Redrive reads the redrive policy of a queue. The zero value says that it has none. It
// needs sqs:GetQueueAttributes, which Lambda needs too.
func (c *Client) Redrive(ctx context.Context, arn string) (Redrive, error) {
	out, err := c.api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(Address(arn)), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy}})
	if err != nil {
		return Redrive{}, fmt.Errorf("look at the queue %s: %w: %s", arn, err, advice(err, "sqs:GetQueueAttributes"))
	}
	r, err := ParseRedrive(out.Attributes[string(types.QueueAttributeNameRedrivePolicy)])
	if err != nil {
		return Redrive{}, fmt.Errorf("the queue %s: %w", arn, err)
	}
	return r, nil
}

// ParseRedrive reads the text of a redrive policy, "" for none.
func ParseRedrive(text string) (Redrive, error) {
	var policy struct {
		DeadLetterTargetArn string      `json:"deadLetterTargetArn"`
		MaxReceiveCount     json.Number `json:"maxReceiveCount"` // some tools write it as a string
	}
	if text == "" {
		return Redrive{}, nil
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return Redrive{}, fmt.Errorf("the redrive policy cannot be read: %w", err)
	}
	tries, _ := strconv.Atoi(policy.MaxReceiveCount.String()) // 0 for none
	return Redrive{policy.DeadLetterTargetArn, tries}, nil
}

// Wait is how long a message that was received stays invisible from now on.
type Wait struct {
	Receipt string // the handle of the receive
	For     time.Duration
}

const (
	// mostAtOnce is how many messages a request of SQS may name.
	mostAtOnce = 10
	// longest is the longest that SQS hides a message. It counts from the receive, which
	// was up to a quarter of an hour ago.
	longest = 12*time.Hour - 15*time.Minute
)

// Hide sets when messages become visible again. It needs sqs:ChangeMessageVisibility.
// The error joins those of all messages.
func (c *Client) Hide(ctx context.Context, arn string, waits []Wait) error {
	var errs []error
	for some := range slices.Chunk(waits, mostAtOnce) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(Address(arn))}
		for i, w := range some {
			seconds := int32(min(w.For, longest) / time.Second)
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &w.Receipt, VisibilityTimeout: seconds})
		}
		out, err := c.api.ChangeMessageVisibilityBatch(ctx, in)
		if err != nil {
			errs = append(errs, fmt.Errorf("hide messages of the queue %s until their next try: %w: %s", arn, err, advice(err, "sqs:ChangeMessageVisibility")))
			continue
		}
		for _, f := range out.Failed {
			errs = append(errs, fmt.Errorf("hide a message of the queue %s until its next try: %s: %s", arn, aws.ToString(f.Code), aws.ToString(f.Message)))
		}
	}
	return errors.Join(errs...)
}

// Letter is a message that a function sends: to the dead letters, or back to its queue.
type Letter struct {
	ID   string // of the message that it replaces, or another name of its own
	Body string
	// Group is that of a FIFO queue, "" for others.
	Group string
	// Delay is how long it stays invisible, at most MostDelay. It means nothing to a FIFO
	// queue.
	Delay time.Duration
	// Attributes are the texts that go along, by name. Empty ones are left out.
	Attributes map[string]string
}

// MostDelay is the longest delay of a letter.
const MostDelay = 15 * time.Minute

// Send puts a letter into a queue. It needs sqs:SendMessage. A FIFO queue takes a letter
// with the same ID once.
func (c *Client) Send(ctx context.Context, arn string, l Letter) error {
	in := &sqs.SendMessageInput{QueueUrl: aws.String(Address(arn)), MessageBody: &l.Body, MessageAttributes: map[string]types.MessageAttributeValue{}}
	for name, text := range l.Attributes {
		if text = printable(text); text != "" {
			in.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &text}
		}
	}
	if IsFIFO(arn) {
		in.MessageGroupId, in.MessageDeduplicationId = &l.Group, &l.ID
	} else {
		in.DelaySeconds = int32(min(l.Delay, MostDelay) / time.Second)
	}
	if _, err := c.api.SendMessage(ctx, in); err != nil {
		return fmt.Errorf("send a message to the queue %s: %w: %s", arn, err, advice(err, "sqs:SendMessage"))
	}
	return nil
}

// advice is what to do about an error of a request that needs a right.
func advice(err error, right string) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "SQS did not answer: see that the network of the function has a way to it, such as an endpoint of its VPC"
	}
	return "allow the function " + right + " on it"
}

// IsFIFO reports whether a queue keeps the order of its messages.
func IsFIFO(arn string) bool { return strings.HasSuffix(arn, ".fifo") }

// mostText keeps a letter far below the largest message of SQS, in bytes.
const mostText = 8 << 10

// printable is a text with only the characters that SQS accepts in an attribute.
func printable(text string) string {
	if len(text) > mostText {
		text = text[:mostText] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return 0xFFFD
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// Address is the URL of a queue. Only its path names the queue: requests go to the
// endpoint of the region.
func Address(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 {
		return arn
	}
	return "https://sqs." + parts[3] + ".amazonaws.com/" + parts[4] + "/" + parts[5]
}
