package verify

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

// least is the least event of security_finding, as another program may write it.
type least struct {
	ActivityID  int32 `parquet:"activity_id"`
	CategoryUID int32 `parquet:"category_uid"`
	ClassUID    int32 `parquet:"class_uid"`
	Finding     struct {
		Title string `parquet:"title"`
		UID   string `parquet:"uid"`
	} `parquet:"finding"`
	Metadata struct {
		Product struct {
			Name   string `parquet:"name"`
			Vendor string `parquet:"vendor_name"`
		} `parquet:"product"`
		Version string `parquet:"version"`
	} `parquet:"metadata"`
	SeverityID int32 `parquet:"severity_id"`
	StateID    int32 `parquet:"state_id"`
	Time       int64 `parquet:"time"`
	TypeUID    int64 `parquet:"type_uid"`
}

func leastEvent() (e least) {
	e.ActivityID, e.CategoryUID, e.ClassUID, e.SeverityID, e.StateID, e.Time, e.TypeUID = 1, 2, 2001, 1, 1, noon, 200101
	e.Finding.Title, e.Finding.UID = "t", "1"
	e.Metadata.Product.Name, e.Metadata.Product.Vendor, e.Metadata.Version = "P", "V", "1.1.0"
	return e
}

// foreign writes rows as another program does.
func foreign[T any](t testing.TB, rows ...T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, parquet.Compression(&parquet.Zstd), by)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What other programs may write beside the least event.
type (
	unsignedColumn struct {
		least
		Count uint32 `parquet:"count"`
	}
	nanosColumn struct {
		least
		End time.Time `parquet:"end_time_dt,timestamp(nanosecond)"`
	}
	millisColumn struct {
		least
		End time.Time `parquet:"end_time_dt,timestamp"`
	}
	timestampColumn struct {
		least
		End time.Time `parquet:"end_time,timestamp"`
	}
	repeatedColumn struct {
		least
		NIST []string `parquet:"nist"`
	}
	listColumn struct {
		least
		NIST []string `parquet:"nist,list"`
	}
	numberColumn struct {
		least
		Message int32 `parquet:"message"`
	}
	uuidColumn struct {
		least
		Message [16]byte `parquet:"message,uuid"`
	}
	textColumn struct {
		least
		Unmapped string `parquet:"unmapped"`
	}
	objectColumn struct {
		least
		Unmapped struct {
			A string `parquet:"a"`
		} `parquet:"unmapped"`
	}
	entriesColumn struct {
		least
		Unmapped map[string]string `parquet:"unmapped"`
	}
	unknownColumn struct {
		least
		Mesage string `parquet:"mesage"`
	}
	partitionColumn struct {
		least
		Region string `parquet:"Region"`
	}
	twiceColumn struct {
		least
		Message string `parquet:"message"`
		Again   string `parquet:"Message"`
	}
	oldColumn struct {
		least
		End deprecated.Int96 `parquet:"end_time_dt"`
	}
)

// Law: columns that Athena or Glue cannot read are found, and those that cannot hold their
// attribute.
func TestColumnsOfOthers(t *testing.T) {
	e := leastEvent()
	at := time.UnixMilli(noon)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"least":     {foreign(t, e), ""},
		"unsigned":  {foreign(t, unsignedColumn{e, 1}), Types},
		"nanos":     {foreign(t, nanosColumn{e, at}), Types},
		"millis":    {foreign(t, millisColumn{e, at}), Events}, // it is of a profile that the event does not name
		"timestamp": {foreign(t, timestampColumn{e, at}), Events},
		"repeated":  {foreign(t, repeatedColumn{e, []string{"a"}}), Types},
		"list":      {foreign(t, listColumn{e, []string{"a"}}), ""},
		"number":    {foreign(t, numberColumn{e, 1}), Events},
		"uuid":      {foreign(t, uuidColumn{e, [16]byte{1}}), Types},
		"text":      {foreign(t, textColumn{e, "x"}), ""},
		"object":    {foreign(t, objectColumn{least: e}), ""},
		"map":       {foreign(t, entriesColumn{e, map[string]string{"a": "b"}}), ""},
		"unknown":   {foreign(t, unknownColumn{e, "m"}), Events},
		"partition": {foreign(t, partitionColumn{e, "m"}), Names + " " + Events},
		"twice":     {foreign(t, twiceColumn{e, "m", "n"}), Names + " " + Events},
		"int96":     {foreign(t, oldColumn{e, deprecated.Int96{}}), Types + " " + Events},
	} {
		want := strings.Fields(c.want)
		slices.Sort(want)
		if r := judged(t, c.data); broken(r) != strings.Join(want, " ") {
			t.Errorf("%s breaks %q, want %q:%s", name, broken(r), c.want, show(r))
		}
	}
}
