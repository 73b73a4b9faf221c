package lambda

import (
	"encoding/json"
	"io"
	"time"
)

const (
	namespace = "Sluice"
	service   = "sluice"
)

// metric is one value of a line.
type metric struct{ Name, Unit string }

// metrics are one line in the embedded metric format of CloudWatch: each value
// once, and what describes it. The dimensions are few on purpose, since every
// combination of their values is a metric that costs.
type metrics struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	} `json:"_aws"`
	Service string `json:"service"`
	Source  string `json:"source"`

	RecordsIn, RowsOut, Rejected, Unmatched int64
	BytesIn, BytesOut                       int64
	ObjectsFailed, ObjectsSkipped           int64
	MappingFailures                         int64
	TransformMillis                         int64
	ColdStart                               int64
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

// units describe every value that metrics has.
var units = []metric{
	{"RecordsIn", "Count"}, {"RowsOut", "Count"}, {"Rejected", "Count"}, {"Unmatched", "Count"},
	{"BytesIn", "Bytes"}, {"BytesOut", "Bytes"}, {"ObjectsFailed", "Count"}, {"ObjectsSkipped", "Count"},
	{"MappingFailures", "Count"}, {"TransformMillis", "Milliseconds"}, {"ColdStart", "Count"},
}

// write writes the metrics as one line, in one piece: other goroutines log.
func (m *metrics) write(w io.Writer, now time.Time) error {
	m.AWS.Timestamp = now.UnixMilli()
	m.AWS.CloudWatchMetrics = []directive{{Namespace: namespace, Dimensions: [][]string{{"service", "source"}}, Metrics: units}}
	m.Service = service
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
