package main

import (
	"strconv"

	"github.com/parquet-go/parquet-go"
)

// severities are the values of the column, by severity_id.
var severities = [6]parquet.Value{
	literal("Unknown").Level(0, 1, severity), literal("Informational").Level(0, 1, severity),
	literal("Low").Level(0, 1, severity), literal("Medium").Level(0, 1, severity),
	literal("High").Level(0, 1, severity), literal("Critical").Level(0, 1, severity),
}

func severityOf(level int32, ok bool) int32 {
	switch {
	case !ok || level < 0:
		return 0
	case level >= 15:
		return 5
	case level >= 11:
		return 4
	case level >= 8:
		return 3
	case level >= 4:
		return 2
	}
	return 1
}

// int32Of reads an integer as Wazuh writes it; any other is left to strconv.
func int32Of(b []byte) (int32, bool) {
	if len(b) == 0 {
		return 0, false
	}
	n := int32(0)
	for i, c := range b {
		if c < '0' || c > '9' || i > 8 {
			long, err := strconv.ParseInt(string(b), 10, 32)
			return int32(long), err == nil
		}
		n = n*10 + int32(c-'0')
	}
	return n, true
}

// milliseconds reads 2006-01-02T15:04:05.000-0700, with Z or +00:00 for the zone,
// and with any fraction or none.
func milliseconds(b []byte) (int64, bool) {
	if len(b) < len("2006-01-02T15:04:05") || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	year, month, day := digits(b[0:4]), digits(b[5:7]), digits(b[8:10])
	hour, minute, second := digits(b[11:13]), digits(b[14:16]), digits(b[17:19])
	if year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, false
	}
	b = b[19:]
	fraction := int64(0)
	if len(b) > 0 && b[0] == '.' {
		b = b[1:]
		scale := int64(100)
		for len(b) > 0 && b[0] >= '0' && b[0] <= '9' {
			fraction += int64(b[0]-'0') * scale
			scale /= 10
			b = b[1:]
		}
	}
	offset, ok := zone(b)
	seconds := daysBefore(year, month, day)*86400 + hour*3600 + minute*60 + second - offset
	return seconds*1000 + fraction, ok
}

// zone is the seconds that the zone is ahead of UTC.
func zone(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	sign := int64(1)
	if b[0] == '-' {
		sign = -1
	} else if b[0] != '+' {
		return 0, false
	}
	b = b[1:]
	if len(b) == 5 && b[2] == ':' {
		b = []byte{b[0], b[1], b[3], b[4]}
	}
	if len(b) != 4 {
		return 0, false
	}
	hours, minutes := digits(b[:2]), digits(b[2:])
	return sign * (hours*3600 + minutes*60), hours >= 0 && minutes >= 0
}

// digits reads a number without a sign, -1 if there is anything else.
func digits(b []byte) int64 {
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// daysBefore counts the days since 1970 by the Gregorian calendar, years that
// begin in March.
func daysBefore(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}
