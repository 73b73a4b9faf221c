package expression

import (
	"fmt"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// FuzzOmit checks that omit gives what a filter of the pairs gives, made or raw.
func FuzzOmit(f *testing.F) {
	for _, seed := range []string{"", "\x07\x00\x01", "\x07\x02\x05\x07\x07\x00\x02\x00", "\x07\x07\x02\x02\x02\x02\x07\x02\x05\x02\x00\x02", "\x07\x04\x01\x02\x06\x05\x04\x01"} {
		f.Add([]byte(seed))
	}
	m := NewMachine()
	var programs [2][2]*Program
	for i, texts := range [][2]string{
		{`omit(x, y)`, `fromPairs(filter(toPairs(x), y[#[0]] == nil))`},
		{`omit(x, map(y, string(#)))`, `fromPairs(filter(toPairs(x), let p = #; not any(y, string(#) == p[0])))`},
	} {
		for k, text := range texts {
			p, faults := Compile(text, Scope{})
			if len(faults) > 0 {
				f.Fatal(faults)
			}
			programs[i][k] = p
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &writer{bytes: data}
		x, y := w.value(), w.value()
		twins := programs[1]
		if _, ok := y.(map[string]any); ok {
			twins = programs[0]
		} else if list, ok := y.([]any); !ok || len(list) == 0 || !flatTexts(list) {
			return
		}
		for _, raw := range []bool{false, true} {
			var got [2]string
			for k, p := range twins {
				env := &Env{}
				for _, path := range p.Reads {
					env.Values = append(env.Values, handed(map[string]any{"x": x, "y": y}[path.String()], raw))
				}
				v, err := p.Run(m, env)
				if got[k] = "error"; err == nil {
					got[k] = fmt.Sprint(v.Kind, shown(v, nil))
				}
			}
			if got[0] != got[1] {
				t.Errorf("x %v, y %v, raw %v: omit gives %s, pairs %s", x, y, raw, got[0], got[1])
			}
		}
	})
}

func flatTexts(list []any) bool {
	for _, v := range list {
		if k := alert.From(v).Kind; k >= alert.List || k == alert.Nil {
			return false
		}
	}
	return true
}
