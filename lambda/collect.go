package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// Collecting makes few large objects of many small ones. A notification is only noted; a
// call {"flush": true} converts together what was noted in windows that are over.
//
//	notification ──► pending/<window>/<id>
//	flush ─────────► plans/<number>.json    the objects, in their order, written once
//	                 <manifest of each>     says that the plan has its events
//	                 the run                one input, whose identity is that of them all
//	                 plans/<number>.done    everything of it is written
//	                 plans/<number>.over    its notes are gone
//
// A plan that cannot be carried out is marked singly, and sent once its objects are on
// their way back to the queue.
//
// All of this lies beside the manifests, in collectFolder. What makes it each alert once:
//
//   - Plans are numbered, each is written if no other has its number, and only when
//     the one before is over. So there is one plan in progress, and of flushes at the same
//     time all work on that one, under the same names.
//   - Content that has a manifest goes into no plan: it was converted, by itself or within
//     an earlier plan. So notifications may be delivered again.
//   - Each step is repeated without harm until the next one is noted.
const collectFolder = lake.LedgerFolder + "/collect/"

// collectBytes is the size from which an object is converted by itself, since it makes
// objects that are large enough.
const collectBytes = 32 << 20

// note is what a notification said of an object.
type note struct {
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Version string `json:"version,omitempty"`
	Tag     string `json:"tag"`
	Bytes   int64  `json:"bytes"`
	// Queue is the ARN of the queue that it came from, and Group its group there.
	Queue string `json:"queue"`
	Group string `json:"group,omitempty"`
}

func (n *note) ref() s3.Ref { return s3.Ref{Bucket: n.Bucket, Key: n.Key, Version: n.Version} }

// noteOf gives the note of an object that a message names, nil for one that is converted
// at once: because it is large, its notification does not say what it is, or it was in a
// plan that was given up.
func (inv *invocation) noteOf(m *record, t *target) *note {
	if inv.config.Collect == 0 || t.ignored != "" || t.leaves != "" || t.tag == "" || t.bytes >= collectBytes {
		return nil
	}
	n := &note{t.ref.Bucket, t.ref.Key, t.ref.Version, t.tag, t.bytes, m.EventSourceARN, ""}
	if m.Attributes.MessageGroupID != nil {
		n.Group = *m.Attributes.MessageGroupID
	}
	return n
}

// windowFormat names windows, by their beginning in UTC, so that names are in order.
const windowFormat = "20060102T1504"

// write notes an object in the window of a time.
func (n *note) write(ctx context.Context, l lake.Ledger, now time.Time, window time.Duration) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	key := collectFolder + "pending/" + now.UTC().Truncate(window).Format(windowFormat) + "/" + lake.Digest("note", n.Bucket, n.Key, n.Version, n.Tag)
	_, err = l.Note(ctx, key, text)
	return err
}

// collectPlace is where the notes are. The configuration has a fixed place for rejects if
// anything is collected.
func (inv *invocation) collectPlace() s3.Ref { return inv.config.rejectsFor(s3.Ref{}) }

// noted makes the note of a work.
func (inv *invocation) noted(w *work) error {
	l := inv.own.NewSink(inv.collectPlace(), inv.config.sse).Ledger()
	return w.note.write(inv.ctx, l, time.Now(), inv.config.Collect)
}

// abreast calls do for 0 to n-1, so many at a time, and joins the errors.
func abreast(n, atATime int, do func(i int) error) error {
	var all sync.WaitGroup
	errs := make([]error, n)
	places := make(chan struct{}, atATime)
	for i := range n {
		places <- struct{}{}
		all.Go(func() {
			errs[i] = do(i)
			<-places
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
