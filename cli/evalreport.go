package cli

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
)

// evaluationJSON is the JSON of `sluice eval --json`.
type evaluationJSON struct {
	Value json.RawMessage `json:"value"` // null when it gave nothing
	Kind  string          `json:"kind"`
	Error string          `json:"error,omitempty"`
	fromJSON
	Origin string `json:"origin,omitempty"`
	Line   int64  `json:"line,omitempty"`
}

func evalJSON(w io.Writer, one oneAlert, got engine.Evaluation) error {
	return writeJSON(w, evaluationJSON{raw(got.Value), kindName(got.Kind), got.Error, fromOf(got.From), one.origin, one.number})
}

// evalText prints an evaluation for people: the value, and below it what was read.
func evalText(w io.Writer, p paint, one oneAlert, got engine.Evaluation) error {
	t := &explainer{sheet{p: p}}
	if one.origin != "" {
		t.line("%s", p.dim(one.place()))
	}
	switch {
	case got.Error != "":
	case got.Kind == alert.Nil:
		t.line("%s", p.green("nil"))
	default:
		t.line("%s  %s", p.green(cleanLines(laidOut(got.Value))), p.dim("("+kindName(got.Kind)+")"))
	}
	t.from(got.From)
	return t.writeTo(w)
}

// laidOut breaks long JSON into lines.
func laidOut(value string) string {
	const widest = 76
	var b bytes.Buffer
	if len(value) <= widest || json.Indent(&b, []byte(value), "", "  ") != nil {
		return value
	}
	return b.String()
}

// kindName is the kind of a value in one word.
func kindName(k alert.Kind) string {
	return [...]string{"nil", "boolean", "integer", "float", "text", "list", "object"}[k]
}
