//go:build integration

package lambda_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// Law: of several processes that want a state in a bucket at once, a real server lets one
// have it; the next one gets what that one saved.
func TestIntegrationStateHasOneHolder(t *testing.T) {
	g := startGateway(t, "state")
	at := s3.Ref{Bucket: "state", Key: "sluice/pull.state"}
	for round := range 3 {
		var holders []*s3.State
		var mu sync.Mutex
		var all sync.WaitGroup
		for n := range 4 {
			all.Go(func() {
				s, err := g.client.OpenState(t.Context(), at, fmt.Sprint(n), 2*time.Second)
				var held *s3.HeldError
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					holders = append(holders, s)
				} else if !errors.As(err, &held) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(holders) != 1 {
			t.Fatalf("%d holders", len(holders))
		}
		s, want := holders[0], ""
		if round > 0 {
			want = fmt.Sprintf(`{"round":%d}`, round-1)
		}
		text, err := s.Load(t.Context())
		if err = errors.Join(err, s.Save(t.Context(), fmt.Appendf(nil, `{"round":%d}`, round)), s.Close()); err != nil || string(text) != want {
			t.Errorf("round %d: it loads %q, %v", round, text, err)
		}
	}
}
