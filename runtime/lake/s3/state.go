package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// State keeps a text in an object, for one process at a time.
//
// What makes it safe is that each write is conditional on the entity tag that the process
// has seen last: a process that missed a write of another can write no more. What makes it
// polite is the lease beside it, KEY.lease, which its holder writes again and again, with
// another number each time:
//
//	free, or released ──► take it by If-None-Match or If-Match
//	held ──► look for as long as the holder says that it may be silent
//	         ├─ it has changed: somebody is there, and this process ends
//	         └─ it has not: take it by If-Match, of two that try one wins
//
// No clock is compared with another, so clocks may differ; they only have to run at the
// same speed. After that, the new holder writes the object once with its own name in it,
// so that the tag which the old one knows never returns. An old holder that was stopped
// and wakes up can write no state any more; at most it ends to write what it was writing,
// which the new one writes too, under the same names.
//
// It needs s3:GetObject and s3:PutObject on both objects, and s3:ListBucket to see that
// they do not exist.
type State struct {
	client *Client
	ref    Ref
	holder string
	silent time.Duration

	mu    sync.Mutex
	tag   string // of the object, "" while there is none
	text  []byte
	lease string // its tag
	beat  int
	lost  *LostError // nil as long as this process is the holder

	stop chan struct{}
	done chan struct{}
}

// Silence is how long a holder may be silent if it is not said otherwise.
const Silence = 30 * time.Second

// held is the object of the state.
type held struct {
	Holder string          `json:"holder"`
	State  json.RawMessage `json:"state"`
}

// HeldError is the error of OpenState when another process is there.
type HeldError struct{ Where, Holder string }

// Error says who holds the state.
func (e *HeldError) Error() string {
	return fmt.Sprintf("another process uses the state %s (%s): end that one first, or name another --state", e.Where, e.Holder)
}

// LostError is the error of Save when another process has taken over.
type LostError struct{ Where, Holder string }

// Error says who holds the state.
func (e *LostError) Error() string {
	return fmt.Sprintf("another process has taken over the state %s (%s), because this one was silent for too long: this one ends", e.Where, e.Holder)
}

// Lost marks an error after which the state can never be saved again.
func (e *LostError) Lost() {}

// OpenState takes the state at an address. Who describes this process for people. It waits
// as long as a dead holder could have been silent. Close gives it back.
func (c *Client) OpenState(ctx context.Context, ref Ref, who string, silent time.Duration) (*State, error) {
	s := &State{client: c, ref: ref, holder: who + " " + rand.Text(), silent: silent, stop: make(chan struct{}), done: make(chan struct{})}
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	if err := s.fence(ctx); err != nil {
		return nil, err
	}
	go s.renew()
	return s, nil
}

// fence reads the object, and writes it with the name of this holder.
func (s *State) fence(ctx context.Context) error {
	for range conflicts {
		text, tag, err := s.client.tagged(ctx, s.ref)
		if err != nil || tag == "" {
			return err
		}
		var h held
		if err := json.Unmarshal(text, &h); err != nil {
			return fmt.Errorf("the state %s is damaged (%w): restore an older version of it", s.ref, err)
		}
		s.tag, s.text = tag, h.State
		var old *LostError // it has just written
		if err = s.put(ctx, h.State); !errors.As(err, &old) {
			return err
		}
	}
	return fmt.Errorf("the state %s is written again and again by a process that does not hold it: end that one", s.ref)
}

func (s *State) put(ctx context.Context, text []byte) error {
	body, err := json.Marshal(held{s.holder, text})
	if err != nil {
		return err
	}
	tag, err := s.replace(ctx, s.ref, body, s.tag)
	if err == nil {
		s.tag, s.text = tag, text
	}
	return err
}

// Load returns what the object had when the state was taken, or what Save stored last; nil
// for nothing.
func (s *State) Load(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text, nil
}

// Save replaces it. It fails for good once another process holds the state.
func (s *State) Save(ctx context.Context, text []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost != nil {
		return s.lost
	}
	err := s.put(ctx, bytes.Clone(text))
	errors.As(err, &s.lost)
	return err
}

// Close gives the state back. If that fails the next process waits for some time.
func (s *State) Close() error {
	close(s.stop)
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), abortTime)
	defer cancel()
	return s.writeLease(ctx, s.lease, true)
}

// ReadState returns the text of a state that another process may hold, nil for none.
func (c *Client) ReadState(ctx context.Context, ref Ref) ([]byte, error) {
	text, tag, err := c.tagged(ctx, ref)
	if err != nil || tag == "" {
		return nil, err
	}
	var h held
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("the state %s is damaged (%w): restore an older version of it", ref, err)
	}
	return h.State, nil
}

// tagged reads a small object and its tag, which is "" if there is none.
func (c *Client) tagged(ctx context.Context, ref Ref) (text []byte, tag string, err error) {
	text, tag, err = (&body{ctx: ctx, client: c, ref: ref}).whole(manifestBytes)
	if code(err) == "NoSuchKey" {
		return nil, "", nil
	}
	return text, tag, err
}

// replace writes an object that has this tag, or that does not exist if the tag is "", and
// returns the new tag. What this holder wrote itself, and did not hear of, is no other's.
func (s *State) replace(ctx context.Context, ref Ref, text []byte, tag string) (string, error) {
	for try := 1; ; try++ {
		in := &awss3.PutObjectInput{ExpectedBucketOwner: s.client.owner, Bucket: &ref.Bucket, Key: &ref.Key, Body: bytes.NewReader(text), ContentType: ptr("application/json"),
			ChecksumAlgorithm: types.ChecksumAlgorithmCrc32, IfMatch: optional(tag)}
		if tag == "" {
			in.IfNoneMatch = ptr("*")
		}
		out, err := s.client.api.PutObject(ctx, in)
		if err == nil {
			return aws.ToString(out.ETag), nil
		}
		switch status(err) {
		case 412, 404: // of an object that was deleted
			there, now, err := s.client.tagged(ctx, ref)
			if err != nil {
				return "", err
			}
			var of held
			_ = json.Unmarshal(there, &of) // what cannot be read is another's
			if of.Holder != s.holder {
				return "", &LostError{s.ref.String(), of.Holder}
			}
			if tag = now; bytes.Equal(there, text) {
				return now, nil
			}
		case 409: // another request writes the key now
		default:
			return "", advise(ctx, "write", "s3:PutObject", ref, err)
		}
		if try == conflicts {
			return "", advise(ctx, "write", "s3:PutObject", ref, err)
		}
		time.Sleep(time.Duration(try) * 50 * time.Millisecond)
	}
}
