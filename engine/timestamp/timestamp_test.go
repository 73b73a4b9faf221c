package timestamp

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

const day = 1773480413589 // 2026-03-14T09:26:53.589Z

func TestParse(t *testing.T) {
	for text, want := range map[string]int64{
		"2026-03-14T09:26:53.589+0000":         day,
		"2026-03-14T09:26:53.589Z":             day,
		"2026-03-14t09:26:53.589z":             day,
		"2026-03-14 09:26:53.589":              day,
		"2026-03-14 09:26:53,589":              day,
		"2026-03-14 09:26:53.589 +0000":        day,
		"2026-03-14T09:26:53.5897":             day,
		"2026-03-14T09:26:53.589123456-00:00":  day,
		"2026-03-14T11:26:53.589+0200":         day,
		"2026-03-14T11:26:53.589+02:00":        day,
		"2026-03-14T11:26:53.589+02":           day,
		"2026-03-13T23:56:53.589-0930":         day,
		"20260314T092653.589Z":                 day,
		"20260314T112653.589+0200":             day,
		"20260314 092653.589":                  day,
		"2026-03-14T09:26:53Z":                 day - 589,
		"2026-03-14T09:26:53.5Z":               day - 89,
		"2026-03-14":                           1773446400000,
		"20260314":                             1773446400000,
		"2024-02-29T00:00:00Z":                 1709164800000,
		"1970-01-01T00:00:00Z":                 0,
		"9999-12-31T23:59:59.999Z":             Max,
		"2016-12-31T23:59:60Z":                 1483228800000, // a leap second is the next one
		"2026-03-14T09:26:53.9999999999999999": day - 589 + 999,
	} {
		if got, ok := Parse(text); !ok || got != want {
			t.Errorf("%q: %d %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "2026", "2026-03", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-03-00",
		"2026-03-14T24:00:00Z", "2026-03-14T09:60:00Z", "2026-03-14T09:26:61Z", "2026-03-14T09:26:53.Z", "2026-03-14T09:26:53+2",
		"2026-03-14T09:26:53+2400", "2026-03-14T09:26:53 UTC", "2026-03-14T", "2026-03-14T09:26", "2026-03-1409:26:53",
		"2026-0314T09:26:53Z", "20260314T09:26:53Z", "2026-03-14T092653Z", "1969-12-31T23:59:59Z", "1970-01-01T00:30:00+0100",
		"9999-12-31T23:59:59-0100", "yesterday", "２026-03-14", "2026-03-14T09:26:53Z ", " 2026-03-14", "2026-3-14", "2026-03-1", "2026-03.14",
	} {
		if got, ok := Parse(text); ok {
			t.Errorf("%q: read as %d, but states no time", text, got)
		}
	}
}

// Law: an offset is the same in each of its spellings, and moves the time by its hours and
// minutes.
func TestOffsets(t *testing.T) {
	for offset := range 24 * 60 {
		h, m := offset/60, offset%60
		spelled := []string{fmt.Sprintf("%02d%02d", h, m), fmt.Sprintf("%02d:%02d", h, m)}
		if m == 0 {
			spelled = append(spelled, fmt.Sprintf("%02d", h))
		}
		for _, s := range spelled {
			east, ok1 := Parse("2026-03-14T09:26:53.589+" + s)
			west, ok2 := Parse("2026-03-14T09:26:53.589-" + s)
			if moved := int64(offset) * 60_000; !ok1 || !ok2 || east != day-moved || west != day+moved {
				t.Errorf("±%s: %d %v, %d %v", s, east, ok1, west, ok2)
			}
		}
	}
	for _, s := range []string{"+2400", "-24:00", "+0060", "-00:60", "+99", "+010:", "+1:00"} {
		if got, ok := Parse("2026-03-14T09:26:53.589" + s); ok {
			t.Errorf("%s: read as %d", s, got)
		}
	}
}

// Law: a number is read as its decimal digits are.
func TestNumbersAreTheirDigits(t *testing.T) {
	for _, edge := range []float64{0, 1, -day, 1e9, 1e10, 1e12, 1e13, 1e15, 1e16, 1e18, 1e19, day, 1773480413.589, math.Inf(1), math.NaN()} {
		for _, f := range []float64{math.Nextafter(edge, 0), edge, math.Nextafter(edge, math.Inf(1))} {
			want, wantOK := Digits(strconv.FormatFloat(f, 'f', -1, 64))
			if got, ok := OfFloat(f); got != want && ok || ok != wantOK {
				t.Errorf("%v: %d %v, want %d %v", f, got, ok, want, wantOK)
			}
		}
	}
}

func TestDigits(t *testing.T) {
	for text, want := range map[string]int64{
		"1773480413":             day - 589,
		"1773480413.589":         day,
		"1773480413.5899999":     day,
		"1773480413589":          day,
		"1773480413589.75":       day,
		"1773480413589123":       day,
		"1773480413589123.5":     day,
		"1773480413589123456":    day,
		"1646868143.3117971548":  1646868143311,
		"9999999999":             9999999999000,
		"1000000000000000000.25": 1000000000000,
	} {
		if got, ok := Digits(text); !ok || got != want {
			t.Errorf("%s: %d %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "0", "1", "999999999", "17734804135", "999999999999", "17734804135891", "-1773480413", "+1773480413",
		"01773480413", "1773480413.", "1773480413.5e3", "1.773480413e9", "0x1773480413", "99999999999999999999", "1_773480413"} {
		if got, ok := Digits(text); ok {
			t.Errorf("%s: read as %d, but states no time", text, got)
		}
	}
	if got, ok := OfInt(day); !ok || got != day {
		t.Errorf("OfInt: %d %v", got, ok)
	}
	if got, ok := OfFloat(1773480413.589); !ok || got != day {
		t.Errorf("OfFloat: %d %v", got, ok)
	}
}

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		format, text, near, want string // want "": not convertible
	}{
		{"%d/%b/%Y:%H:%M:%S %z", "14/Mar/2026:10:26:53 +0100", "", "2026-03-14T09:26:53.000Z"},
		{"%b %e %H:%M:%S", "Mar  4 09:26:53", "2026-03-14", "2026-03-04T09:26:53.000Z"},
		{"%b %e %H:%M:%S", "Dec 31 23:59:58", "2026-01-01T00:00:03Z", "2025-12-31T23:59:58.000Z"},
		{"%b %e %H:%M:%S", "Jan  1 00:00:03", "2025-12-31T23:59:58Z", "2026-01-01T00:00:03.000Z"},
		{"%b %e %H:%M:%S", "Feb 29 12:00:00", "2024-07-01", "2024-02-29T12:00:00.000Z"},
		{"%b %e %H:%M:%S", "Feb 29 12:00:00", "2026-07-01", ""},
		{"%b %e %H:%M:%S", "Jan  1 00:00:00", "2025-07-02T12:00:00Z", "2025-01-01T00:00:00.000Z"}, // as near as that of 2026
		{strings.Repeat("%%", 120) + "%F", strings.Repeat("%", 120) + "2026-03-14", "", "2026-03-14T00:00:00.000Z"},
		{"%F" + strings.Repeat("%n", 120), "2026-03-14" + strings.Repeat("\n", 250), "", ""},
		{"%F %T.%f", "2026-03-14 09:26:53.589123", "", "2026-03-14T09:26:53.589Z"},
		{"%m/%d/%Y %I:%M:%S %p", "03/14/2026 09:26:53 PM", "", "2026-03-14T21:26:53.000Z"},
		{"%a %b %e %H:%M:%S %Y", "Sat Mar 14 09:26:53 2026", "", "2026-03-14T09:26:53.000Z"},
		{"%c", "Sat Mar 14 09:26:53 2026", "", "2026-03-14T09:26:53.000Z"},
		{"%Y.%j", "2026.073", "", "2026-03-14T00:00:00.000Z"},
		{"%Y %j", "2024 366", "", "2024-12-31T00:00:00.000Z"},
		{"%Y %j", "2026 366", "", ""},
		{"%Y %j", "2027 001", "", "2027-01-01T00:00:00.000Z"},
		{"%j %T", "366 23:59:58", "2026-01-01", ""},
		{"%j %T", "366 23:59:58", "2025-01-01", "2024-12-31T23:59:58.000Z"},
		{"%Y-%m-%d %j", "2026-03-01 060", "", "2026-03-01T00:00:00.000Z"},
		{"%s", "1773480413", "", "2026-03-14T09:26:53.000Z"},
		{"%F %T.%f", "2026-03-14 09:26:53.5891239", "", "2026-03-14T09:26:53.589Z"},
		{"%m/%d/%Y %I:%M:%S,%f %p", "03/14/2026 09:26:53,589123456789 PM", "", "2026-03-14T21:26:53.589Z"},
		{"%b %e %T.%f", "Mar 14 09:26:53.589123456", "2026-03-14", "2026-03-14T09:26:53.589Z"},
		{"%s.%f", "1773480413.589123456", "", "2026-03-14T09:26:53.589Z"},
		{"%d.%m.%Y %T.%f", "14.03.2026 09:26:53.123456789", "", "2026-03-14T09:26:53.123Z"},
		{"%f.%s", "5891234567.1773480413", "", ""},
		{".%f.%s", ".589123.1773480413", "", "2026-03-14T09:26:53.589Z"},
		{"%F %T %Z", "2026-03-14 09:26:53 GMT", "", "2026-03-14T09:26:53.000Z"},
		{"%F %T %Z", "2026-03-14 09:26:53 EST", "", ""}, // which of the zones called EST?
		{"%F %T %z (%Z)", "2026-03-14 04:26:53 -0500 (EST)", "", "2026-03-14T09:26:53.000Z"},
		{"%F", "2026-02-30", "", ""},
		{"%F", "2026-02-28", "", "2026-02-28T00:00:00.000Z"},
		{"%d/%m/%y", "31/04/26", "", ""},
		{"%d/%m/%y", "01/05/26", "", "2026-05-01T00:00:00.000Z"},
		{"%e %B %Y", " 1 May 2026", "", "2026-05-01T00:00:00.000Z"},
		{"%F", "1969-12-31", "", ""},
		{"%F", "2026-03-14 and more", "", ""},
		{"%H:%M:%S on %d.%m.%Y", "01:02:03 on 31.06.2026", "", ""},
	} {
		l, err := NewLayout(c.format)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		near, _ := Parse(c.near)
		got := ""
		if ms, ok := l.Parse(c.text, near); ok {
			got = string(AppendText(nil, ms))
		}
		if got != c.want {
			t.Errorf("%s of %q near %q: %q, want %q", c.format, c.text, c.near, got, c.want)
		}
	}
}

func TestBadLayouts(t *testing.T) {
	for format, want := range map[string]string{
		"%":                       "ends in the middle",
		"%Y-%m-%d %":              "ends in the middle",
		"%Y-%m-%Q":                "`%Q` is not a directive",
		"%Y-%m-%d %::":            "ends in the middle",
		"%Y-%m-%d %:H":            "a zone with colons is `%:z`",
		"%G-%V":                   "`%G` is not a directive",
		"yyyy-MM-dd":              "does not say which day",
		"%H:%M:%S":                "does not say which day",
		"%Y-%m":                   "does not say which day",
		"%d":                      "does not say which day",
		strings.Repeat("%%", 200): "at most 256",
	} {
		if _, err := NewLayout(format); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", format, err, want)
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		Parse("2026-03-14T09:26:53.589+0000")
		Digits("1773480413.589")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Law: what the standard library reads of the same spelling, Parse reads as the
// same millisecond; whatever Parse gives is in range and reads back the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-03-14T09:26:53.589Z", "2024-02-29T23:59:59+01:00", "1999-12-31T00:00:00.1-11:30", "2026-02-30T00:00:00Z", "20260314T092653Z", "2026-03-14"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := time.Parse("2006-01-02T15:04:05Z07:00", s)
		got, ok := Parse(s)
		ms := want.UnixMilli()
		if err == nil && ms >= Min && ms <= Max && byTheLetter(s) && (!ok || got != ms) {
			t.Errorf("%q: %d %v, want %d", s, got, ok, ms)
		}
		if !ok {
			return
		}
		if again, ok := Parse(string(AppendText(nil, got))); !ok || again != got || got < Min || got > Max {
			t.Errorf("%q: %d reads back as %d", s, got, again)
		}
	})
}

// byTheLetter tells that the zone, if any, is not the 24 hours which the
// standard library accepts.
// The library reads hours of one digit, too, which RFC 3339 does not have.
func byTheLetter(s string) bool {
	return len(s) > 13 && s[13] == ':' && (len(s) < 6 || s[len(s)-6] != '+' && s[len(s)-6] != '-' || s[len(s)-5:len(s)-3] < "24" && s[len(s)-2:] < "60")
}

// Laws: NewLayout and Parse never panic, and what the standard library writes
// in a layout comes back as the same second, with a year or near one.
func FuzzLayout(f *testing.F) {
	f.Add("%d/%b/%Y:%H:%M:%S %z", "14/Mar/2026:10:26:53 +0100", int64(day))
	f.Add("%b %e %H:%M:%S", "Feb 29 12:00:00", int64(day))
	f.Add("%:z%::z%s%j%p", "x", int64(0))
	f.Fuzz(func(t *testing.T, format, text string, near int64) {
		if l, err := NewLayout(format); err == nil {
			if ms, ok := l.Parse(text, near); ok && (ms < Min || ms > Max) {
				t.Errorf("%q of %q: %d is out of range", format, text, ms)
			}
		}
		if near < Min || near > Max {
			return
		}
		second := near / 1000 * 1000
		at := time.UnixMilli(second).UTC()
		for format, spelled := range map[string]string{
			"%d/%b/%Y:%H:%M:%S %z": "02/Jan/2006:15:04:05 -0700", "%b %e %H:%M:%S": "Jan _2 15:04:05", "%F %T": "2006-01-02 15:04:05",
		} {
			l, err := NewLayout(format)
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := l.Parse(at.Format(spelled), near); (!ok || got != second) && (l.Year || at.Year() < 9999 && at.Year() > 1970) {
				t.Errorf("%s of %q: %d %v, want %d", format, at.Format(spelled), got, ok, second)
			}
		}
	})
}
