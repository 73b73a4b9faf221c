package pipeline

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/dir"
)

// overtaking is a ledger in which others have overtaken the run of one input.
type overtaking struct {
	lake.Ledger
	name string
}

func (l overtaking) Save(ctx context.Context, m *lake.Manifest) error {
	if strings.HasSuffix(m.Name, l.name) {
		return lake.ErrOvertaken
	}
	return l.Ledger.Save(ctx, m)
}

// An input of which others have made something else fails alone: the others of the run have written
// objects too, and their manifests say so.
func TestAnOvertakenInputFailsAlone(t *testing.T) {
	for _, workers := range []int{1, 4} {
		root := filepath.Join(t.TempDir(), "lake")
		names := []string{"a.json", "b.json", "c.json", "d.json"}
		var paths []string
		for i, name := range names {
			paths = append(paths, write(t, name, alerts(300+i, ascending)))
		}
		c := setup(t, root, workers, inputs(t, paths...))
		ledger, err := c.Rejects.(*dir.Sink).Ledger()
		if err != nil {
			t.Fatal(err)
		}
		plain := c
		c.Ledger, c.Place = overtaking{ledger, "b.json"}, ".."
		res, err := Run(t.Context(), c)
		if !errors.Is(err, lake.ErrOvertaken) || strings.Contains(err.Error(), "the run was stopped") {
			t.Errorf("%d workers: %v", workers, err)
		}
		var done []string
		for _, in := range res.Inputs {
			if in.Done && in.Err == nil {
				done = append(done, filepath.Base(in.Name))
			}
		}
		if slices.Sort(done); !slices.Equal(done, []string{"a.json", "c.json", "d.json"}) {
			t.Errorf("%d workers: done are %v", workers, done)
		}
		if err := ledger.Close(); err != nil {
			t.Fatal(err)
		}
		if ids, err := ledger.IDs(t.Context()); len(ids) < 3 || err != nil {
			t.Errorf("%d workers: %d manifests, %v", workers, len(ids), err)
		}
		closeAll(t, plain)
	}
}
