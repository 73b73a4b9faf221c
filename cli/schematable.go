package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// printNamed prints what a path leads to.
func printNamed(w io.Writer, s *ocsf.Schema, path string) error {
	e, err := findEntity(s, path)
	if err != nil {
		return err
	}
	if e.last != nil {
		return printAttribute(w, s, e.path, e.last)
	}
	var b strings.Builder
	printf(&b, "%s, OCSF %s%s\n", e.title, s.Version, since(e.deprecated))
	rows := [][]string{{"ATTRIBUTE", "TYPE", "REQUIREMENT", "PROFILE", "CAPTION", "VALUES"}}
	list := slices.Clone(e.attributes)
	slices.SortStableFunc(list, func(a, b ocsf.Attribute) int {
		return cmp.Or(cmp.Compare(len(a.Profiles), len(b.Profiles)), cmp.Compare(b.Requirement, a.Requirement), cmp.Compare(a.Name, b.Name))
	})
	for i := range list {
		a := &list[i]
		rows = append(rows, []string{a.Name, a.TypeName(), requirementWord(a.Requirement), strings.Join(a.Profiles, ", "),
			a.Caption + since(a.Deprecated), shortened(enumText(a), 60)})
	}
	printTable(&b, rows)
	printConstraint(&b, "at least one of", e.constraint.AtLeastOne)
	printConstraint(&b, "exactly one of", e.constraint.JustOne)
	_, err = io.WriteString(w, string(cleanLines(b.String())))
	return err
}

func printConstraint(b *strings.Builder, words string, names []string) {
	if len(names) > 0 {
		printf(b, "It must have %s %s.\n", words, strings.Join(names, ", "))
	}
}

func since(deprecated string) string {
	if deprecated == "" {
		return ""
	}
	return " (deprecated since " + deprecated + ")"
}

func requirementWord(r ocsf.Requirement) string {
	switch r {
	case ocsf.Required:
		return "required"
	case ocsf.Recommended:
		return "recommended"
	}
	return "optional"
}

func enumText(a *ocsf.Attribute) string {
	words := make([]string, len(a.Enum))
	for i, e := range a.Enum {
		words[i] = e.Value + " " + e.Caption
	}
	return strings.Join(words, ", ")
}

// printAttribute prints everything about one scalar attribute.
func printAttribute(w io.Writer, s *ocsf.Schema, path string, a *ocsf.Attribute) error {
	var b strings.Builder
	printf(&b, "%s: %s, OCSF %s%s\n", path, a.Caption, s.Version, since(a.Deprecated))
	rows := [][]string{
		{"type", a.TypeName() + ": " + a.Type.Kind.String()},
		{"requirement", requirementWord(a.Requirement)},
	}
	add := func(name, value string, on bool) {
		if on {
			rows = append(rows, []string{name, value})
		}
	}
	add("profile", strings.Join(a.Profiles, ", "), len(a.Profiles) > 0)
	add("longest", fmt.Sprintf("%d characters", a.Type.MaxLen), a.Type.MaxLen > 0)
	add("range", fmt.Sprintf("%d to %d", a.Type.Min, a.Type.Max), a.Type.Ranged)
	add("pattern", shortened(a.Type.Pattern, 100), a.Type.Pattern != "")
	add("caption in", a.Sibling, a.Sibling != "")
	for i, e := range a.Enum {
		name := ""
		if i == 0 {
			name = "values"
		}
		rows = append(rows, []string{name, strings.TrimSpace(e.Value + " " + e.Caption)})
	}
	printTable(&b, rows)
	_, err := io.WriteString(w, string(cleanLines(b.String())))
	return err
}

// printClasses lists the classes of a version.
func printClasses(w io.Writer, s *ocsf.Schema) error {
	rows := [][]string{{"UID", "CLASS", "CATEGORY", "CAPTION"}}
	for i := range s.Classes {
		c := &s.Classes[i]
		rows = append(rows, []string{fmt.Sprint(c.UID), c.Name, c.CategoryCaption, c.Caption + since(c.Deprecated)})
	}
	var b strings.Builder
	printTable(&b, rows)
	_, err := io.WriteString(w, string(cleanLines(b.String())))
	return err
}

// printTable aligns columns by characters, without spaces at line ends.
func printTable(b *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}
