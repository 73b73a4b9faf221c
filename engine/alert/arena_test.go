package alert

import (
	"fmt"
	"testing"
)

// An Arena makes what is made without one, and the memory is that of the Arena.
func TestArenaMakes(t *testing.T) {
	a := new(Arena)
	const raw = `{"b":"x\ty","a":[1,"\u00e9",{"c":null}],"b":"last"}`
	make := func(a *Arena) string {
		v := Value{Kind: Object, Text: raw}
		kept, all := v.Without(a, func(name string) bool { return name == "a" })
		rows, cells := a.Rows(2, 2)
		for i := range cells {
			cells[i] = OfInt(int64(i))
		}
		out := fmt.Sprint(all, a.JSON(a.Object(kept)), a.JSON(rows), a.TextOf(OfFloat(1.5)), a.Text([]byte("text")))
		for _, m := range v.MembersIn(a) {
			for it := m.Value.ItemsIn(a); it.Next(); {
				out += m.Name + a.JSON(it.Value())
			}
		}
		return out
	}
	want := make(nil)
	for range 3 {
		if got := make(a); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		a.Reset()
	}
	v := Value{Kind: List, Text: `["a\nb",["c"]]`}
	n := testing.AllocsPerRun(100, func() {
		items := a.Values(2)
		for it := v.ItemsIn(a); it.Next(); {
			items[0] = it.Value()
		}
		a.JSON(a.List(items))
		a.Reset()
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
