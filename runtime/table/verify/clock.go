package verify

import (
	"fmt"
	"time"
)

// clock follows the column `time` through an object.
type clock struct {
	seen     bool
	last     int64
	from, to int64 // of the day, in milliseconds
}

func (c *clock) set(day string) {
	if t, err := time.Parse("20060102", day); err == nil {
		c.from, c.to = t.UnixMilli(), t.UnixMilli()+millisADay
	}
}

const millisADay = 24 * 60 * 60 * 1000

// look goes through the values of a special column, row by row.
func (c *column) look(defs []byte, n int) {
	next := 0
	for i := range n {
		row := c.before + c.from + int64(i)
		if defs != nil && defs[i] < c.leaf.maxDef {
			c.absent(row)
			continue
		}
		v := c.direct[next]
		next++
		if c.leaf.special == classLeaf {
			c.class(row, v)
		} else {
			c.time(row, v)
		}
	}
}

func (c *column) absent(row int64) {
	if c.leaf.special == timeLeaf && c.day != "" {
		c.add(Day, place{c.group, c.leaf.path, row}, "the row has no time", "give each event a time, by which it belongs to a day")
	}
}

func (c *column) class(row, uid int64) {
	if uid != c.report.Class {
		c.add(Class, place{c.group, c.leaf.path, row}, fmt.Sprintf("the row is of class %d, and those before it of %d", uid, c.report.Class), "write each class to a custom source of its own")
	}
}

// time judges the time of a row.
func (c *column) time(row, v int64) {
	if c.clock.seen && v < c.clock.last {
		c.add(Order, place{c.group, c.leaf.path, row}, "the row is earlier than the one before it", "sort the rows of an object by time")
	}
	c.clock.seen, c.clock.last = true, v
	if c.day == "" {
		return
	}
	ms := floorDiv(v, c.leaf.perMilli)
	if ms < c.clock.from || ms >= c.clock.to {
		day := dayOf(ms)
		what := fmt.Sprintf("the row is of the day %s (time is %d)", day, v)
		if ms > 0 && ms < 100_000_000_000 && dayOf(ms*1000) == c.day {
			what = fmt.Sprintf("time is %d, which is seconds: milliseconds are of the day %s", v, day)
		}
		c.add(Day, place{c.group, c.leaf.path, row}, what, "write each row into the partition of its time, in milliseconds and UTC")
	}
}

// dayOf is the UTC day of a time in milliseconds as YYYYMMDD.
func dayOf(ms int64) string {
	return time.UnixMilli(floorDiv(ms, millisADay) * millisADay).UTC().Format("20060102")
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
