package feed

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sluice-lake/sluice/runtime/indexer"
)

// shard is one shard of an index.
type shard struct {
	lane
	cursor *ShardCursor
	of     *Indices
	index  indexer.Index
	now    indexer.Shard // as it was last seen
	due    int64         // up to this number nothing waits
	bytes  int64         // of a document, as a mean; 0 if it is not known
	// What is planned was found to have that many documents, the last one of this term.
	documents, term int64
	mark            *mark // nil while no number waits for its document
	denied          bool  // the index may not be refreshed
}

// mark is what the shard had given out and all its copies had when a number was found that
// has no document.
type mark struct {
	checkpoint, max int64
	at              time.Time
}

func (s *shard) intent() *Intent { return &s.cursor.Intent }

func (s *shard) makeDue() { s.due = s.now.Checkpoint }

func (s *shard) move(r *Range) {
	s.cursor.Done, s.cursor.Term = r.To, max(s.cursor.Term, s.term)
	s.cursor.Holes += r.Holes
	s.waits()
}

// look notes how far the lake is behind.
func (s *shard) look() {
	if s.now.Checkpoint <= s.cursor.Done {
		s.older = time.Now()
	}
	s.waits()
}

func (s *shard) waits() { s.lag.set(max(0, s.now.Checkpoint-s.cursor.Done), s.older) }

// most is how many documents are written at a time.
func (s *shard) most() int64 {
	if s.bytes == 0 {
		return s.of.Documents
	}
	return max(1, min(s.of.Documents, s.of.Bytes/s.bytes))
}

// next implements stream.
func (s *shard) next(ctx context.Context) (*Range, error) {
	if s.now.History != s.cursor.History || s.now.Max < s.cursor.Done {
		if ready, err := s.fork(ctx); !ready || err != nil {
			return nil, err
		}
	}
	for {
		to, identity := s.planned()
		if to <= s.cursor.Done || to > s.now.Checkpoint {
			return nil, nil
		}
		span := s.span(s.cursor.Done+1, to)
		found, err := s.of.Client.Extent(ctx, span)
		if err != nil {
			return nil, err
		}
		if s.cursor.Planned == nil && s.larger(found) {
			continue // with fewer documents
		}
		if s.cursor.Term > 0 && found.Term > s.cursor.Term {
			before := s.cursor.Done
			if ready, err := s.fork(ctx); !ready || err != nil {
				return nil, err
			}
			if s.cursor.Done != before {
				continue
			}
		}
		found, sure, err := s.settle(ctx, span, found)
		if !sure || err != nil {
			return nil, err
		}
		if found.Documents == 0 && s.cursor.Planned == nil { // nothing to write
			s.cursor.Done, s.moved = to, true
			s.cursor.Holes += to - span.From + 1
			continue
		}
		s.documents, s.term = found.Documents, found.Term
		return s.rangeOf(span, identity), nil
	}
}

// planned returns the end of the range that is planned, or is to be planned now, and its
// identity. The end is that of what is read if there is none.
func (s *shard) planned() (to int64, identity string) {
	if p := s.cursor.Planned; p != nil {
		return p.To, p.Identity
	}
	to = s.end()
	return to, s.identity(to)
}

// end returns the last number of the range to plan, or one that is read if it is not due.
func (s *shard) end() int64 {
	done, most := s.cursor.Done, s.most()
	if done >= s.due && s.now.Checkpoint-done < most {
		return done
	}
	to := min(s.now.Checkpoint, done+most)
	if s.mark != nil {
		to = min(to, s.mark.checkpoint)
	}
	return to
}

// larger learns the size of documents, and reports whether they are so large that fewer
// have to be planned.
func (s *shard) larger(found indexer.Extent) bool {
	if s.bytes > 0 || found.Bytes == 0 {
		return false
	}
	before := s.most()
	s.bytes = found.Bytes
	return s.most() < before
}

func (s *shard) identity(to int64) string {
	identity := fmt.Sprintf("pull %s %d %d %d", s.index.UUID, s.now.Number, s.cursor.Done+1, to)
	if s.cursor.Rewound > 0 {
		identity += fmt.Sprintf(" %d", s.cursor.Rewound)
	}
	return identity
}

func (s *shard) span(from, to int64) indexer.Span {
	return indexer.Span{Index: s.index.Name, UUID: s.index.UUID, Shard: s.now.Number, From: from, To: to}
}

func (s *shard) rangeOf(span indexer.Span, identity string) *Range {
	documents := s.documents
	return &Range{Name: s.name, From: span.From, To: span.To, Identity: identity, Holes: span.To - span.From + 1 - documents, size: -1,
		open: func(ctx context.Context) (io.ReadCloser, error) { return s.of.Client.Open(ctx, span, documents), nil }}
}

// fork finds the first document up to the cursor that a later primary numbered: from there
// on the numbers mean other documents than those that were read. Then it goes back there.
// Ready is false as long as not every document can be found.
func (s *shard) fork(ctx context.Context) (ready bool, err error) {
	if ready, err := s.shown(ctx); !ready || err != nil {
		return false, err
	}
	last := min(s.cursor.Done, s.now.Max)
	at, err := s.of.Client.FirstAfter(ctx, s.index.Name, s.now.Number, s.cursor.Term, last)
	if err != nil {
		return false, err
	}
	if s.cursor.History != s.now.History {
		s.cursor.History, s.moved = s.now.History, true
	}
	if p := s.cursor.Planned; p != nil && s.now.Max < p.To { // what it ends with is lost
		p.To, s.moved = s.now.Max, true
	}
	if at > s.cursor.Done {
		return true, nil
	}
	s.report("rewound", "the indexer has lost the documents numbered %d to %d, which are in the lake, and gives out these numbers again", at, s.cursor.Done)
	s.cursor.Done, s.moved = at-1, true
	s.cursor.Rewound++
	if p := s.cursor.Planned; p != nil && p.To <= s.cursor.Done {
		s.cursor.Planned = nil
	}
	return true, nil
}

// settle makes sure that every document of a span can be found: what has no document then
// never will have one. Sure is false as long as that has to be waited for.
func (s *shard) settle(ctx context.Context, span indexer.Span, found indexer.Extent) (now indexer.Extent, sure bool, err error) {
	if found.Documents >= span.To-span.From+1 {
		s.mark = nil
		return found, true, nil
	}
	if sure, err = s.shown(ctx); !sure || err != nil {
		return found, false, err
	}
	now, err = s.of.Client.Extent(ctx, span)
	return now, err == nil, err
}

// shown reports whether every document that was there when it was called first, or is
// called again, can be found. It refreshes the index. Where that is not allowed it waits: a
// refresh shows all that the shard had when it began, so a document that was numbered since
// the mark shows that there was one. Without such a document time has to do.
func (s *shard) shown(ctx context.Context) (bool, error) {
	if !s.denied {
		err := s.of.Client.Refresh(ctx, s.index.Name)
		if !indexer.Denied(err) {
			return err == nil, err
		}
		s.denied = true
	}
	if s.mark == nil {
		s.mark = &mark{s.now.Checkpoint, s.now.Max, time.Now()}
	}
	later, err := s.of.Client.Extent(ctx, s.span(s.mark.max+1, max(s.now.Max, s.mark.max+1)))
	if err != nil || later.Documents == 0 && time.Since(s.mark.at) < s.of.Settle {
		return false, err
	}
	s.mark = nil
	return true, nil
}
