package lambda

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// target is an object that an event names, or the reason to ignore it.
type target struct {
	ref       s3.Ref
	overwrite bool          // write objects again that are there
	meant     bool          // somebody named the object, and no notification did
	ignored   string        // "" for an object to work on
	tag       string        // of the object, as its notification says, "" where it says none
	bytes     int64         // the same
	leaves    string        // the plan that it was in, and that was given up
	note      *note         // what to note of it instead of working on it
	message   *record       // that names it alone, nil for others
	pending   *lake.Pending // what an earlier run was about to write, nil for nothing
}

type kind int

const (
	kindUnknown kind = iota
	kindS3
	kindSNS
	kindSQS
	kindEventBridge
	kindBatch
	kindDirect
	kindCheck
	kindFlush
	kindDoctor
)

// shape has the members that tell the kinds of event apart, and what each kind
// needs of them. Names match in any case, as encoding/json has it.
type shape struct {
	Records []record
	Event   string // of a test event of S3

	Type    string // of an envelope of SNS
	Message *string

	DetailType string `json:"detail-type"`
	Detail     json.RawMessage

	InvocationSchemaVersion string
	InvocationID            string `json:"invocationId"`
	Tasks                   []task

	direct
	list []direct

	Check string // address of a mapping

	Doctor bool // say what works

	// RequestPayload is the event of a call that failed, in the record of that: the queue of
	// failed calls has it.
	RequestPayload json.RawMessage

	Flush, All bool   // convert what was noted, with All in the present window too
	Leaves     string // beside Records: see target
}

// record is one of the Records of S3, SNS or SQS.
type record struct {
	// Of SQS. MessageID is not empty in it.
	MessageID      string `json:"messageId"`
	ReceiptHandle  string
	EventSourceARN string
	Body           string
	Attributes     struct {
		MessageGroupID *string `json:"MessageGroupId"`
		// ReceiveCount is how often the message was received, this time included.
		ReceiveCount string `json:"ApproximateReceiveCount"`
	}
	MessageAttributes map[string]struct{ StringValue string }
	// Of SNS.
	Sns *struct{ Message string }
	// Of S3.
	EventName string
	S3        *struct {
		Bucket struct{ Name string }
		Object struct {
			Key       string
			VersionID string `json:"versionId"`
			ETag      string `json:"eTag"`
			Size      int64
		}
	}
}

func (s *shape) read(event []byte) error {
	event = bytes.TrimSpace(event)
	var err error
	if bytes.HasPrefix(event, []byte("[")) {
		err = json.Unmarshal(event, &s.list)
	} else {
		err = json.Unmarshal(event, s)
	}
	if failed := s.RequestPayload; err == nil && failed != nil {
		*s = shape{}
		return s.read(failed)
	}
	if err != nil {
		// The decoder's error may quote what it read, so it is dropped.
		return errors.New("the event is not the JSON of any supported trigger: check which trigger calls the function")
	}
	return nil
}

func (s *shape) testEvent() bool { return s.Event == "s3:TestEvent" }

func (s *shape) kind() kind {
	switch {
	case len(s.Records) > 0 && s.Records[0].MessageID != "":
		return kindSQS
	case len(s.Records) > 0 && s.Records[0].Sns != nil, s.Type == "Notification" && s.Message != nil:
		return kindSNS
	case s.Records != nil:
		return kindS3
	case s.InvocationSchemaVersion != "":
		return kindBatch
	case s.DetailType != "":
		return kindEventBridge
	case s.Check != "":
		return kindCheck
	case s.Flush:
		return kindFlush
	case s.Doctor:
		return kindDoctor
	case s.list != nil, s.Bucket != "" && s.Key != "":
		return kindDirect
	}
	return kindUnknown
}

// targets finds the objects of an event, or of the event that it carries.
func (s *shape) targets() ([]target, error) {
	switch s.kind() {
	case kindS3:
		return s.s3()
	case kindSNS:
		return s.sns()
	case kindEventBridge:
		return s.eventBridge()
	case kindDirect:
		return s.replay()
	}
	if s.testEvent() {
		return nil, nil
	}
	return nil, errors.New("a message holds no event of S3: send only notifications of S3 here, direct, through SNS or from EventBridge")
}

// carried reads an event that another one carries as text.
func carried(text string) ([]target, error) {
	var s shape
	if err := s.read([]byte(text)); err != nil {
		return nil, err
	}
	return s.targets()
}
