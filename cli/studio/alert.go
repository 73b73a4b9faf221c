package studio

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/source"
)

// Bounds of what the page shows of one alert.
const (
	mostLeaves    = 2000
	longestLeaf   = 2 << 10   // bytes
	longestText   = 256 << 10 // of the alert itself
	mostDifferent = 500       // attributes that differ
)

type alertRequest struct {
	Number int `json:"number"` // of the alert, from 0
}

type alertAnswer struct {
	Trial       int             `json:"trial"`
	Text        string          `json:"text"`   // as it came, laid out where it is JSON
	Events      []string        `json:"events"` // laid out
	Leaves      []leaf          `json:"leaves"`
	MoreLeaves  int             `json:"more_leaves,omitempty"`
	Explanation any             `json:"explanation"`
	Diff        *compare.Report `json:"diff,omitempty"` // from the version on the disk, absent where nothing differs
}

// leaf is one leaf of an alert. Its fate is kept, written, failed, lost, empty, or "" in an
// alert of which no event was made.
type leaf struct {
	Path  string `json:"path"`
	Value string `json:"value"` // JSON
	Fate  string `json:"fate,omitempty"`
}

// alert shows one alert under the version that compiled last.
func (s *Studio) alert(ctx context.Context, q alertRequest) (*alertAnswer, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	s.mu.Lock()
	t := s.last
	s.mu.Unlock()
	switch {
	case t == nil:
		return nil, refusal(http.StatusConflict, "the mapping has not compiled yet")
	case q.Number < 0 || q.Number >= len(s.bench.Alerts):
		return nil, refusal(http.StatusNotFound, "there is no alert %d", q.Number)
	}
	line := s.bench.Alerts[q.Number].Line
	a := &alertAnswer{Trial: t.number, Text: cut(laidOut([]byte(line.Text)), longestText), Events: []string{}, Leaves: []leaf{}, Explanation: s.bench.Explain(t.now.Engine, line)}
	if unfit(&line) == "" {
		a.apply(t.now.Engine, line.Text)
		a.compare(t, line)
	}
	return a, nil
}

// apply adds the events and the fates of the leaves.
func (a *alertAnswer) apply(e *engine.Engine, line string) {
	w := e.NewWorker()
	defer w.Close()
	r := w.Apply(line)
	if r.Outcome != engine.Event {
		w.EachLeaf(line, func(v *alert.Visit) { a.leaf(v, "") })
		return
	}
	for _, m := range r.Events {
		a.Events = append(a.Events, laidOut(m.Event.AppendJSON(nil)))
	}
	w.Leaves(&r, func(v *alert.Visit, f engine.Fate) { a.leaf(v, fateNames[f]) })
}

var fateNames = [...]string{engine.Kept: "kept", engine.Written: "written", engine.Failed: "failed", engine.Lost: "lost", engine.Empty: "empty"}

func (a *alertAnswer) leaf(v *alert.Visit, fate string) {
	if len(a.Leaves) == mostLeaves {
		a.MoreLeaves++
		return
	}
	a.Leaves = append(a.Leaves, leaf{alert.Path(v.Steps).String(), cut(v.Value.JSON(), longestLeaf), fate})
}

// compare adds what differs from the version on the disk.
func (a *alertAnswer) compare(t *trial, line source.Line) {
	if len(t.edits) == 0 || t.disk.Engine == nil {
		return
	}
	c := compare.New(t.disk.Engine, t.now.Engine, mostDifferent)
	defer c.Close()
	if !c.Add(line) {
		a.Diff = c.Report()
	}
}

type findRequest struct {
	Text string `json:"text"`
}

// find gives the numbers of the alerts whose text has another, in any case of letters.
func (s *Studio) find(ctx context.Context, q findRequest) (map[string][]int, error) {
	found, wanted := []int{}, strings.ToLower(q.Text)
	for i := range s.bench.Alerts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if strings.Contains(strings.ToLower(s.bench.Alerts[i].Text), wanted) {
			found = append(found, i)
		}
	}
	return map[string][]int{"numbers": found}, nil
}

// laidOut lays JSON out on lines; any other text stays as it is.
func laidOut(text []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return strings.ToValidUTF8(string(text), "\ufffd")
	}
	return b.String()
}

// cut shortens a text at the end of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
