package lambda

import (
	"slices"
	"strconv"
	"sync"
)

// batchFailure names a message that SQS must deliver again.
type batchFailure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// sqs answers for each message by itself. It returns no error once the event is
// read, since an error would make SQS deliver all messages of the batch again.
func (inv *invocation) sqs(s shape) (any, error) {
	failed := make([]bool, len(s.Records))
	if s.Records[0].Attributes.MessageGroupID != nil {
		inv.inOrder(s.Records, failed)
	} else {
		inv.concurrently(s.Records, failed)
	}
	answer := inv.response()
	answer.BatchItemFailures = &[]batchFailure{}
	for i, m := range s.Records {
		if failed[i] {
			*answer.BatchItemFailures = append(*answer.BatchItemFailures, batchFailure{m.MessageID})
		}
	}
	return answer, nil
}

// concurrently works on messages that came before one at a time, after the others: one
// of them may be why the function died.
func (inv *invocation) concurrently(messages []record, failed []bool) {
	var all sync.WaitGroup
	for i, m := range messages {
		if !m.again() {
			all.Go(func() { failed[i] = !inv.message(m) })
		}
	}
	all.Wait()
	for i, m := range messages {
		if m.again() {
			failed[i] = !inv.message(m)
		}
	}
}

// again reports whether the message was received before.
func (m *record) again() bool {
	n, err := strconv.Atoi(m.Attributes.ReceiveCount)
	return err == nil && n > 1
}

// inOrder is for FIFO queues: it stops at the first failure, since what is retried
// must not come after what follows it.
func (inv *invocation) inOrder(messages []record, failed []bool) {
	for i, m := range messages {
		if inv.message(m) {
			continue
		}
		for j := i; j < len(messages); j++ {
			failed[j] = true
		}
		return
	}
}

func (inv *invocation) message(m record) bool {
	found, err := carried(m.Body)
	if err != nil {
		inv.log.Error("a message cannot be read", "messageId", m.MessageID, "error", err.Error())
		return false
	}
	good := true
	most := len(found)
	if m.again() {
		most = 1
	}
	for some := range slices.Chunk(found, max(most, 1)) {
		for _, w := range inv.objects(some) {
			good = good && w.err == nil
		}
	}
	return good
}
