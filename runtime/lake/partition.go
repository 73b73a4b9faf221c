package lake

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// Partition is the folder of the lake that a row belongs to. It holds the rows of one
// custom source, and so of one OCSF class, for one day.
type Partition struct {
	Source, Region, Account string
	// Day counts days since 1970-01-01 UTC: see DayOf.
	Day int32
}

const dayMillis = 24 * 60 * 60 * 1000

// DayOf returns the UTC day, counted from 1970-01-01, of a time in milliseconds. It
// rounds down, so the last millisecond of 1969 is in day -1.
func DayOf(ms int64) int32 {
	day := ms / dayMillis
	if ms%dayMillis < 0 {
		day--
	}
	return int32(day)
}

// Key returns the object's key in the lake, or its slash-separated path in a local
// output. Security Lake's crawler reads the partition values from it, so its form is
// fixed: no leading slash, the day as YYYYMMDD.
func (p Partition) Key(name string) string {
	return p.folder() + name + objectEnd
}

// folder is the beginning of the keys of all its objects.
func (p Partition) folder() string {
	return "ext/" + p.Source + "/region=" + p.Region + "/accountId=" + p.Account + "/eventDay=" + Date(p.Day) + "/"
}

const objectEnd = ".parquet"

// CheckValue returns an error unless a value may be part of a key. What names the setting
// in the error, such as "--source" or SOURCE_LOCATION.
func CheckValue(what, value string) error {
	if wrong := spelling.InKey(value); wrong != "" {
		return fmt.Errorf("%s %s", what, wrong)
	}
	return nil
}
