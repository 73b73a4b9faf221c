package table

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

const wantSchema = `message security_finding {
	optional boolean b;
	optional int64 dt (TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS));
	optional double f;
	optional group g {
		optional int32 i;
		optional binary j (STRING);
	}
	optional group l (LIST) {
		repeated group list {
			optional binary element (STRING);
		}
	}
	optional group o (LIST) {
		repeated group list {
			optional group element {
				optional int64 n;
			}
		}
	}
	optional int64 time;
	optional group u (MAP) {
		repeated group key_value {
			required binary key (STRING);
			optional binary value (STRING);
		}
	}
}`

// everyKind has each kind of attribute once.
func everyKind() *ocsf.Layout {
	return layout(
		scalar("b", ocsf.Boolean), scalar("dt", ocsf.Datetime), scalar("f", ocsf.Float),
		object("g", scalar("i", ocsf.Integer), scalar("j", ocsf.JSON)),
		listOf(scalar("l", ocsf.String)), listOf(object("o", scalar("n", ocsf.Long))),
		scalar("time", ocsf.Timestamp), scalar("u", ocsf.Open),
	)
}

func TestSchema(t *testing.T) {
	s := NewSchema(everyKind())
	if diff := cmp.Diff(wantSchema, factsOf(t, write(t, s, nil, 1, Options{})).Schema); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

// TestSchemaFollowsLayout: a file without rows, one whose attributes are all
// absent and one that is full have the same schema.
func TestSchemaFollowsLayout(t *testing.T) {
	m := newMaker(3)
	l := everyKind()
	s := NewSchema(l)
	absent := s.NewBatch()
	absent.Append(ocsf.NewEvent(l))
	rows, _ := m.rows(t, s, l, 50)
	_, want := arrowRows(t, write(t, s, rows, 100, Options{}))
	for name, rows := range map[string][]Row{"no rows": nil, "absent": {{absent, 0}}} {
		data := write(t, s, rows, 1, Options{})
		got, schema := arrowRows(t, data)
		if !schema.Equal(want) {
			t.Errorf("%s: the schema is\n%v\nand with data\n%v", name, schema, want)
		}
		if len(got) != len(rows) {
			t.Errorf("%s: %d rows", name, len(got))
		}
	}
}

func TestMetadata(t *testing.T) {
	s := NewSchema(everyKind())
	facts := factsOf(t, write(t, s, nil, 1, Options{Version: "1.2.3"}))
	want := []inspect.KeyValue{{Key: "ocsf.class_name", Value: "security_finding"}, {Key: "ocsf.class_uid", Value: "2001"}, {Key: "ocsf.version", Value: "1.1.0"}}
	if diff := cmp.Diff(want, facts.KeyValues); diff != "" {
		t.Errorf("key-value metadata (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(facts.CreatedBy, "sluice") {
		t.Errorf("created_by is %q", facts.CreatedBy)
	}
}
