package lake

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Ledger keeps the manifests of the inputs that were written with one reject store.
// Several goroutines may use it at once, and several processes.
type Ledger interface {
	// Load returns the manifest of this ID, nil if there is none.
	Load(ctx context.Context, id string) (*Manifest, error)
	// Intend notes the manifest with its Pending. It is durable when Intend returns.
	Intend(ctx context.Context, m *Manifest) error
	// Save replaces the manifest of the same ID, and ends what Intend noted.
	Save(ctx context.Context, m *Manifest) error
	// Claim gives a name for good to the owner that asks for it first, and returns who that
	// is.
	Claim(ctx context.Context, name, owner string) (holder string, err error)
	// IDs returns those of all manifests, in ascending order.
	IDs(ctx context.Context) ([]string, error)
	// Since is IDs without those that were saved before a time, where that is quick to
	// know.
	Since(ctx context.Context, t time.Time) ([]string, error)
	// Intended returns the IDs that runs have intended and that Load may not show yet.
	Intended(ctx context.Context) (map[string]bool, error)
	// Note writes a text under a key below LedgerFolder unless there is one, and returns
	// what is there then, durably.
	Note(ctx context.Context, key string, text []byte) (there []byte, err error)
	// Notes returns the texts of all keys in a folder below LedgerFolder, by key.
	Notes(ctx context.Context, folder string) (map[string][]byte, error)
}

// LedgerFolder is the folder of the manifests in a reject store. Folders whose names
// begin with a dot are not read as alerts.
const LedgerFolder = ".manifests"

// ManifestKey is the key of a manifest in its reject store.
func ManifestKey(id string) string { return LedgerFolder + "/" + id + ".json" }

// ClaimKey is the key of the note that says whose a name is.
func ClaimKey(name string) string { return LedgerFolder + "/names/" + Digest("name", name) }

// PlannedError is the error of an input whose events are in objects with those of others,
// which only a run over all of them replaces.
type PlannedError struct {
	Name string // of the input
	Plan string // see Manifest.Plan
}

// Error says what to do instead.
func (e *PlannedError) Error() string {
	return fmt.Sprintf("%s was converted together with other objects (plan %s): call the function with it, as for a replay, which converts all of them again", e.Name, e.Plan)
}

// ErrMayNotRemove is the error of Sink.Remove if the object stays because this identity
// may not delete it.
var ErrMayNotRemove = errors.New("this identity may not delete it")
