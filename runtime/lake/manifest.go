package lake

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Manifest says what of one input a lake and its reject store have. It is written last,
// so one without Pending is of an input that was written completely. It has no time in
// it: the same run again makes the same manifest.
type Manifest struct {
	Format   int    `json:"manifest"` // manifestFormat
	ID       string `json:"id"`       // see ManifestID
	Identity string `json:"identity"` // of the input
	Name     string `json:"name"`     // of the input, when it was read last
	// UUID is the name that its objects have from Logstash's, "" if their names come
	// from the identity.
	UUID string `json:"uuid,omitempty"`
	Destination
	// Copies is where the JSON copies are, as Out is named, "" for none.
	Copies string `json:"copies,omitempty"`
	// Mappings are the mappings as the front door was given them, Digest is of all
	// that decides what they make of an alert.
	Mappings []string `json:"mappings"`
	// ClassSources are the custom sources that the front door was given for single classes.
	ClassSources map[string]string `json:"class_sources,omitempty"`
	Strict       bool              `json:"strict,omitempty"`
	Digest       string            `json:"digest"`

	// Plan names what a function converted together, if the objects of that have the
	// events of this input with those of others; "" for an input that has objects of its
	// own. Such a manifest lists nothing.
	Plan string `json:"plan,omitempty"`

	Outcomes
	Days []string `json:"days"` // YYYYMMDD, ascending
	// Refused are the days nearest to those of the Window, before and behind it, of
	// which alerts were rejected, as YYYYMMDD.
	Refused []string         `json:"refused_days,omitempty"`
	Objects []ManifestObject `json:"objects"`
	// Series counts how often the objects got names of a new series, since those of the
	// old one were joined by a compaction.
	Series int `json:"series,omitempty"`
	// Rejects and Unmatched are keys in the reject store. Generation counts the
	// replays that wrote them.
	Rejects    []string `json:"rejected,omitempty"`
	Unmatched  []string `json:"kept,omitempty"`
	Generation int      `json:"generation,omitempty"`
	// Stale are keys of objects without rows, in the place of objects of an earlier
	// run that this identity may not delete.
	Stale []string `json:"stale,omitempty"`
	// Replaced are keys in the reject store whose lines a replay has moved. They may
	// still be there if it was interrupted after this manifest.
	Replaced []string `json:"replaced,omitempty"`
	// Pending is what a run was about to write. It is nil once the run has ended
	// well.
	Pending *Pending `json:"pending,omitempty"`

	// Shows is true of a manifest that was loaded from a ledger which shows what was intended.
	Shows bool `json:"-"`
}

// Destination is where a run writes. A run replaces what earlier runs of the same
// input wrote to the same destination.
type Destination struct {
	Out     string   `json:"out"` // bucket, or folder relative to the reject store
	Region  string   `json:"region"`
	Account string   `json:"account"`
	Sources []string `json:"sources"` // custom sources, sorted
}

// Outcomes are the lines of an input by what became of them.
type Outcomes struct {
	Lines          int64 `json:"lines"`
	Taken          int64 `json:"taken"`
	Events         int64 `json:"events"`
	RejectLines    int64 `json:"rejects"`
	UnmatchedLines int64 `json:"unmatched"`
	Dropped        int64 `json:"dropped"`
	Blank          int64 `json:"blank"`
}

// ManifestObject is a Parquet object. Replay is true if a replay of rejects wrote it.
type ManifestObject struct {
	Key    string `json:"key"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	Replay bool   `json:"replay,omitempty"`
}

// Pending lists the keys that a run was about to write, with those of interrupted runs
// before it.
type Pending struct {
	// Digest is that of the Manifest that the run would have written, with the run's
	// Window if it has one, "" after runs of
	// different digests: then nobody knows which of them wrote a key.
	Digest  string   `json:"digest"`
	Objects []string `json:"objects"`
	Kept    []string `json:"kept,omitempty"` // in the reject store
	// Going are keys of both that a run was about to remove or to empty.
	Going []string `json:"going,omitempty"`
	// Replay is true if only replays were interrupted, which leave the rest of what
	// the manifest says as it is.
	Replay bool `json:"replay,omitempty"`
}

const manifestFormat = 1

// ManifestID names the manifest of an input for one destination: 32 hex digits.
func ManifestID(identity string, d Destination) string {
	return Digest(append([]string{"manifest", identity, d.Out, d.Region, d.Account}, d.Sources...)...)
}

// Encode returns the manifest as one line of JSON, the same for equal manifests.
func (m *Manifest) Encode() []byte {
	m.Format = manifestFormat
	m.Name = strings.ToValidUTF8(m.Name, "\uFFFD") // as it is when it is read back
	text, _ := json.Marshal(m)                     // texts and numbers can always be marshalled
	return append(text, '\n')
}

// ParseManifest reads what Encode returned.
func ParseManifest(text []byte) (*Manifest, error) {
	m := new(Manifest)
	err := json.Unmarshal(text, m)
	if err == nil && m.Format == 0 {
		err = errors.New("it has no format")
	}
	if err != nil {
		return nil, fmt.Errorf("the manifest is damaged (%w): remove it, and run its input again", err)
	}
	if m.Format != manifestFormat {
		return nil, fmt.Errorf("the manifest has the format %d, which this version does not know: use the version that wrote it, or a newer one", m.Format)
	}
	return m, nil
}

// earlier is what a manifest lists, to be asked for each of thousands of keys.
type earlier struct {
	objects               map[string]bool // of Objects, whether a replay wrote it
	pending, stale, going map[string]bool
}

func (m *Manifest) lists() earlier {
	w := earlier{objects: make(map[string]bool, len(m.Objects)),
		pending: setOf(m.Pending.objects()), stale: setOf(m.Stale), going: setOf(m.Pending.going())}
	for _, o := range m.Objects {
		w.objects[o.Key] = o.Replay
	}
	return w
}

// new is the keys of objects that do not exist yet.
func (w *earlier) new(keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool {
		_, listed := w.objects[k]
		return listed || w.pending[k]
	})
}

// has reports whether all keys of objects are noted. Those that are must be sorted.
func (p *Pending) has(keys []string) bool {
	for _, k := range keys {
		if _, noted := slices.BinarySearch(p.Objects, k); !noted {
			return false
		}
	}
	return true
}

// objectKeys are all keys of objects that may exist.
func (m *Manifest) objectKeys() (keys []string) {
	for _, o := range m.Objects {
		keys = append(keys, o.Key)
	}
	return union(keys, m.Pending.objects())
}

// keptKeys are all keys in the reject store that may exist.
func (m *Manifest) keptKeys() []string {
	return union(m.Rejects, m.Unmatched, m.Replaced, m.Pending.kept())
}

func (p *Pending) objects() []string {
	if p == nil {
		return nil
	}
	return p.Objects
}

func (p *Pending) going() []string {
	if p == nil {
		return nil
	}
	return p.Going
}

func (p *Pending) kept() []string {
	if p == nil {
		return nil
	}
	return p.Kept
}

// union is the elements of the lists, sorted, each once; nil for none.
func union(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// without is the elements that are not in the other list.
func without(keys, other []string) []string {
	is := setOf(other)
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return is[k] })
}

func setOf(keys []string) map[string]bool {
	is := make(map[string]bool, len(keys))
	for _, k := range keys {
		is[k] = true
	}
	return is
}

// Join adds what another run was about to write; nil stands for none.
func (p *Pending) Join(other *Pending) *Pending {
	if p == nil || other == nil {
		return cmp.Or(p, other)
	}
	joined := &Pending{Digest: p.Digest, Objects: union(p.Objects, other.Objects), Kept: union(p.Kept, other.Kept),
		Going: union(p.Going, other.Going), Replay: p.Replay && other.Replay}
	if p.Digest != other.Digest {
		joined.Digest = ""
	}
	return joined
}
