package lambda

import (
	"encoding/json"
	"io"
	"time"
)

const namespace = "Sluice"

// metric is one value of a line.
type metric struct{ Name, Unit string }

// metrics are one line in CloudWatch's embedded metric format: each value once, and
// what describes it. The dimensions are few, since AWS charges for every
// combination of their values.
type metrics struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	} `json:"_aws"`
	Service string `json:"service"`
	Source  string `json:"source"`

	RecordsIn, Taken, RowsOut, Rejected, Unmatched, Dropped int64

	BytesIn, BytesOut             int64
	ObjectsFailed, ObjectsSkipped int64
	ObjectsNoted                  int64
	DeadLetters                   int64
	MappingFailures               int64
	TransformMillis               int64
	ColdStart                     int64
	// Only calls to flush report CollectLag.
	CollectLag *int64 `json:",omitempty"`

	// RowsByMapping is not a metric, for each mapping would be one, and is found in the
	// log instead.
	RowsByMapping map[string]int64 `json:",omitempty"`
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

// units has the name and unit of every value of metrics.
var units = []metric{
	{"RecordsIn", "Count"}, {"Taken", "Count"}, {"RowsOut", "Count"}, {"Rejected", "Count"}, {"Unmatched", "Count"}, {"Dropped", "Count"},
	{"BytesIn", "Bytes"}, {"BytesOut", "Bytes"}, {"ObjectsFailed", "Count"}, {"ObjectsSkipped", "Count"}, {"ObjectsNoted", "Count"}, {"DeadLetters", "Count"},
	{"MappingFailures", "Count"}, {"TransformMillis", "Milliseconds"}, {"ColdStart", "Count"},
	{"CollectLag", "Seconds"},
}

// write writes the line with a single Write, since other goroutines may write too.
func (m *metrics) write(w io.Writer, now time.Time) error {
	m.AWS.Timestamp = now.UnixMilli()
	said := units
	if m.CollectLag == nil {
		said = units[:len(units)-1] // it is the last one
	}
	m.AWS.CloudWatchMetrics = []directive{{Namespace: namespace, Dimensions: [][]string{{"service", "source"}}, Metrics: said}}
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
