package timestamp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"
)

// MaxLayout is how long the text of a layout may be, in bytes.
const MaxLayout = 256

// ErrNoYear says that a layout without a year was used without a time near
// which it lies.
var ErrNoYear = errors.New("the layout has no year: give a time it is near to as third argument")

// Layout is how a time is written, in the letters of strptime. It is immutable
// and may be shared by goroutines.
type Layout struct {
	// Year says that the layout states the year, or seconds since 1970.
	Year   bool
	format string
	days   []statedDay
	point  byte // before %f: the library reads six digits, and texts have more
	offset bool // %z: the zone's name then decides nothing
}

// statedDay is a day of the month, or of the year, in a layout: what is before it there,
// and how many digits it has at most.
type statedDay struct {
	before string
	digits int
}

// composites are the letters that stand for several.
var composites = map[byte]string{
	'c': "%a %b %e %H:%M:%S %Y", 'v': "%e-%b-%Y", 'r': "%I:%M:%S %p", 'F': "%Y-%m-%d",
	'D': "%m/%d/%y", 'x': "%m/%d/%y", 'T': "%H:%M:%S", 'X': "%H:%M:%S", 'R': "%H:%M",
}

// letters are those with one meaning each. Week numbers, years of weeks and
// centuries name no day that a log would state.
const letters = "YymBbhAaawudejkHlIPpMSsfZztn%"

// NewLayout checks a layout. The error says what is wrong with it, in a
// sentence that names no file.
func NewLayout(format string) (*Layout, error) {
	if len(format) > MaxLayout {
		return nil, fmt.Errorf("the layout has %d bytes, at most %d are allowed", len(format), MaxLayout)
	}
	l := &Layout{}
	var out strings.Builder
	var seen [256]bool
	for rest := format; rest != ""; {
		before, after, found := strings.Cut(rest, "%")
		out.WriteString(before)
		if !found {
			break
		}
		letter, after, err := directive(after)
		if err != nil {
			return nil, err
		}
		if c := letter[len(letter)-1]; composites[c] != "" && len(letter) == 1 {
			rest = composites[c] + after
			continue
		}
		l.note(letter[len(letter)-1], &seen, out.String())
		out.WriteString("%" + letter)
		rest = after
	}
	l.format = out.String()
	l.Year = seen['Y'] || seen['y'] || seen['s']
	return l, l.complete(&seen)
}

// directive cuts one directive off, without its percent sign.
func directive(s string) (letter, rest string, err error) {
	colons := 0
	for colons < len(s) && s[colons] == ':' {
		colons++
	}
	switch {
	case colons == len(s):
		return "", "", errors.New("the layout ends in the middle of a directive: `%%` is a percent sign")
	case colons > 0 && (colons > 3 || s[colons] != 'z'):
		return "", "", fmt.Errorf("`%%%s` is not a directive; a zone with colons is `%%:z`", s[:colons+1])
	case strings.IndexByte(letters, s[colons]) < 0 && composites[s[colons]] == "":
		return "", "", fmt.Errorf("`%%%s` is not a directive that sluice reads; those are %s", s[colons:colons+1], Directives)
	}
	return s[:colons+1], s[colons+1:], nil
}

// Directives lists what a Layout may hold, for people.
const Directives = "%Y %y %m %B %b %h %d %e %j %H %k %I %l %p %P %M %S %f %s %z %:z %Z %A %a %u %w %F %D %x %T %X %R %r %c %v %n %t %%"

func (l *Layout) note(c byte, seen *[256]bool, before string) {
	seen[c] = true
	switch c {
	case 'd', 'e':
		l.days = append(l.days, statedDay{before, 2})
	case 'j':
		l.days = append(l.days, statedDay{before, 3})
	case 'f':
		if n := len(before); n > 0 && strings.IndexByte(".,:", before[n-1]) >= 0 {
			l.point = before[n-1]
		}
	case 'z':
		l.offset = true
	}
}

// complete checks that the layout names a day.
func (l *Layout) complete(seen *[256]bool) error {
	month := seen['m'] || seen['B'] || seen['b'] || seen['h']
	if seen['s'] || seen['j'] || month && (seen['d'] || seen['e']) {
		return nil
	}
	return errors.New("the layout does not say which day it is: it needs %d or %e with %m or %b, or %j, or %s")
}

// Parse gives the time that the text states in this layout, in milliseconds. A
// layout without a year takes the year in which the time lies nearest to near
// (milliseconds). A text without a zone is in UTC; of zone names it knows UTC
// and GMT, since the others mean different offsets in different places.
func (l *Layout) Parse(text string, near int64) (ms int64, ok bool) {
	if len(text) > MaxLayout {
		return 0, false
	}
	if l.Year {
		return l.parse(text, "")
	}
	year := time.UnixMilli(near).UTC().Year()
	for y := year - 1; y <= year+1; y++ {
		at, fits := l.parse(fmt.Sprintf("%04d ", y)+text, "%Y ")
		if fits && (!ok || distance(at, near) < distance(ms, near)) {
			ms, ok = at, true
		}
	}
	return ms, ok
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// parse reads a text before which a year may stand that the layout lacks.
func (l *Layout) parse(text, year string) (int64, bool) {
	t, err := timefmt.ParseInLocation(text, year+l.format, time.UTC)
	if err != nil && l.point != 0 {
		text = l.sixDigits(text)
		t, err = timefmt.ParseInLocation(text, year+l.format, time.UTC)
	}
	if err != nil {
		return 0, false
	}
	if name, _ := t.Zone(); !l.offset && name != "UTC" && name != "GMT" {
		return 0, false
	}
	for _, stated := range l.days {
		day := t.Day()
		if stated.digits == 3 {
			day = t.YearDay()
		}
		if !sameDay(day, text, year+stated.before, stated.digits) {
			return 0, false
		}
	}
	return inRange(t.UnixMilli())
}

// sixDigits leaves six digits of the fraction of a second.
func (l *Layout) sixDigits(text string) string {
	from := strings.LastIndexByte(text, l.point) + 1
	end := from
	for end < len(text) && isDigit(text[end]) {
		end++
	}
	return text[:min(from+6, end)] + text[end:]
}

// sameDay reports whether the day that the text states is the one that came out:
// the library takes April 31 for May 1, and the 366th day of any year for one. Only the first
// three days of a month can come about in this way.
func sameDay(day int, text, before string, most int) bool {
	if day > 3 {
		return true
	}
	for end := len(text); end >= 0; end-- {
		if _, err := timefmt.ParseInLocation(text[:end], before, time.UTC); err != nil {
			continue
		}
		stated := strings.TrimLeft(text[end:], " ")
		digits := 0
		for digits < min(most, len(stated)) && isDigit(stated[digits]) {
			digits++
		}
		n, _ := number(stated[:digits])
		return n == day
	}
	return false
}
