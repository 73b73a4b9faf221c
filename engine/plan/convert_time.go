package plan

import (
	"math"
	"time"

	"github.com/sluice-lake/sluice/engine/alert"
)

// The range of times that can be stored: 1970-01-01 to 9999-12-31, in
// milliseconds since 1970 UTC.
const (
	minMillis = 0
	maxMillis = 253402300799999
)

// millis gives the time that v tells, in milliseconds since 1970 UTC. Text is
// RFC 3339 in all its spellings and Wazuh's own (a zone without a colon, none
// at all for UTC); a number tells by its digits whether it counts seconds (10)
// or milliseconds (13).
func millis(v alert.Value) (int64, bool) {
	switch v.Kind {
	case alert.Int:
		return digitsMillis(float64(int64(v.Num)), int64(v.Num), true)
	case alert.Float:
		return digitsMillis(math.Float64frombits(v.Num), 0, false)
	case alert.Text:
		if ms, ok := textMillis(v.Text); ok {
			return ms, true
		}
		if n, ok := alert.ParseNumber(v.Text); ok {
			return millis(n)
		}
	}
	return 0, false
}

func digitsMillis(f float64, i int64, whole bool) (int64, bool) {
	switch {
	case f >= 1e9 && f < 1e10 && whole:
		return i * 1000, true
	case f >= 1e9 && f < 1e10:
		return int64(math.Floor(f*1000 + 1e-4)), true // 1e-4 ms: what a float64 of seconds may be short by
	case f >= 1e12 && f < 1e13 && whole:
		return i, true
	case f >= 1e12 && f < 1e13:
		return int64(math.Floor(f)), true
	}
	return 0, false
}

// textMillis reads `2026-03-14T09:26:53[.589][Z|±hh[:][mm]]`, the T in either
// case or a space. It is written out by hand because every alert has one.
func textMillis(s string) (int64, bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' ||
		(s[10] != 'T' && s[10] != 't' && s[10] != ' ') {
		return 0, false
	}
	year, ok1 := number(s[0:4])
	month, ok2 := number(s[5:7])
	day, ok3 := number(s[8:10])
	hour, ok4 := number(s[11:13])
	minute, ok5 := number(s[14:16])
	second, ok6 := number(s[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	fraction, rest, ok := fractionMillis(s[19:])
	if !ok {
		return 0, false
	}
	offset, ok := zoneMinutes(rest)
	if !ok {
		return 0, false
	}
	days := daysSince1970(year, month, day)
	ms := ((days*24+int64(hour))*60+int64(minute)-int64(offset))*60_000 + int64(second)*1000 + int64(fraction)
	return ms, ms >= minMillis && ms <= maxMillis
}

// number reads decimal digits only.
func number(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// fractionMillis cuts what is finer than a millisecond off, as RFC 3339 leaves
// the number of digits open.
func fractionMillis(s string) (ms int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	i, scale := 1, 100
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		ms += int(s[i]-'0') * scale
		scale /= 10
	}
	return ms, s[i:], i > 1
}

// zoneMinutes reads the offset from UTC in minutes east: nothing, Z, ±hh,
// ±hhmm or ±hh:mm.
func zoneMinutes(s string) (int, bool) {
	if s == "" || s == "Z" || s == "z" {
		return 0, true
	}
	var mm string
	switch {
	case s[0] != '+' && s[0] != '-', len(s) < 3:
		return 0, false
	case len(s) == 3:
		mm = "00"
	case len(s) == 5:
		mm = s[3:]
	case len(s) == 6 && s[3] == ':':
		mm = s[4:]
	default:
		return 0, false
	}
	hours, ok1 := number(s[1:3])
	minutes, ok2 := number(mm)
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	if s[0] == '-' {
		return -(hours*60 + minutes), true
	}
	return hours*60 + minutes, true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince1970 counts days of the Gregorian calendar.
func daysSince1970(year, month, day int) int64 {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400
}
