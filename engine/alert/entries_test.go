package alert

import (
	"fmt"
	"testing"
)

func TestEntries(t *testing.T) {
	for text, want := range map[string]string{
		` {"a" : [1.10, {"c":2,"b":"\n"}] , "b\u0020":null, "a":"ä"} x`: `a@2=[1.10,{"b":"\n","c":2}] b @35=null a@51="ä" object 61`,
		`["x",7 ]`:         `@1="x" @5=7 list 8`,
		`[]`:               `list 2`,
		`{}`:               `object 2`,
		"\t\"x\"\n":        `text 5`,
		``:                 `fault 0`,
		`{"a":1`:           `a@1=1 fault 6`,
		`{"a":1,,`:         `a@1=1 fault 7`,
		`[1,[2,[3,[4]`:     `@1=1 fault 9`,
		`{"stop":1,"b":2,`: `stop@1=1 absent 16`,
	} {
		got := ""
		top, end, err := Entries(text, 3, func(e *Entry) bool {
			got += fmt.Sprintf("%s@%d=%s ", e.Name, e.At, e.Value.AppendJSON(nil))
			return e.Name != "stop"
		})
		kind := map[Kind]string{Nil: "absent", Text: "text", List: "list", Object: "object"}[top.Kind]
		if err != nil {
			kind = "fault"
		}
		if got += fmt.Sprintf("%s %d", kind, end); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}
