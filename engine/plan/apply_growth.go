package plan

import "fmt"

// An event is bounded by its alert: rules that copy a list into each of its items would
// make one of gigabytes from a short line. What it may come to is counted in bytes of
// texts; each step of the body of an item, and each of its cells, counts some as well.
// Beyond that, no list gets another item, and no attribute a long text. They are
// failed conversions, and the event is degraded.
const (
	eventBytes   = 8 << 20
	bytesPerByte = 16 // of the alert, on top of them
	stepBytes    = 24
	longText     = 4 << 10
)

var errGrowth = fmt.Errorf("the event would be larger than %d MiB and %d times its alert: copy less into the items of its lists", eventBytes>>20, bytesPerByte)

// growth is what the event of the current alert has come to.
type growth struct {
	bytes, most int
	refused     bool // something was left out
}

func (g *growth) begin(line string) { *g = growth{most: eventBytes + bytesPerByte*len(line)} }

// fits reports whether so many more bytes stay within what the event may come to.
func (g *growth) fits(n int) bool { return g.bytes+n <= g.most }

// grow adds bytes for what a step makes next. It reports whether the step may make it;
// otherwise it notes the failure.
func (w *Worker) grow(s *step, n int) bool {
	if w.growth.bytes += n; w.growth.fits(0) {
		return true
	}
	w.growth.refused = true
	w.partly++
	w.fail(failure{target: s.target, err: errGrowth})
	return false
}
