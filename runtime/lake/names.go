package lake

import (
	"context"
	"sync"
)

// Named is how what an input becomes is called.
type Named struct {
	Namer
	// Entry is that of the input in the ledger, nil without one.
	Entry *Entry
}

// Names are those of one input. They follow from its identity, which is known before the
// input is read or at its end. Until then its objects wait, and when one of them cannot wait
// longer, the names are found by other means. Several goroutines may use Names at once.
type Names struct {
	find func(context.Context) (Named, error)

	finding sync.Mutex // held while they are found
	mu      sync.Mutex
	known   *Named
	failed  error
}

// NewNames returns names that are not known yet. Find finds them, which may take as long as
// to read the input; nil if it is known only at the end of the input.
func NewNames(find func(context.Context) (Named, error)) *Names { return &Names{find: find} }

// KnownNames returns names that are known.
func KnownNames(n Namer, e *Entry) *Names { return &Names{known: &Named{n, e}} }

// Set makes names known.
func (n *Names) Set(named Named) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known = &named
}

// Known returns the names, nil while they are not known.
func (n *Names) Known() *Named {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known
}

// MayFind reports whether Find can succeed before the names were Set.
func (n *Names) MayFind() bool { return n.find != nil }

// Failed is why the names could not be found, nil while nothing is wrong: then the input
// cannot be written.
func (n *Names) Failed() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.failed
}

// Find returns the names, and finds them if they are not known. It does so once.
func (n *Names) Find(ctx context.Context) (*Named, error) {
	n.finding.Lock()
	defer n.finding.Unlock()
	if known, err := n.state(); known != nil || err != nil {
		return known, err
	}
	found, err := n.find(ctx)
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.known != nil: // the input has ended meanwhile
	case err != nil:
		n.failed = err
	default:
		n.known = &found
	}
	return n.known, n.failed
}

func (n *Names) state() (*Named, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known, n.failed
}
