package lambda

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// target is an object that an event names, or why there is nothing to do for it.
type target struct {
	ref     s3.Ref
	ignored string
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
)

// shape has the members by which the kinds of event are told apart, and what
// each kind needs of them. Names are matched in any case, as encoding/json does.
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
}

// record is one of the Records of S3, SNS or SQS.
type record struct {
	// Of SQS. MessageID is not empty in it.
	MessageID  string `json:"messageId"`
	Body       string
	Attributes struct {
		MessageGroupID *string `json:"MessageGroupId"`
	}
	// Of SNS.
	Sns *struct{ Message string }
	// Of S3.
	EventName string
	S3        *struct {
		Bucket struct{ Name string }
		Object struct {
			Key       string
			VersionID string `json:"versionId"`
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
	if err != nil {
		// The error of the decoder may quote what it read; its kind is enough.
		return errors.New("the event is not the JSON of any trigger that is known here: see which trigger calls the function")
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
	case s.list != nil, s.Bucket != "" && s.Key != "":
		return kindDirect
	}
	return kindUnknown
}

// targets finds the objects of an event, or of what another event carries.
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
	return nil, fmt.Errorf("a message holds no event of S3: send only notifications of S3 here, straight, through SNS or from EventBridge")
}

// carried reads an event that another one carries as a text.
func carried(text string) ([]target, error) {
	var s shape
	if err := s.read([]byte(text)); err != nil {
		return nil, err
	}
	return s.targets()
}
