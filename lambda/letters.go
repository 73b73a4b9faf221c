package lambda

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sluice-lake/sluice/runtime/queue"
)

// outcome is what became of a message. The zero value is that of one that is done.
type outcome struct {
	failed bool
	// wait is how long the message waits for its next try.
	wait time.Duration
	// reason, if not nil, is why no retry helps; key is the object, "" where the message
	// cannot be read.
	reason error
	key    string
}

// firstWait is how long a message waits for its second try. Each further wait is twice
// as long: ten tries take more than four hours.
const firstWait = 30 * time.Second

// later is the outcome of a message that time may cure.
func (m *record) later() outcome {
	return outcome{failed: true, wait: firstWait << min(max(m.receives(), 1)-1, 11)}
}

// receives is how often the message was received, this time included.
func (m *record) receives() int {
	n, _ := strconv.Atoi(m.Attributes.ReceiveCount) // 0 where it is unknown
	return n
}

// of is the outcome of a message with these objects: it goes to the dead letters when
// all that failed in it fails for good.
func (m *record) of(done []*work) outcome {
	var failed outcome
	begun, hopeless := false, true
	for _, w := range done {
		if w.err == nil {
			continue
		}
		begun = begun || !errors.As(w.err, new(*notBegun))
		hopeless = hopeless && !curable(w.err)
		if !failed.failed {
			failed = outcome{failed: true, reason: w.err, key: w.ref.String()}
		}
	}
	switch {
	case !failed.failed, hopeless:
		return failed
	case begun:
		return m.later()
	}
	return outcome{failed: true}
}

// letters is what a function knows of its queue.
type letters struct {
	mu     sync.Mutex
	client *queue.Client
	known  map[string]queue.Redrive // by the ARN of the queue
	warned map[string]bool
}

// settleTime bounds a request that settles a message. They come after the work, when the
// time for that may be over.
const settleTime = 2 * time.Second

// settling bounds what comes after the work: each step takes half of what is left at most, so
// that a server which does not answer leaves time to answer Lambda. Otherwise Lambda would end
// the call, and deliver what was done again.
func (inv *invocation) settling() (context.Context, context.CancelFunc) {
	most := settleTime
	if !inv.end.IsZero() {
		most = min(most, time.Until(inv.end)/2)
	}
	return context.WithTimeout(context.WithoutCancel(inv.ctx), most)
}

// settle moves messages for which no retry helps to the dead letters, and sets when the
// others that failed are retried. What it cannot do is left to SQS, which does the same
// later: then a message is delivered again when its visibility times out.
func (inv *invocation) settle(messages []record, outcomes []outcome) {
	var silent atomic.Bool // SQS does not answer
	_ = abreast(len(messages), atOnce, func(i int) error {
		m, o := &messages[i], &outcomes[i]
		if o.failed && o.reason != nil && silent.Load() {
			*o = m.later()
			return nil
		}
		if err := inv.giveUp(m, o); errors.Is(err, context.DeadlineExceeded) {
			silent.Store(true)
		}
		return nil
	})
	ctx, cancel := inv.settling()
	defer cancel()
	waits := map[string][]queue.Wait{}
	for i, m := range messages {
		if outcomes[i].failed && m.ReceiptHandle != "" {
			waits[m.EventSourceARN] = append(waits[m.EventSourceARN], queue.Wait{Receipt: m.ReceiptHandle, For: outcomes[i].wait})
		}
	}
	for arn, some := range waits {
		client, err := inv.queueClient(ctx)
		if err == nil {
			err = client.Hide(ctx, arn, some)
		}
		if err != nil {
			inv.warnOnce("messages that failed are retried only when their visibility times out", err)
		}
	}
}

// giveUp moves a message to the dead letters if no retry helps, or if that cannot be done
// leaves it for a retry, and returns why.
func (inv *invocation) giveUp(m *record, o *outcome) error {
	if !o.failed || o.reason == nil {
		return nil
	}
	ctx, cancel := inv.settling()
	defer cancel()
	err := inv.deadLetter(ctx, m, o)
	if err != nil {
		inv.warnOnce("messages that no retry helps stay in the queue until all their tries are used up", err)
		*o = m.later()
	}
	return err
}

// deadLetter puts a message into the dead letters. It then counts as done, and Lambda deletes
// it from its queue; a function that dies before that does so again, which does no
// harm: a redrive of both converts the object twice, into the same objects.
func (inv *invocation) deadLetter(ctx context.Context, m *record, o *outcome) error {
	if !errors.As(o.reason, new(*intended)) { // else the letter was sent before the events were written
		if err := inv.send(ctx, m, map[string]string{"reason": o.reason.Error(), "key": o.key}); err != nil {
			return err
		}
	}
	o.failed = false
	return nil
}

// send sends a message to the dead letters of its queue.
func (inv *invocation) send(ctx context.Context, m *record, attributes map[string]string) error {
	redrive, err := inv.redrive(ctx, m.EventSourceARN)
	if err != nil {
		return err
	}
	if redrive.DeadLetters == "" {
		return errors.New("the queue " + m.EventSourceARN + " has no dead-letter queue: give it a redrive policy")
	}
	letter := queue.Letter{ID: m.MessageID, Body: m.Body, Attributes: attributes}
	if m.Attributes.MessageGroupID != nil {
		letter.Group = *m.Attributes.MessageGroupID
	}
	client, err := inv.queueClient(ctx)
	if err != nil {
		return err
	}
	if err := client.Send(ctx, redrive.DeadLetters, letter); err != nil {
		return err
	}
	inv.count(func() { inv.metrics.DeadLetters++ })
	return nil
}

// queueClient makes the client when it is first needed: as a rule it never is.
func (l *letters) queueClient(ctx context.Context) (*queue.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client != nil {
		return l.client, nil
	}
	client, err := queue.New(ctx)
	l.client = client
	return client, err
}

// redrive gives the redrive policy of a queue, which it reads once.
func (l *letters) redrive(ctx context.Context, arn string) (queue.Redrive, error) {
	client, err := l.queueClient(ctx)
	if err != nil {
		return queue.Redrive{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r, ok := l.known[arn]; ok {
		return r, nil
	}
	r, err := client.Redrive(ctx, arn)
	if err != nil {
		return r, err
	}
	if l.known == nil {
		l.known = map[string]queue.Redrive{}
	}
	l.known[arn] = r
	return r, nil
}

// warnOnce warns of something that the function may not do, once in its life.
func (inv *invocation) warnOnce(what string, err error) {
	l := &inv.letters
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.warned[what] {
		return
	}
	if l.warned == nil {
		l.warned = map[string]bool{}
	}
	l.warned[what] = true
	inv.log.Warn(what, "error", err.Error())
}
