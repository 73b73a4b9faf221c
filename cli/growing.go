package cli

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/source"
)

// liveFor is how long after its last change the manager's file still counts as in use: a
// quiet one may get an alert an hour.
const liveFor = time.Hour

// isLive reports whether an input looks like the file that a manager writes its alerts to
// now: logs/alerts/alerts.json or logs/archives/archives.json, which it only appends to
// until midnight.
func isLive(in source.Input, now time.Time) bool {
	name, manager := strings.CutSuffix(filepath.Base(in.Name), ".json")
	if !manager || name != "alerts" && name != "archives" || in.Remote || in.Size < 0 || now.Sub(in.Modified) >= liveFor {
		return false
	}
	return filepath.Base(filepath.Dir(place(in.Name))) == name
}

// hasGrown reports whether a file is longer than it was when it was found.
func hasGrown(in source.Input) bool {
	if in.Remote || in.Size < 0 {
		return false
	}
	info, err := os.Stat(in.Name)
	return err == nil && info.Size() > in.Size
}

// growing warns about inputs that are still written to: a longer file is other content.
func growing(inputs []source.Input, is func(source.Input) bool) (warnings []string) {
	const most = 5
	n := 0
	for _, in := range inputs {
		if !is(in) {
			continue
		}
		if n++; n <= most {
			warnings = append(warnings, in.Name+" looks like a file that is still written to: when it has grown, another run puts its old alerts into the lake a second time; run files that are complete, or use `sluice follow`")
		}
	}
	if n > most {
		warnings = append(warnings, plural(n-most, "other file")+" too")
	}
	return warnings
}

// ofLedger warns about inputs that a manifest lists: what a run makes of rejects lies
// beside what runs make of their origin.
func ofLedger(inputs []source.Input) (warnings []string) {
	stores := map[string]bool{}
	for _, in := range inputs {
		if !strings.HasSuffix(in.Name, ".ndjson") || in.Remote {
			continue
		}
		store := filepath.Dir(filepath.Dir(in.Name))
		if filepath.Base(store) == "unmatched" {
			store = filepath.Dir(store)
		}
		if !stores[store] && isLedger(store) {
			stores[store] = true
			warnings = append(warnings, store+" has the rejects of a lake: events that a run makes of them stay beside those of a later run over their origin; `sluice replay "+store+"` does not double any")
		}
	}
	return warnings
}
