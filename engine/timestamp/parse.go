package timestamp

import "time"

// The range that Parse, Digits and Layout.Parse accept, in milliseconds since
// 1970 UTC: 1970-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z.
const (
	Min = 0
	Max = 253402300799999
)

// Parse gives the time that the text states. It accepts
//
//	2026-03-14T09:26:53.589Z   the T and the Z in either case, a blank for the T,
//	                           a point or a comma, any number of digits behind it
//	2026-03-14T09:26:53+0100   ±hh, ±hhmm and ±hh:mm, a blank before them
//	2026-03-14T09:26:53        no zone: UTC
//	2026-03-14                 a date alone: midnight
//	20260314T092653Z           the basic form, with the same variants
//
// A leap second counts as the first second of the next minute. Parse allocates
// nothing.
func Parse(s string) (ms int64, ok bool) {
	day, rest, ok := date(s)
	if !ok {
		return 0, false
	}
	if rest == "" {
		return inRange(day * 86_400_000)
	}
	if c := rest[0]; c != 'T' && c != 't' && c != ' ' {
		return 0, false
	}
	second, rest, ok := clock(rest[1:], s[4] == '-')
	if !ok {
		return 0, false
	}
	fraction, rest, ok := fraction(rest)
	if !ok {
		return 0, false
	}
	offset, ok := zone(rest)
	if !ok {
		return 0, false
	}
	return inRange(day*86_400_000 + (second-offset)*1000 + fraction)
}

func inRange(ms int64) (int64, bool) { return ms, ms >= Min && ms <= Max }

// date reads YYYY-MM-DD or YYYYMMDD and gives the day's number since 1970.
func date(s string) (day int64, rest string, ok bool) {
	if len(s) < 8 {
		return 0, "", false
	}
	m, d, end := s[4:6], s[6:8], 8
	if s[4] == '-' {
		if len(s) < 10 || s[7] != '-' {
			return 0, "", false
		}
		m, d, end = s[5:7], s[8:10], 10
	}
	year, ok1 := number(s[:4])
	month, ok2 := number(m)
	dayOfMonth, ok3 := number(d)
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysIn(year, month) {
		return 0, "", false
	}
	return daysSince1970(year, month, dayOfMonth), s[end:], true
}

// clock reads hh:mm:ss, or hhmmss in the basic form, in seconds of the day.
func clock(s string, extended bool) (second int64, rest string, ok bool) {
	var hh, mm, ss string
	switch {
	case extended && len(s) >= 8 && s[2] == ':' && s[5] == ':':
		hh, mm, ss, rest = s[:2], s[3:5], s[6:8], s[8:]
	case !extended && len(s) >= 6:
		hh, mm, ss, rest = s[:2], s[2:4], s[4:6], s[6:]
	default:
		return 0, "", false
	}
	h, ok1 := number(hh)
	m, ok2 := number(mm)
	sec, ok3 := number(ss)
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || sec > 60 {
		return 0, "", false
	}
	return int64(h*3600 + m*60 + sec), rest, true
}

// fraction reads the digits after a point or comma, in whole milliseconds.
func fraction(s string) (ms int64, rest string, ok bool) {
	if s == "" || s[0] != '.' && s[0] != ',' {
		return 0, s, true
	}
	end := 1
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	return millisOf(s[1:end]), s[end:], end > 1
}

// millisOf reads the digits of a fraction of a second.
func millisOf(digits string) (ms int64) {
	for i, scale := 0, int64(100); i < len(digits) && scale > 0; i++ {
		ms += int64(digits[i]-'0') * scale
		scale /= 10
	}
	return ms
}

// zone reads the offset from UTC, in seconds east: nothing, Z, ±hh, ±hhmm or
// ±hh:mm, with a blank before it or without.
func zone(s string) (seconds int64, ok bool) {
	if len(s) > 1 && s[0] == ' ' {
		s = s[1:]
	}
	if s == "" || s == "Z" || s == "z" {
		return 0, true
	}
	if s[0] != '+' && s[0] != '-' || len(s) < 3 {
		return 0, false
	}
	mm := "00"
	switch {
	case len(s) == 5:
		mm = s[3:]
	case len(s) == 6 && s[3] == ':':
		mm = s[4:]
	case len(s) != 3:
		return 0, false
	}
	h, ok1 := number(s[1:3])
	m, ok2 := number(mm)
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, false
	}
	if s[0] == '-' {
		return -int64(h*3600 + m*60), true
	}
	return int64(h*3600 + m*60), true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads decimal digits only.
func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
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

// AppendText appends the time as RFC 3339 text in UTC, with milliseconds.
func AppendText(dst []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
}
