package settings

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	defaultEventDays    = "-3652..1"
	defaultMaxEventDays = 400
)

// DayWindow is a first and a last day. The zero value has no bounds.
type DayWindow struct{ first, last dayBound }

// dayBound is one end of a DayWindow.
type dayBound struct {
	kind boundKind
	days int32 // since 1970-01-01, or from today
}

type boundKind uint8

const (
	unbounded boundKind = iota
	byDate
	fromToday
)

// At returns the first and the last day, counted from 1970-01-01 UTC, at a time.
func (w DayWindow) At(now time.Time) (first, last int32) {
	return w.first.at(now, math.MinInt32), w.last.at(now, math.MaxInt32)
}

func (b dayBound) at(now time.Time, open int32) int32 {
	switch b.kind {
	case byDate:
		return b.days
	case fromToday:
		return dayOf(now) + b.days
	}
	return open
}

func dayOf(t time.Time) int32 { return int32(math.Floor(float64(t.Unix()) / (24 * 60 * 60))) }

// dayWindow takes FROM..TO.
func dayWindow(field func(*Settings) *DayWindow) reading {
	return func(r *reader, s *Settings, g given) {
		w, ok := parseDayWindow(g.text())
		if !ok {
			r.fault("%s is %q: give the first and the last day as FROM..TO, each a date as 2016-01-31, a number of days from today as -30, or nothing for no bound", g.what, g.text())
			return
		}
		*field(s) = w
	}
}

func parseDayWindow(text string) (w DayWindow, ok bool) {
	from, to, ok := strings.Cut(text, "..")
	if !ok || !w.first.parse(from) || !w.last.parse(to) {
		return w, false
	}
	return w, w.first.kind != w.last.kind || w.first.days <= w.last.days
}

// mostDays is the largest distance from today, in days: some ten thousand years.
const mostDays = 3_652_425

func (b *dayBound) parse(text string) bool {
	if text == "" {
		return true
	}
	if date, err := time.Parse(time.DateOnly, text); err == nil {
		b.kind, b.days = byDate, dayOf(date)
		return true
	}
	days, err := strconv.ParseInt(text, 10, 32)
	b.kind, b.days = fromToday, int32(days)
	return err == nil && -mostDays <= days && days <= mostDays
}
