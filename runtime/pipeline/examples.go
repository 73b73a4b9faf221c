package pipeline

import (
	"github.com/sluice-lake/sluice/runtime/source"
)

// Example is one value that did not fit its attribute.
type Example struct {
	Origin string // name of the input
	Line   int64  // number in it
	Reason string // a sentence, which may quote the alert
}

// examples are the first failed conversions of a chunk or a run, in the order of
// the input.
type examples map[conversion]shown

// shown is an example with the number of its line in the item.
type shown struct {
	*Example
	line uint32
}

// conversion is an attribute of a mapping: indices into Engine.Mappings and their
// Attributes.
type conversion struct{ mapping, attribute int }

// example notes what did not fit in the current event, for each attribute that has no
// example of an earlier line yet.
func (w *worker) example(out *mapped, line source.Line, mapping int) {
	if !w.run.config.Examples {
		return
	}
	number := uint32(0)
	if w.alike != nil {
		number = w.alike.now
	}
	for _, m := range w.engine.Misfits(mapping) {
		key := conversion{mapping, m.Attribute}
		if e, ok := out.examples[key]; ok && e.line <= number {
			continue
		}
		if out.examples == nil {
			out.examples = examples{}
		}
		out.examples[key] = shown{&Example{line.Origin, line.OriginLine, m.Reason}, number}
	}
}

// add adds the examples of a later chunk.
func (e examples) add(later examples) {
	for key, example := range later {
		if _, ok := e[key]; !ok {
			e[key] = example
		}
	}
}
