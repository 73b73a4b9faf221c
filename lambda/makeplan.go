package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/queue"
	"github.com/sluice-lake/sluice/runtime/source"
)

const (
	// planObjects is the most objects of a plan.
	planObjects = 10_000
	// planFull is the most bytes of a plan's objects, as stored: about as many as their
	// events have in the lake, which requires objects of at most 256 MB.
	planFull = 256 << 20
	// fullTime is the time of a call in which a plan of that size is converted with twice
	// as much memory.
	fullTime = 300 * time.Second
	// lookBytes is the memory that it takes to look at an object.
	lookBytes = 8 << 20
)

// plan makes the next plan of what was noted in windows that are over.
func (f *flusher) plan(before *plan) (more bool, err error) {
	keys, err := f.due()
	if err != nil || len(keys) == 0 {
		return false, err
	}
	set, err := f.current(f.collectPlace())
	if err != nil {
		return false, err
	}
	c := f.pipeline(set, &work{target: target{ref: s3.Ref{}}}, nil, nil)
	of := c.ManifestOf()
	read := source.Options{Memory: new(source.Memory)}
	atATime := int(min(max(f.memory.Total()/lookBytes, 2), atOnce))
	next := &plan{}
	for some := range slices.Chunk(keys, atATime) {
		found := make([]*planned, len(some))
		if err := abreast(len(some), atATime, func(i int) (err error) {
			found[i], err = f.consider(some[i], of, read)
			return err
		}); err != nil {
			return false, err
		}
		next.take(found)
		if f.full(next) {
			break
		}
	}
	if len(next.Objects) == 0 {
		return true, nil
	}
	slices.SortFunc(next.Objects, func(a, b planned) int {
		return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Identity, b.Identity))
	})
	next.cut(f.most())
	return true, f.plans.add(f.ctx, before, next)
}

// cut leaves out objects beyond that many bytes, which go into a later plan.
func (p *plan) cut(most int64) {
	var sum int64
	for i, o := range p.Objects {
		if sum += o.Bytes; i > 0 && sum > most {
			p.Objects = p.Objects[:i]
			return
		}
	}
}

// due gives the keys of notes whose windows are over, the oldest windows first.
func (f *flusher) due() (keys []string, err error) {
	found, err := f.plans.sink.Some(f.ctx, collectFolder+"pending/", "", planObjects)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for _, o := range found {
		if !f.all && windowOf(o.Key).Add(f.config.Collect).After(now) {
			break
		}
		keys = append(keys, o.Key)
	}
	return keys, nil
}

// most is the most bytes of a plan that a call can convert.
func (f *flusher) most() int64 {
	return min(planFull, int64(float64(f.config.Memory)/2*min(1, float64(f.whole())/float64(fullTime))))
}

// full reports whether a plan has enough, or the time to make it is over.
func (f *flusher) full(p *plan) bool {
	deadline, ok := f.ctx.Deadline()
	return p.bytes() >= f.most() || ok && time.Until(deadline) < f.whole()/10*6
}

// take adds objects; those with the content of another one only bring their notes.
func (p *plan) take(found []*planned) {
	has := make(map[string]int, len(p.Objects))
	for i, o := range p.Objects {
		has[o.Identity] = i
	}
	for _, o := range found {
		if o == nil {
			continue
		}
		if i, ok := has[o.Identity]; ok {
			p.Objects[i].Pending = append(p.Objects[i].Pending, o.Pending...)
			continue
		}
		has[o.Identity] = len(p.Objects)
		p.Objects = append(p.Objects, *o)
	}
}

// consider looks at an object that was noted. It returns nil for one that goes into no
// plan, whose note is gone then: its content was converted before, or it has to be
// converted by itself. What was overwritten since is taken as it is now.
func (f *flusher) consider(key string, of func(identity string) *lake.Manifest, read source.Options) (*planned, error) {
	n, err := f.plans.noted(f.ctx, key)
	if err != nil || n == nil {
		return nil, err
	}
	in, tag, err := f.own.Tagged(f.ctx, n.ref())
	identity := in.Identity
	if err == nil && in.Size < collectBytes {
		identity, err = source.Digest(f.ctx, in, read)
	}
	if err != nil && f.passes(err) {
		return nil, err
	}
	if err != nil || in.Size >= collectBytes {
		return nil, f.alone(n, key)
	}
	there, err := f.plans.ledger.Load(f.ctx, of(identity).ID)
	switch {
	case err != nil:
		return nil, err
	case there == nil:
		n.Tag, n.Bytes = tag, in.Size
		return &planned{note: *n, Identity: identity, Modified: in.Modified, Pending: []string{key}}, nil
	case there.Pending != nil:
		return nil, f.alone(n, key)
	}
	f.log.Info("nothing to do", "bucket", n.Bucket, "key", n.Key, "reason", "its content was converted before")
	return nil, f.plans.remove(f.ctx, key)
}

// passes reports whether an error of reading an object may pass by itself.
func (f *flusher) passes(err error) bool {
	return f.ctx.Err() != nil || errors.As(err, new(*s3.Fault)) && s3.Curable(err) && !s3.Replaced(err)
}

// noted reads a note, nil if it is gone: another flush was faster.
func (ps *plans) noted(ctx context.Context, key string) (*note, error) {
	text, err := ps.get(ctx, key)
	if err != nil && !s3.Curable(err) { // one that is gone looks like a forbidden one
		if text, err = ps.read(ctx, key); err == nil && text == nil {
			return nil, nil
		}
	}
	n := &note{}
	if err == nil {
		err = json.Unmarshal(text, n)
	}
	if err != nil {
		return nil, fmt.Errorf("the note %s cannot be read: %w", key, err)
	}
	return n, nil
}

// alone lets an object be converted by itself.
func (f *flusher) alone(n *note, key string) error {
	if err := f.sendBack(f.ctx, n, "", 0); err != nil {
		return err
	}
	return f.plans.remove(f.ctx, key)
}

// sendBack sends a notification of an object to the queue that it came from. It does not
// say what the object is, so it is not noted again. Leaves is the plan that was given up,
// "" for none.
func (f *flusher) sendBack(ctx context.Context, n *note, leaves string, delay time.Duration) error {
	var message struct {
		Leaves  string `json:"leaves,omitempty"`
		Records [1]struct {
			EventSource string `json:"eventSource"`
			EventName   string `json:"eventName"`
			S3          struct {
				Bucket struct {
					Name string `json:"name"`
				} `json:"bucket"`
				Object struct {
					Key       string `json:"key"`
					VersionID string `json:"versionId,omitempty"`
				} `json:"object"`
			} `json:"s3"`
		}
	}
	message.Leaves = leaves
	r := &message.Records[0]
	r.EventSource, r.EventName = "aws:s3", "ObjectCreated:Put"
	r.S3.Bucket.Name, r.S3.Object.Key, r.S3.Object.VersionID = n.Bucket, url.QueryEscape(n.Key), n.Version
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	client, err := f.queueClient(ctx)
	if err != nil {
		return err
	}
	return client.Send(ctx, n.Queue, queue.Letter{ID: lake.Digest(string(text)), Body: string(text), Group: n.Group, Delay: delay})
}
