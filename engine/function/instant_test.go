package function

import (
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Package timestamp has the spellings; here is which kinds of values reach it.
func TestInstant(t *testing.T) {
	const day = 1773480413589 // 2026-03-14T09:26:53.589Z
	for _, c := range []struct {
		v    alert.Value
		want int64 // -1: no time
	}{
		{alert.OfText("2026-03-14T09:26:53.589+0000"), day},
		{alert.OfText("2026-03-14"), day - day%86_400_000},
		{alert.OfText("1773480413.589"), day},
		{alert.OfText("1773480413589"), day},
		{alert.OfInt(1773480413), day - 589},
		{alert.OfInt(day), day},
		{alert.OfInt(1773480413589000), day},
		{alert.OfInt(1773480413589000000), day},
		{alert.OfFloat(1773480413.589), day},

		{alert.OfText("yesterday"), -1},
		{alert.OfInt(0), -1},
		{alert.OfInt(-1773480413), -1},
		{alert.OfInt(17734804135), -1}, // eleven digits count nothing
		{alert.OfFloat(1.5), -1},
		{alert.OfBool(true), -1},
		{alert.Value{}, -1},
	} {
		got, ok := Instant(c.v)
		if !ok {
			got = -1
		}
		if got != c.want {
			t.Errorf("%+v: %d, want %d", c.v, got, c.want)
		}
	}
}
