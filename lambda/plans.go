package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/source"
)

// plans are the plans of a function, and the notes that wait for one.
type plans struct {
	client *s3.Client
	place  s3.Ref // of the rejects
	sink   *s3.Sink
	ledger lake.Ledger
}

func (inv *invocation) plans() *plans {
	sink := inv.own.NewSink(inv.collectPlace(), inv.config.sse)
	return &plans{inv.own, inv.collectPlace(), sink, sink.Ledger()}
}

// plan is objects that are converted together.
type plan struct {
	Objects []planned `json:"objects"`

	name  string          // its number, with leading zeros
	marks map[string]bool // what is noted of it: try-…, claimed-…, done, singly, sent, over
}

// tryMark begins the mark of a call that works on a plan, before the time at which it began.
const tryMark = "try-"

// died counts the calls that began before a time and never ended: at that time they were over.
func (p *plan) died(before time.Time) (n int) {
	for mark := range p.marks {
		began, err := time.Parse(time.RFC3339Nano, strings.TrimPrefix(mark, tryMark))
		if err == nil && began.Before(before) {
			n++
		}
	}
	return n
}

// planned is an object of a plan, in the state that was seen when the plan was made.
type planned struct {
	note
	Identity string    `json:"identity"` // of its content
	Modified time.Time `json:"modified"`
	// Pending are the keys of its notes: content that was noted twice has two.
	Pending []string `json:"pending"`
}

const plansFolder = collectFolder + "plans/"

// input gives the object as the run reads it.
func (p *planned) input(c *s3.Client) source.Input {
	in := c.Known(p.ref(), p.Tag, p.Bytes, p.Modified)
	in.Identity = p.Identity
	return in
}

// identity is that of the plan's objects read as one input.
func (p *plan) identity() string {
	if len(p.Objects) == 1 {
		return p.Objects[0].Identity
	}
	all := make([]string, len(p.Objects))
	for i, o := range p.Objects {
		all[i] = o.Identity
	}
	return lake.JoinIdentities(all)
}

func (p *plan) bytes() (sum int64) {
	for _, o := range p.Objects {
		sum += o.Bytes
	}
	return sum
}

// latest gives the plan of the highest number, without its objects; nil if there is none.
// Nothing is found before the mark `latest`, which lags behind at most.
func (ps *plans) latest(ctx context.Context) (*plan, error) {
	from, err := ps.read(ctx, collectFolder+"latest")
	if err != nil {
		return nil, err
	}
	after := ""
	var last *plan
	if len(from) > 0 { // its objects may have expired
		after, last = plansFolder+string(from), &plan{name: string(from), marks: map[string]bool{"over": true}}
	}
	for {
		some, err := ps.sink.Some(ctx, plansFolder, after, 1000)
		if err != nil {
			return nil, err
		}
		for _, o := range some {
			after = o.Key
			name, mark, _ := strings.Cut(strings.TrimPrefix(o.Key, plansFolder), ".")
			if last == nil || last.name != name {
				last = &plan{name: name, marks: map[string]bool{}}
			}
			last.marks[mark] = true
		}
		if len(some) < 1000 {
			return last, nil
		}
	}
}

// read gives the text of a key, nil if there is none. It lists first, like Ledger.Load.
func (ps *plans) read(ctx context.Context, key string) ([]byte, error) {
	there, err := ps.sink.Some(ctx, key, "", 1)
	if err != nil || len(there) == 0 || there[0].Key != key {
		return nil, err
	}
	return ps.get(ctx, key)
}

const planBytes = 64 << 20

func (ps *plans) get(ctx context.Context, key string) ([]byte, error) {
	text, _, err := ps.client.Changed(ctx, s3.Ref{Bucket: ps.place.Bucket, Key: ps.place.Key + "/" + key}, "", planBytes)
	return text, err
}

// load reads the objects of a plan.
func (ps *plans) load(ctx context.Context, p *plan) error {
	text, err := ps.get(ctx, plansFolder+p.name+".json")
	if err == nil {
		err = json.Unmarshal(text, p)
	}
	if err != nil {
		return fmt.Errorf("the plan %s cannot be read: %w", p.name, err)
	}
	return nil
}

// named gives a plan by its number, with its marks and objects.
func (ps *plans) named(ctx context.Context, name string) (*plan, error) {
	p := &plan{name: name, marks: map[string]bool{}}
	some, err := ps.sink.Some(ctx, plansFolder+name+".", "", 100)
	if err != nil {
		return nil, err
	}
	for _, o := range some {
		p.marks[strings.TrimPrefix(o.Key, plansFolder+name+".")] = true
	}
	return p, ps.load(ctx, p)
}

// add makes a plan the next one, unless another flush was first.
func (ps *plans) add(ctx context.Context, before *plan, p *plan) error {
	number := 1
	if before != nil {
		if _, err := fmt.Sscanf(before.name, "%d", &number); err != nil {
			return fmt.Errorf("%s%s.json is the name of no plan: remove it", plansFolder, before.name)
		}
		number++
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = ps.ledger.Note(ctx, fmt.Sprintf("%s%08d.json", plansFolder, number), text)
	return err
}

// mark notes something of a plan.
func (ps *plans) mark(ctx context.Context, p *plan, mark, text string) error {
	_, err := ps.ledger.Note(ctx, plansFolder+p.name+"."+mark, []byte(text))
	if err == nil {
		p.marks[mark] = true
	}
	return err
}

// unmark takes a mark back.
func (ps *plans) unmark(ctx context.Context, p *plan, mark string) error {
	return ps.remove(ctx, plansFolder+p.name+"."+mark)
}

func (ps *plans) remove(ctx context.Context, key string) error {
	err := ps.sink.Remove(ctx, key)
	if errors.Is(err, lake.ErrMayNotRemove) {
		return fmt.Errorf("%s: %w: allow the function s3:DeleteObject on it", key, err)
	}
	return err
}

// sweep removes the notes of a plan, and ends it.
func (ps *plans) sweep(ctx context.Context, p *plan) error {
	var keys []string
	for _, o := range p.Objects {
		keys = append(keys, o.Pending...)
	}
	if err := abreast(len(keys), atOnce, func(i int) error { return ps.remove(ctx, keys[i]) }); err != nil {
		return err
	}
	if err := ps.mark(ctx, p, "over", ""); err != nil {
		return err
	}
	// The next listing begins here. It may be written later than that of a later plan.
	return ps.sink.Overwrite(ctx, collectFolder+"latest", []byte(p.name))
}

// oldest gives the end of the oldest window that has notes; the zero time if none has.
func (ps *plans) oldest(ctx context.Context, window time.Duration) (time.Time, error) {
	first, err := ps.sink.Some(ctx, collectFolder+"pending/", "", 1)
	if err != nil || len(first) == 0 {
		return time.Time{}, err
	}
	return windowOf(first[0].Key).Add(window), nil
}

// windowOf is the beginning of the window of a note; the zero time for another key.
func windowOf(key string) time.Time {
	window, _, _ := strings.Cut(strings.TrimPrefix(key, collectFolder+"pending/"), "/")
	t, _ := time.Parse(windowFormat, window) // a key that is not a note is taken at once, and fails by its name
	return t
}
