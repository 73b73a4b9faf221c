package lambda

import (
	"sync"
)

// batchFailure names a message that must come again.
type batchFailure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// sqs answers for each message by itself. There is no error any more once the
// event is read, since an error would bring all messages of the batch back.
func (r *round) sqs(s shape) (any, error) {
	failed := make([]bool, len(s.Records))
	if s.Records[0].Attributes.MessageGroupID != nil {
		r.inOrder(s.Records, failed)
	} else {
		r.sideBySide(s.Records, failed)
	}
	answer := r.response()
	answer.BatchItemFailures = &[]batchFailure{}
	for i, m := range s.Records {
		if failed[i] {
			*answer.BatchItemFailures = append(*answer.BatchItemFailures, batchFailure{m.MessageID})
		}
	}
	return answer, nil
}

func (r *round) sideBySide(messages []record, failed []bool) {
	var all sync.WaitGroup
	for i, m := range messages {
		all.Go(func() { failed[i] = !r.message(m) })
	}
	all.Wait()
}

// inOrder is for FIFO queues: after the first failure nothing else is begun, or
// what comes again would come after what follows it.
func (r *round) inOrder(messages []record, failed []bool) {
	for i, m := range messages {
		if r.message(m) {
			continue
		}
		for j := i; j < len(messages); j++ {
			failed[j] = true
		}
		return
	}
}

func (r *round) message(m record) bool {
	found, err := carried(m.Body)
	if err != nil {
		r.log.Error("a message cannot be read", "messageId", m.MessageID, "error", err.Error())
		return false
	}
	good := true
	for _, w := range r.objects(found) {
		good = good && w.err == nil
	}
	return good
}
