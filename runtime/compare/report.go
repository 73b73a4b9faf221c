package compare

// Report is a comparison as it is shown. The fields' names in JSON are those of the
// command line.
type Report struct {
	Counts
	Moves      []Move      `json:"moves"`      // the most frequent first
	Attributes []Attribute `json:"attributes"` // in the order of their paths
	Columns    []Column    `json:"columns"`    // of the tables
}

// Differ reports whether anything differs.
func (r *Report) Differ() bool { return r.Changed+r.Moved > 0 || len(r.Columns) > 0 }

// Move counts alerts of which something else becomes.
type Move struct {
	Old      string    `json:"old"` // event, reject, unmatched or dropped
	New      string    `json:"new"`
	Count    int64     `json:"count"`
	Examples []Example `json:"examples"`
}

// Attribute counts the differences of one attribute. Its path has no positions in
// lists.
type Attribute struct {
	Path     string    `json:"path"`
	Added    int64     `json:"added"`
	Removed  int64     `json:"removed"`
	Changed  int64     `json:"changed"`
	Examples []Example `json:"examples"`
}

// Example is one difference. Values are JSON, "" where there is none; of a move they
// are the reason of a reject, or the mappings.
type Example struct {
	Origin string `json:"origin"`
	Line   int64  `json:"line"`
	Old    string `json:"old"`
	New    string `json:"new"`
}

// Column is a difference between the tables that the two sets fill.
type Column struct {
	Source string `json:"source"`
	Path   string `json:"path"`
	What   string `json:"what"`
	Breaks bool   `json:"breaks"` // a table of AWS Glue cannot hold files of both
}
