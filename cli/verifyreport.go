package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/sluice-lake/sluice/runtime/lake/audit"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// verificationSum is what `verify --json` prints behind the faults, which it prints as they
// are found.
type verificationSum struct {
	audit.Summary
	// Compared is set if all that was judged was compared with manifests.
	Compared bool    `json:"compared"`
	Complete bool    `json:"complete"`
	Seconds  float64 `json:"seconds"`
}

// verifyReport prints faults as they come.
type verifyReport struct {
	verificationSum
	app   *app
	json  io.Writer // nil for text
	begun bool
}

func (a *app) newVerifyReport(asJSON bool) *verifyReport {
	r := &verifyReport{app: a}
	r.Compared = true
	if asJSON {
		r.json = a.data()
	}
	return r
}

func (r *verifyReport) sum(s *audit.Summary, compared bool) {
	r.Compared = r.Compared && compared
	r.Objects, r.Rows, r.Bytes, r.PlainBytes = r.Objects+s.Objects, r.Rows+s.Rows, r.Bytes+s.Bytes, r.PlainBytes+s.PlainBytes
	r.Own, r.Others, r.Faults, r.Advice, r.Gone = r.Own+s.Own, r.Others+s.Others, r.Faults+s.Faults, r.Advice+s.Advice, r.Gone+s.Gone
}

func (r *verifyReport) add(f *verify.Fault) error {
	if r.json == nil {
		return r.line(f).writeTo(r.app.Out)
	}
	text, err := marshal(f)
	if err == nil {
		_, err = r.json.Write(append(r.before(), text...))
	}
	return err
}

// before is what comes before a fault in JSON.
func (r *verifyReport) before() []byte {
	if r.begun {
		return []byte(",\n")
	}
	r.begun = true
	return []byte(`{"found":[`)
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// line is a fault as text.
func (r *verifyReport) line(f *verify.Fault) *sheet {
	s := &sheet{p: r.app.paint(r.app.Out)}
	kind := s.p.red("fault ")
	if f.Advice {
		kind = s.p.yellow("advice")
	}
	at := clean("")
	if f.Group >= 0 {
		at += sprintf("row group %d, ", f.Group)
	}
	if f.Column != "" {
		at += sprintf("column %s, ", f.Column)
	}
	if f.Row >= 0 {
		at += sprintf("row %d, ", f.Row)
	}
	if at != "" {
		at = at[:len(at)-2] + ": "
	}
	times := ""
	if f.Times > 1 {
		times = fmt.Sprintf(" (%d times)", f.Times)
	}
	s.line("%s %s: %s%s%s; %s [%s: %s]", kind, f.Object, at, f.What, times, f.Do, f.Of, f.Demand)
	return s
}

// end prints the sum.
func (r *verifyReport) end(complete bool) error {
	r.Complete, r.Seconds = complete, r.app.elapsed().Seconds()
	if r.json == nil {
		return r.text().writeTo(r.app.Out)
	}
	text, err := marshal(r.verificationSum)
	if err != nil {
		return err
	}
	begin := []byte{}
	if !r.begun {
		begin = r.before()
	}
	_, err = r.json.Write(append(append(append(begin, "],"...), text[1:]...), '\n'))
	return err
}

func (r *verifyReport) text() *sheet {
	s := &sheet{p: r.app.paint(r.app.Out)}
	verdict := s.p.green("no faults")
	switch {
	case r.Faults > 0:
		verdict = s.p.red(plural(int(r.Faults), "fault"))
	case r.Objects == 0:
		verdict = "nothing was judged"
	}
	if r.Advice > 0 {
		verdict += sprintf(", and advice in %s", plural(int(r.Advice), "case"))
	}
	s.line("%s with %d rows, %s, %s unpacked: %s", plural(int(r.Objects), "object"), r.Rows, size(r.Bytes), size(r.PlainBytes), verdict)
	if r.Others > 0 {
		s.line("%s by other programs than sluice, of which only the demands of Security Lake and OCSF were judged", plural(int(r.Others), "object"))
	}
	if r.Gone > 0 {
		s.line("%s replaced or removed meanwhile, and not judged", plural(int(r.Gone), "object"))
	}
	if !r.Compared && r.Own > 0 {
		s.line("not compared with manifests: name the rejects of the runs that wrote the lake with --rejects")
	}
	return s
}
