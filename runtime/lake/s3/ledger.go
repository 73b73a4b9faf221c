package s3

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// Ledger keeps manifests as objects beside the rejects of a Sink. It needs s3:GetObject
// and s3:PutObject on them, and s3:ListBucket with their folder as prefix.
type Ledger struct{ sink *Sink }

// Ledger returns the ledger of a reject store.
func (s *Sink) Ledger() *Ledger { return &Ledger{sink: s} }

// manifestBytes bounds a manifest: 64 MiB are more than 300,000 objects.
const manifestBytes = 64 << 20

// Load reads the object of a manifest, if a listing has it: to ask for one that is missing
// looks like a missing right, unless one may list the whole bucket.
func (l *Ledger) Load(ctx context.Context, id string) (*lake.Manifest, error) {
	ref := l.sink.ref(lake.ManifestKey(id))
	found, err := l.sink.client.List(ctx, ref)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	text, err := l.sink.client.get(ctx, ref)
	if err != nil {
		return nil, err
	}
	m, err := lake.ParseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	m.Shows = true
	return m, nil
}

func (c *Client) get(ctx context.Context, ref Ref) ([]byte, error) {
	text, _, err := (&body{ctx: ctx, client: c, ref: ref}).whole(manifestBytes)
	return text, err
}

// Intend writes the object of the manifest.
func (l *Ledger) Intend(ctx context.Context, m *lake.Manifest) error { return l.Save(ctx, m) }

// Save writes the object of the manifest.
func (l *Ledger) Save(ctx context.Context, m *lake.Manifest) error {
	return l.sink.Overwrite(ctx, lake.ManifestKey(m.ID), m.Encode())
}

// Claim is a Note of the owner.
func (l *Ledger) Claim(ctx context.Context, name, owner string) (string, error) {
	holder, err := l.Note(ctx, lake.ClaimKey(name), []byte(owner))
	return string(holder), err
}

// Note writes an object, unless there is one.
func (l *Ledger) Note(ctx context.Context, key string, text []byte) ([]byte, error) {
	there, err := l.sink.put(ctx, key, pieces{text}, true)
	if err != nil || !there {
		return text, err
	}
	return l.sink.client.get(ctx, l.sink.ref(key))
}

// Notes lists and reads the objects of a folder.
func (l *Ledger) Notes(ctx context.Context, folder string) (map[string][]byte, error) {
	found, err := l.list(ctx, folder+"/")
	if err != nil || len(found) == 0 {
		return nil, err
	}
	texts := make(map[string][]byte, len(found))
	for _, o := range found {
		if strings.Contains(strings.TrimPrefix(o.Key, folder+"/"), "/") {
			continue
		}
		if texts[o.Key], err = l.sink.client.get(ctx, l.sink.ref(o.Key)); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// Intended returns nothing: Load shows what was intended.
func (l *Ledger) Intended(context.Context) (map[string]bool, error) { return nil, nil }

// IDs lists the objects of manifests.
func (l *Ledger) IDs(ctx context.Context) ([]string, error) { return l.Since(ctx, time.Time{}) }

// Since lists the objects of manifests, with the times at which they were written.
func (l *Ledger) Since(ctx context.Context, t time.Time) ([]string, error) {
	found, err := l.list(ctx, lake.LedgerFolder+"/")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, o := range found {
		id, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, lake.LedgerFolder+"/"), ".json")
		if ok && !strings.Contains(id, "/") && !o.Modified.Before(t) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (l *Ledger) list(ctx context.Context, prefix string) (all []lake.Stored, err error) {
	err = l.sink.List(ctx, prefix, func(o lake.Stored) { all = append(all, o) })
	return all, err
}
