package plan

import "github.com/sluice-lake/sluice/engine/alert"

// Line is the alert that the last Apply mapped, as transforms left it for the rules.
func (w *Worker) Line() string { return w.env.Line }

// Written are the values of the alert that went into the event which the last Apply
// made: all of them if the mapping has `$rest` or Options.Follow is set. They belong
// to the Worker and change with the next Apply.
func (w *Worker) Written() *alert.Origins { return &w.origins }

// AppendFailed adds the values of the alert for which an attribute of that event has
// no place: those that its type refused, and those that an expression read which
// failed.
func (w *Worker) AppendFailed(to *alert.Origins) {
	for i := range w.failures {
		f := &w.failures[i]
		switch {
		case !f.counted:
		case f.err == nil:
			to.WriteOf(&w.origins, &f.value)
		default:
			for _, want := range f.target.reads {
				v := w.wanted(want)
				to.WriteOf(&w.origins, &v)
			}
		}
	}
}
