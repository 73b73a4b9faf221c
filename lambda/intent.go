package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// intents is the ledger of a run over the object of a message, for a function that may not
// write its manifest. Before anything is written, a dead letter notes what is about to be,
// in place of the manifest; then the events are written and the object fails. When the letter
// is redriven, the run begins with what it says, as after an interrupted one: it makes good
// what is missing, and replaces what another mapping has written.
//
// It does so once in a run: an object that is noted step by step, because it is large, fails
// at the second step, and the letter has what was written by then.
type intents struct {
	lake.Ledger
	inv     *invocation
	work    *work
	refused error // by the store of the manifests, nil as long as it accepts them
}

// pendingAttribute is the attribute of a letter with what a run was about to write.
const pendingAttribute = "pending"

// mostPending keeps that text within what a letter takes, in bytes.
const mostPending = 6 << 10

// Intend notes the manifest, or sends the letter.
func (i *intents) Intend(ctx context.Context, m *lake.Manifest) error {
	err := i.Ledger.Intend(ctx, m)
	if err == nil || curable(err) || i.refused != nil {
		return err
	}
	text, _ := json.Marshal(m.Pending) // texts can always be marshalled
	if len(text) > mostPending {
		return err
	}
	reason := fmt.Errorf("the events are written, as far as the lake accepts them, and nothing else of the object: %w; when that is corrected, redrive this message", err)
	if sendErr := i.inv.send(ctx, i.work.message, map[string]string{"reason": reason.Error(), "key": i.work.ref.String(), pendingAttribute: string(text)}); sendErr != nil {
		return errors.Join(err, sendErr)
	}
	i.refused = reason
	return nil
}

// Save saves the manifest, unless it was refused.
func (i *intents) Save(ctx context.Context, m *lake.Manifest) error {
	if i.refused != nil {
		return i.refused
	}
	return i.Ledger.Save(ctx, m)
}

// after is the error of the run: only that nothing but the events could be written, if that
// is so.
func (i *intents) after(err error) error {
	fault := (*s3.Fault)(nil)
	if i.refused == nil || errors.As(err, &fault) && !strings.HasPrefix(fault.Where, i.inv.config.rejectsFor(i.work.ref).String()) {
		return err
	}
	return &intended{i.refused}
}

// Claim gives a name of Logstash's to nobody where claims are refused: the objects are
// named by the content, and stay so.
func (i *intents) Claim(ctx context.Context, name, owner string) (string, error) {
	holder, err := i.Ledger.Claim(ctx, name, owner)
	if err != nil && !curable(err) {
		return "", nil
	}
	return holder, err
}

// intended is the error of an object whose events are written and whose letter is sent.
type intended struct{ error }

func (i *intended) Unwrap() error { return i.error }

// pendingOf is what a letter that was redriven says, nil for nothing.
func (m *record) pendingOf() (*lake.Pending, error) {
	text := m.MessageAttributes[pendingAttribute].StringValue
	if text == "" {
		return nil, nil
	}
	p := &lake.Pending{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return nil, fmt.Errorf("the attribute %s of a message is damaged: %w", pendingAttribute, err)
	}
	return p, nil
}
