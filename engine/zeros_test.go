package engine_test

import (
	"strings"
	"testing"
)

// A number with a leading zero is text wherever a mapping has one: the agent 010 is neither 8
// nor 10. Where a number belongs it is decimal, as in an alert.
func TestLeadingZeros(t *testing.T) {
	mapping := whole(`settings: {mine: 010}
tables:
  agents: {web: 010, list: [007]}
let:
  own: 010
event:
  activity_id: 01
  count: 017
  message: =settings.mine + ' ' + tables.agents.web + ' ' + tables.agents.list[0] + ' ' + own
  comment: "=agent.id == settings.mine and agent.id == own ? 'mine' : 'no'"
`)
	r := made(t, mapping, `{"timestamp":"2026-03-14T00:00:00Z","id":"1","agent":{"id":"010"}}`)
	if len(r.Events) != 1 {
		t.Fatalf("%+v", r)
	}
	got := string(r.Events[0].Event.AppendJSON(nil))
	for _, want := range []string{`"activity_id":1,`, `"count":17,`, `"message":"010 010 007 010"`, `"comment":"mine"`} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %s: %s", want, got)
		}
	}
}
