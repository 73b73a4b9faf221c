package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// sourceJSON is a custom source of `sluice schema --sources --json`. Its names are
// part of the command line's interface.
type sourceJSON struct {
	Source     string   `json:"source"`
	EventClass string   `json:"event_class"` // as Security Lake's API spells it
	Class      string   `json:"class"`
	ClassUID   int32    `json:"class_uid"`
	Schema     string   `json:"schema"`
	Table      string   `json:"table"`
	Mappings   []string `json:"mappings"`
}

// listSources prints the custom sources that the tables need, sorted as the mappings are.
func (a *app) listSources(e *engine.Engine, tables []pipeline.Table, region string, asJSON bool) error {
	list := make([]sourceJSON, len(tables))
	rows := [][]string{{"CUSTOM SOURCE", "OCSF EVENT CLASS", "CLASS", "OCSF", "MAPPINGS"}}
	for i := range tables {
		t := &tables[i]
		class := t.Layout.Class
		l := sourceJSON{Source: t.Source, EventClass: strings.ToUpper(class.Name), Class: class.Name, ClassUID: class.UID,
			Schema: t.Layout.Schema.Version, Table: tableName(region, t.Source)}
		for _, m := range t.Mappings {
			l.Mappings = append(l.Mappings, e.Mappings[m].Name)
		}
		list[i] = l
		rows = append(rows, []string{l.Source, l.EventClass, fmt.Sprintf("%d %s", class.UID, class.Caption), l.Schema, strings.Join(l.Mappings, ", ")})
	}
	if asJSON {
		out := json.NewEncoder(a.Out)
		out.SetIndent("", "  ")
		return out.Encode(list)
	}
	var b strings.Builder
	printTable(&b, rows)
	printf(a.Out, "%s\nRegister each custom source in Security Lake with its event class: a source has one class and one table.\n", cleanLines(b.String()))
	return nil
}
