package plan

import "fmt"

// The events of an alert are bounded by it: rules that copy a list into each of its items would
// make one of gigabytes from a short line, and so would a thousand mappings. What they may come to is counted in bytes of
// texts and cells, and each step of the body of a `$each` counts some for each element, as
// well where nothing comes of it. Beyond that, no list gets another item, and no attribute a
// long text. They are failed conversions, and the event is degraded.
const (
	eventBytes   = 8 << 20
	bytesPerByte = 16 // of the alert, on top of them
	stepBytes    = 24
	longText     = 4 << 10
)

// What rules do besides evaluating is work (function.Machine), which counts in steps.
const (
	stepParts   = 8   // of an expression, for a step besides those that it takes
	stepRules   = 4   // that do something for the alert, or attributes of its event
	stepEntry   = 2   // steps for a constant under `unmapped`
	stepGrowth  = 16  // bytes by which the event grows, or might
	stepRead    = 128 // bytes of a long text that is converted
	matchedByte = 2   // steps for a byte that a regular expression of the schema reads
)

var errGrowth = fmt.Errorf("the event would be larger than %d MiB and %d times its alert: copy less into the items of its lists", eventBytes>>20, bytesPerByte)

// growth is what the event of the current alert has come to.
type growth struct {
	bytes   int  // of what is kept so far
	work    int  // for the elements of `$each`
	most    int  // of both
	refused bool // something was left out
}

// begin begins an event of an alert of that many bytes, which has events of grown bytes already.
func (g *growth) begin(alert, grown int) {
	*g = growth{most: max(0, eventBytes+bytesPerByte*alert-grown)}
}

// shrink takes back the bytes of an object that is not kept. It takes nothing back once
// something was left out because of its size: then nothing else grows.
func (g *growth) shrink(bytes int) {
	if !g.refused {
		g.bytes = bytes
	}
}

// steps is the work of the texts and items of the event, and of elements.
func (g *growth) steps() int { return (g.bytes + g.work) / stepGrowth }

// fits reports whether that many more bytes stay within what the event may come to.
func (g *growth) fits(n int) bool { return g.bytes+g.work+n <= g.most }

// grow adds bytes for what a step makes next. It reports whether the step may make it;
// otherwise it notes the failure.
func (w *Worker) grow(s *step, n int) bool {
	w.growth.bytes += n
	return w.within(s)
}

// within reports whether the event is no larger than it may be. If it is, it notes the
// failure of a step.
func (w *Worker) within(s *step) bool {
	if w.growth.fits(0) {
		return true
	}
	w.growth.refused = true
	w.partly++
	w.fail(failure{target: s.target, err: errGrowth})
	return false
}
