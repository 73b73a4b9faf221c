package settings

import (
	"math"
	"testing"
	"time"
)

// A window of days is written with dates, with days from today, or without bounds.
func TestEventDays(t *testing.T) {
	now := time.Date(2026, 3, 14, 23, 59, 59, 0, time.UTC)
	day := func(date string) int32 {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		return int32(at.Sub(time.Unix(0, 0)).Hours() / 24)
	}
	for text, want := range map[string][2]int32{
		"..": {math.MinInt32, math.MaxInt32}, "2016-02-29..": {day("2016-02-29"), math.MaxInt32}, "..1": {math.MinInt32, day("2026-03-15")},
		"-3652..1": {day("2016-03-14"), day("2026-03-15")}, "0..+0": {day("2026-03-14"), day("2026-03-14")}, "1969-12-31..-1": {-1, day("2026-03-13")},
	} {
		s, err := read(CommandLine, "SLUICE_EVENT_DAYS="+text)
		if err != nil {
			t.Error(err)
		}
		if first, last := s.EventDays.At(now); first != want[0] || last != want[1] {
			t.Errorf("%s: from %d to %d, not %d", text, first, last, want)
		}
	}
	for _, text := range []string{"1", "a..", "2026-02-30..", "..1d", "1..0", "2026-03-15..2026-03-14", "-1..1..2", "-9999999..", " ..1"} {
		if s, err := read(CommandLine, "SLUICE_EVENT_DAYS="+text); err == nil {
			t.Errorf("%q is %+v", text, s.EventDays)
		}
	}
}

// Without a setting the window goes from ten years ago to tomorrow, at whatever time it
// is looked at.
func TestEventDaysByDefault(t *testing.T) {
	for _, now := range []time.Time{time.Date(2026, 3, 14, 0, 0, 0, 0, time.FixedZone("", 3600)), time.Date(2031, 12, 31, 23, 0, 0, 0, time.UTC)} {
		w := defaults(t).EventDays
		first, last := w.At(now)
		if today := int32(now.Unix() / 86400); first != today-3652 || last != today+1 {
			t.Errorf("at %s: from %d to %d, and today is %d", now, first, last, today)
		}
	}
}
