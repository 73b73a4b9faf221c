package lake

import (
	"math"
	"slices"
	"time"
)

// Window is the days, first to last as DayOf counts them, that rows may be of. Where it
// may be nil, that is every day.
type Window struct{ First, Last int32 }

// Holds reports whether rows may be of this day.
func (w *Window) Holds(day int32) bool { return w == nil || w.First <= day && day <= w.Last }

// String returns the days as 20160314..20260315, without a date where there is no bound,
// and "" for nil.
func (w *Window) String() string {
	if w == nil {
		return ""
	}
	first, last := "", ""
	if w.First > math.MinInt32 {
		first = Date(w.First)
	}
	if w.Last < math.MaxInt32 {
		last = Date(w.Last)
	}
	return first + ".." + last
}

// Date returns a day as keys have it, YYYYMMDD.
func Date(day int32) string {
	return time.Unix(int64(day)*dayMillis/1000, 0).UTC().Format(dateForm)
}

const dateForm = "20060102"

// decidesAlike reports whether the window holds the days that the objects of a manifest
// are of, and none of those that the run refused: then it decides about each alert as the
// run's window did.
func (w *Window) decidesAlike(m *Manifest) bool {
	holds := func(date string) bool {
		day, err := time.Parse(dateForm, date)
		return err == nil && w.Holds(DayOf(day.UnixMilli()))
	}
	outside := func(date string) bool { return !holds(date) }
	return !slices.ContainsFunc(m.Days, outside) && !slices.ContainsFunc(m.Refused, holds)
}
