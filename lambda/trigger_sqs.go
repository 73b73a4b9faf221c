package lambda

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sluice-lake/sluice/runtime/queue"
)

// batchFailure names a message that SQS must deliver again.
type batchFailure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// sqs answers for each message by itself. It returns no error once the event is
// read, since an error would make SQS deliver all messages of the batch again.
func (inv *invocation) sqs(s shape) (any, error) {
	outcomes := make([]outcome, len(s.Records))
	if queue.IsFIFO(s.Records[0].EventSourceARN) {
		inv.inOrder(s.Records, outcomes)
	} else {
		inv.concurrently(s.Records, outcomes)
	}
	inv.settle(s.Records, outcomes)
	answer := inv.response()
	answer.BatchItemFailures = &[]batchFailure{}
	for i, m := range s.Records {
		if outcomes[i].failed {
			*answer.BatchItemFailures = append(*answer.BatchItemFailures, batchFailure{m.MessageID})
		}
	}
	return answer, nil
}

const (
	// suspect is the number of receives from which a message is worked on alone, after
	// the others: it may be why the function died.
	suspect = 2
	// starved is the number from which it is alone and before the others, so that it has
	// all the time once before SQS gives it up.
	starved = 5
)

// concurrently works on messages that came before one at a time. With every receive it begins
// with another one: those behind one that ends the function are done as well, before SQS
// gives them up with it.
func (inv *invocation) concurrently(messages []record, outcomes []outcome) {
	var first, last []int
	var others sync.WaitGroup
	for i := range messages {
		switch n := messages[i].receives(); {
		case n >= starved:
			first = append(first, i)
		case n >= suspect:
			last = append(last, i)
		}
	}
	turn := func(i int) int { return (i + messages[i].receives()) % len(messages) }
	slices.SortFunc(first, func(a, b int) int {
		return cmp.Or(cmp.Compare(messages[b].receives(), messages[a].receives()), cmp.Compare(turn(a), turn(b)))
	})
	slices.SortFunc(last, func(a, b int) int { return cmp.Compare(turn(a), turn(b)) })
	for _, i := range first {
		outcomes[i] = inv.message(&messages[i])
	}
	for i := range messages {
		if messages[i].receives() < suspect {
			others.Go(func() { outcomes[i] = inv.message(&messages[i]) })
		}
	}
	others.Wait()
	for _, i := range last {
		outcomes[i] = inv.message(&messages[i])
	}
}

// inOrder is for FIFO queues: it stops at the first failure, since what is retried
// must not come after what follows it. What goes to the dead letters does not come
// again.
func (inv *invocation) inOrder(messages []record, outcomes []outcome) {
	for i := range messages {
		outcomes[i] = inv.message(&messages[i])
		_ = inv.giveUp(&messages[i], &outcomes[i]) // then it failed
		if outcomes[i].failed {
			for j := i + 1; j < len(messages); j++ {
				outcomes[j] = outcome{failed: true}
			}
			return
		}
	}
}

func (inv *invocation) message(m *record) outcome {
	found, err := carried(m.Body)
	pending, pendingErr := m.pendingOf()
	if err = errors.Join(err, pendingErr); err != nil {
		inv.log.Error("a message cannot be read", "messageId", m.MessageID, "error", err.Error())
		return outcome{failed: true, reason: fmt.Errorf("the message cannot be read: %w", err)}
	}
	for i := range found {
		found[i].note = inv.noteOf(m, &found[i])
	}
	if len(found) == 1 {
		found[0].message, found[0].pending = m, pending
	}
	most := len(found)
	if m.receives() >= suspect {
		most = 1
	}
	var done []*work
	for some := range slices.Chunk(found, max(most, 1)) {
		done = append(done, inv.objects(some)...)
	}
	return m.of(done)
}
