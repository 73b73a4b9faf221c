package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine/alert"
)

func TestMillis(t *testing.T) {
	const day = 1773480413589 // 2026-03-14T09:26:53.589Z
	for _, c := range []struct {
		v    alert.Value
		want int64 // -1: no time
	}{
		{alert.OfText("2026-03-14T09:26:53.589+0000"), day},
		{alert.OfText("2026-03-14T09:26:53.589Z"), day},
		{alert.OfText("2026-03-14t09:26:53.589z"), day},
		{alert.OfText("2026-03-14 09:26:53.589"), day},
		{alert.OfText("2026-03-14T09:26:53.5897"), day},
		{alert.OfText("2026-03-14T09:26:53.589123456-00:00"), day},
		{alert.OfText("2026-03-14T11:26:53.589+0200"), day},
		{alert.OfText("2026-03-14T11:26:53.589+02:00"), day},
		{alert.OfText("2026-03-14T11:26:53.589+02"), day},
		{alert.OfText("2026-03-13T23:56:53.589-0930"), day},
		{alert.OfText("2026-03-14T09:26:53Z"), day - 589},
		{alert.OfText("2026-03-14T09:26:53.5Z"), day - 89},
		{alert.OfText("2024-02-29T00:00:00Z"), 1709164800000},
		{alert.OfText("1970-01-01T00:00:00Z"), 0},
		{alert.OfText("9999-12-31T23:59:59.999Z"), maxMillis},
		{alert.OfText("2016-12-31T23:59:60Z"), 1483228800000}, // a leap second is the next one
		{alert.OfInt(1773480413), day - 589},
		{alert.OfInt(day), day},
		{alert.OfFloat(1773480413.589), day},
		{alert.OfText("1773480413"), day - 589},
		{alert.OfText("1773480413589"), day},

		{alert.OfText("2026-02-29T00:00:00Z"), -1},
		{alert.OfText("2026-13-01T00:00:00Z"), -1},
		{alert.OfText("2026-00-01T00:00:00Z"), -1},
		{alert.OfText("2026-03-14T24:00:00Z"), -1},
		{alert.OfText("2026-03-14T09:60:00Z"), -1},
		{alert.OfText("2026-03-14T09:26:61Z"), -1},
		{alert.OfText("2026-03-14T09:26:53.Z"), -1},
		{alert.OfText("2026-03-14T09:26:53+2"), -1},
		{alert.OfText("2026-03-14T09:26:53+2400"), -1},
		{alert.OfText("2026-03-14T09:26:53 UTC"), -1},
		{alert.OfText("2026-03-14"), -1},
		{alert.OfText("1969-12-31T23:59:59Z"), -1},
		{alert.OfText("1970-01-01T00:30:00+0100"), -1},
		{alert.OfText("9999-12-31T23:59:59-0100"), -1},
		{alert.OfText("yesterday"), -1},
		{alert.OfInt(0), -1},
		{alert.OfInt(-1773480413), -1},
		{alert.OfInt(17734804135), -1},      // eleven digits count nothing
		{alert.OfInt(1773480413589000), -1}, // nor do sixteen
		{alert.OfBool(true), -1},
	} {
		got, ok := millis(c.v)
		if !ok {
			got = -1
		}
		if got != c.want {
			t.Errorf("%+v: %d, want %d", c.v, got, c.want)
		}
	}
}

// Law: what the hand-written reader takes is what the standard library takes
// of the same spelling, and gives the same millisecond.
func FuzzTextMillis(f *testing.F) {
	for _, s := range []string{"2026-03-14T09:26:53.589Z", "2024-02-29T23:59:59+01:00", "1999-12-31T00:00:00.1-11:30", "2026-02-30T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := time.Parse("2006-01-02T15:04:05Z07:00", s)
		got, ok := textMillis(s)
		ms := want.UnixMilli()
		if err == nil && ms >= minMillis && ms <= maxMillis && !strings.Contains(s, ",") && zoneInDay(s) && (!ok || got != ms) {
			t.Errorf("%q: %d %v, want %d", s, got, ok, ms)
		}
		if ok && (got < minMillis || got > maxMillis) {
			t.Errorf("%q: %d is out of range", s, got)
		}
	})
}

// zoneInDay tells that the zone, if any, is not the 24 hours which the
// standard library lets pass.
func zoneInDay(s string) bool {
	return len(s) < 6 || s[len(s)-6] != '+' && s[len(s)-6] != '-' || s[len(s)-5:len(s)-3] < "24" && s[len(s)-2:] < "60"
}
