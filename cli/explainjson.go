package cli

import (
	"encoding/json"
	"io"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/lazyregexp"
	"github.com/sluice-lake/sluice/runtime/source"
)

// The JSON of an explanation: `sluice explain --format json`. Names are part of
// the command line's contract. Asked, Attributes and Unmapped are there even when
// empty; other empty fields are left out.
type explanationJSON struct {
	Origin    string        `json:"origin,omitempty"`
	Line      int64         `json:"line,omitempty"`
	Rejected  *rejectedJSON `json:"rejected,omitempty"`  // of a line of a reject file: what was said then
	Shortened int64         `json:"shortened,omitempty"` // bytes of the line, if it is over the limit and this is about a short form of it
	Outcome   string        `json:"outcome"`             // event, reject, unmatched or dropped
	Mapping   string        `json:"mapping,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	Where     string        `json:"where,omitempty"`     // of the rule behind a reject
	Attribute string        `json:"attribute,omitempty"` // that it gives
	Asked     []askedJSON   `json:"asked"`
	madeJSON
	Also []alsoJSON `json:"also,omitempty"` // the further events of an alert that gives several
}

// madeJSON is what one mapping made of an alert.
type madeJSON struct {
	Transforms []transformJSON `json:"transforms,omitempty"`
	Attributes []attributeJSON `json:"attributes"` // as the rules made them
	Unmapped   []leftoverJSON  `json:"unmapped"`
	Hidden     int             `json:"hidden,omitempty"` // elements and entries that are left out
	Event      json.RawMessage `json:"event,omitempty"`
}

type alsoJSON struct {
	Mapping string `json:"mapping"`
	madeJSON
}

type rejectedJSON struct {
	Reason    string `json:"reason"`
	Where     string `json:"where,omitempty"`
	Attribute string `json:"attribute,omitempty"`
}

// rejectPlace is the place of a reject file, with the attribute behind a blank.
var rejectPlace = lazyregexp.MustCompile(`^(.*:[0-9]+:[0-9]+) (.*)$`)

func rejectedOf(r *source.Reject) *rejectedJSON {
	if m := rejectPlace().FindStringSubmatch(r.Where); m != nil {
		return &rejectedJSON{r.Reason, m[1], m[2]}
	}
	return &rejectedJSON{Reason: r.Reason, Where: r.Where}
}

type askedJSON struct {
	Mapping string    `json:"mapping"`
	File    string    `json:"file"`
	Outcome string    `json:"outcome"` // as this mapping alone has it
	Reason  string    `json:"reason,omitempty"`
	Holds   bool      `json:"holds"`
	Error   string    `json:"error,omitempty"`
	When    *ruleJSON `json:"when,omitempty"`
	fromJSON
}

type ruleJSON struct {
	Where string `json:"where"` // file:line:column
	Text  string `json:"text,omitempty"`
	// Parts are the parts that the rule is in, the innermost first.
	Parts []partJSON `json:"parts,omitempty"`
}

type partJSON struct {
	Signature string         `json:"signature"`
	Where     string         `json:"where"` // it is used
	Arguments []argumentJSON `json:"arguments,omitempty"`
}

type argumentJSON struct {
	Name  string `json:"name"`
	Where string `json:"where"`
	Text  string `json:"text"`
}

func ruleOf(r *engine.Rule) *ruleJSON {
	j := &ruleJSON{Where: r.Pos.String(), Text: r.Text}
	for u := r.Pos.Use; u != nil; u = u.Pos.Use {
		part := partJSON{Signature: u.Part.Signature(), Where: u.Pos.String()}
		for i, arg := range u.Args {
			part.Arguments = append(part.Arguments, argumentJSON{u.Part.Params[i].Value, arg.Pos.String(), arg.Text})
		}
		j.Parts = append(j.Parts, part)
	}
	return j
}

type transformJSON struct {
	Where string `json:"where"`
	Stage string `json:"stage"` // alert: before the rules; event: after them
	Did   string `json:"did"`
	// Gave is the alert or event that it made, absent when it changed nothing;
	// text where an alert is not JSON.
	Gave any `json:"gave,omitempty"`
}

type fromJSON struct {
	It       json.RawMessage `json:"it,omitempty"`
	Elements []elementJSON   `json:"elements,omitempty"` // with names, and index
	Lets     []letJSON       `json:"lets,omitempty"`
	// Functions of the mapping that are expressions.
	Functions []definedJSON `json:"functions,omitempty"`
	Reads     []readJSON    `json:"reads,omitempty"`
	Calls     []callJSON    `json:"calls,omitempty"` // of functions from WebAssembly
}

type definedJSON struct {
	Signature string `json:"signature"`
	Where     string `json:"where"`
	Text      string `json:"text"`
}

type callJSON struct {
	Function string            `json:"function"`
	Args     []json.RawMessage `json:"args"`
	Result   json.RawMessage   `json:"result,omitempty"` // absent when it gave nothing
	Error    string            `json:"error,omitempty"`
}

type letJSON struct {
	Name  string          `json:"name"`
	Where string          `json:"where"`
	Text  string          `json:"text"`
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
}

type elementJSON struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value,omitempty"`
}

type readJSON struct {
	Name   string          `json:"name"`
	Value  json.RawMessage `json:"value,omitempty"`  // absent when the alert has none
	Absent bool            `json:"absent,omitempty"` // the mapping takes the value for nothing
}

type attributeJSON struct {
	Path       string          `json:"path"`
	Value      json.RawMessage `json:"value,omitempty"`
	Rule       *ruleJSON       `json:"rule,omitempty"`
	Derived    string          `json:"derived,omitempty"`
	Conversion string          `json:"conversion,omitempty"`
	Absent     string          `json:"absent,omitempty"`
	Lost       json.RawMessage `json:"lost,omitempty"`
	fromJSON
}

type leftoverJSON struct {
	Key       string `json:"key"`
	Value     string `json:"value"`
	Attribute string `json:"attribute,omitempty"` // whose conversion failed
}

func explanationOf(e *engine.Engine, one oneAlert, x engine.Explanation) explanationJSON {
	out := explanationJSON{Origin: one.origin, Line: one.number, Reason: x.Reason, Asked: []askedJSON{}, madeJSON: madeOf(&x.Made)}
	if r := one.reject; r != nil {
		out.Rejected = rejectedOf(r)
	}
	if one.long != nil {
		out.Shortened = one.long.Length
	}
	if r := x.Where; r != nil {
		out.Where, out.Attribute = r.Pos.String(), r.Attribute
	}
	out.Outcome = x.Outcome.String()
	if x.Outcome != engine.Unmatched && len(x.Asked) > 0 {
		out.Mapping = e.Mappings[x.Mapping].Name
	}
	for _, asked := range x.Asked {
		out.Asked = append(out.Asked, askedOf(e, asked))
	}
	for i := range x.Also {
		m := &x.Also[i]
		out.Also = append(out.Also, alsoJSON{e.Mappings[m.Mapping].Name, madeOf(m)})
	}
	return out
}

func madeOf(m *engine.Made) madeJSON {
	j := madeJSON{Attributes: []attributeJSON{}, Unmapped: []leftoverJSON{}, Hidden: m.Hidden, Event: m.Event}
	for _, t := range m.Transforms {
		j.Transforms = append(j.Transforms, transformJSON{t.Pos.String(), t.Stage, t.Did, gave(t.Gave)})
	}
	for i := range m.Attributes {
		j.Attributes = append(j.Attributes, attributeOf(&m.Attributes[i]))
	}
	for _, l := range m.Unmapped {
		j.Unmapped = append(j.Unmapped, leftoverJSON(l))
	}
	return j
}

func attributeOf(a *engine.Attribute) attributeJSON {
	j := attributeJSON{Path: a.Path, Value: raw(a.Value), Derived: a.Derived, Conversion: a.Conversion,
		Absent: a.Absent, Lost: raw(a.Lost), fromJSON: fromOf(a.From)}
	if a.Rule != nil {
		j.Rule = ruleOf(a.Rule)
	}
	return j
}

// writeJSON prints one object, indented, as tools of people and of machines
// read it.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func askedOf(e *engine.Engine, asked engine.Asked) askedJSON {
	m := &e.Mappings[asked.Mapping]
	j := askedJSON{Mapping: m.Name, File: m.File, Outcome: asked.Outcome.String(), Reason: asked.Reason, Holds: true}
	if c := asked.When; c != nil {
		j.Holds, j.Error, j.fromJSON = c.Holds, c.Error, fromOf(c.From)
		j.When = ruleOf(c.Rule)
	}
	return j
}

func fromOf(f engine.From) fromJSON {
	var j fromJSON
	for _, e := range f.Elements {
		if e.Name == "it" {
			j.It = raw(e.Value)
		} else {
			j.Elements = append(j.Elements, elementJSON{e.Name, raw(e.Value)})
		}
	}
	for _, l := range f.Lets {
		j.Lets = append(j.Lets, letJSON{l.Name, l.Pos.String(), l.Text, raw(l.Value), l.Error})
	}
	for _, d := range f.Functions {
		j.Functions = append(j.Functions, definedJSON{d.Signature, d.Pos.String(), d.Text})
	}
	for _, r := range f.Reads {
		j.Reads = append(j.Reads, readJSON{r.Name, raw(r.Value), r.Absent})
	}
	for _, c := range f.Calls {
		call := callJSON{Function: c.Function, Args: []json.RawMessage{}, Result: raw(c.Result), Error: c.Error}
		for _, arg := range c.Args {
			call.Args = append(call.Args, raw(arg))
		}
		j.Calls = append(j.Calls, call)
	}
	return j
}

// gave is what a transform made: JSON, unless a guest made something else.
func gave(text string) any {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return text
}

func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return text // text always is JSON
	}
	return string(b)
}
