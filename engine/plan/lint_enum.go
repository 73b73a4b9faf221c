package plan

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// enum looks for values that the enumeration lacks.
func (l *linter) enum(a *ocsf.Attribute, e *syntax.Expression, path string) {
	said := map[string]int{}
	for _, o := range l.programs[e].Outcomes(l.outcomes) {
		text := string(o.Value.AppendText(nil))
		if _, ok := a.EnumCaption(text); ok || text == "" || l.enough(said, o) {
			continue
		}
		l.warn("enum-value", l.placeOf(o, e), "`%s` has no value %s; it has %s", path, text, enumWords(a))
	}
}

// enough reports whether enough values of a table were reported, if it is read from
// a file: all of them are reported at its one line of the mapping, and there may be many.
func (l *linter) enough(said map[string]int, o expression.Outcome) bool {
	const most = 3
	said[o.Table]++
	return said[o.Table] > most && l.m.IsTableFile(o.Table)
}

// caption looks for constants that are almost a caption of the enum, in a rule that
// gives the id by its caption.
func (l *linter) caption(id *ocsf.Attribute, n *syntax.Node, path string) {
	known := knownCaptions(id)
	judge := func(at syntax.Pos, text string) {
		if _, ok := known.find(text); ok || !known.other {
			return
		}
		if near := known.nearest(text); near != "" {
			l.warn("enum-value", at, "`%s` is not a caption of %s, so the id is 99 Other%s", text, id.Name, near)
		}
	}
	items := []*syntax.Node{n}
	if n.Kind == syntax.List {
		items = n.Items
	}
	for _, item := range items {
		switch item.Kind {
		case syntax.Constant:
			judge(item.Pos, item.Scalar.Text)
		case syntax.Computed:
			said := map[string]int{}
			for _, o := range l.programs[item.Expression].Outcomes(l.outcomes) {
				if l.enough(said, o) {
					continue
				}
				judge(l.placeOf(o, item.Expression), string(o.Value.AppendText(nil)))
			}
		}
	}
}

// placeOf is where a constant stands that a rule can give.
func (l *linter) placeOf(o expression.Outcome, e *syntax.Expression) syntax.Pos {
	switch {
	case o.Table != "":
		return l.m.TableEntry(o.Table, o.Key)
	case o.Let > 0:
		let := l.m.Let[o.Let-1].Value
		if let.Expression == nil {
			return let.Pos
		}
		e = let.Expression
	}
	return l.textOf(e, o.Place).At(o.Place.Offset)
}

// enumWords lists the values of an enumeration with their captions.
func enumWords(a *ocsf.Attribute) string {
	const most = 12
	var words []string
	for i, e := range a.Enum {
		if i == most {
			words = append(words, "…")
			break
		}
		words = append(words, strings.TrimSpace(e.Value+" "+e.Caption))
	}
	return strings.Join(words, ", ")
}
