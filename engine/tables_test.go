package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// fromFile compiles a mapping whose table t is read from a file.
func fromFile(how, name, content, rules string) (*engine.Engine, error) {
	text := whole("tables:\n  t: {file: " + name + how + "}\nevent:\n" + rules)
	return engine.Compile([]engine.File{{Name: "maps/m.yaml", Text: []byte(text), Includes: map[string]syntax.Include{"maps/" + name: {Text: []byte(content)}}}}, engine.Options{})
}

// Law: a table from a file is the table that a mapping could hold itself.
func TestTableFiles(t *testing.T) {
	const csv, json = "assets.csv", "x/Assets.JSON"
	for _, c := range []struct{ how, name, content, same string }{
		{", key: ip", csv, "ip,owner,site\n192.0.2.7,ana,berlin\n192.0.2.8,bob,\n", "{192.0.2.7: {ip: 192.0.2.7, owner: ana, site: berlin}, 192.0.2.8: {ip: 192.0.2.8, owner: bob}}"},
		{", key: ip", csv, "\ufeffip,owner\r\n192.0.2.7,\"ana, \"\"A\"\"\"\r\n", `{192.0.2.7: {ip: 192.0.2.7, owner: 'ana, "A"'}}`},
		{", key: owner, value: ip", csv, "ip,owner\n192.0.2.7,ana\n192.0.2.8,\n", "{ana: 192.0.2.7}"},
		{", key: ip, value: n", csv, "n,ip\n007,192.0.2.7", `{192.0.2.7: "007"}`},
		{", key: ip, value: ip", csv, "ip\n192.0.2.7\n\n192.0.2.8\n", "{192.0.2.7: 192.0.2.7, 192.0.2.8: 192.0.2.8}"},
		{", key: a", csv, "a,b\n1,\"two\nlines\"\n", `{1: {a: "1", b: "two\nlines"}}`},
		{", key: a", csv, "a,\n1,x\n", `{1: {a: "1"}}`},
		{", key: ip", csv, "ip,owner\n", "{}"},
		{"", json, `{"a": 1, "b": {"c": [1.50, true, null, "x"]}}`, "{a: 1, b: {c: [1.50, true, null, x]}}"},
		{"", json, "\ufeff[1,\r\n 2]", "[1, 2]"},
		{", key: id", json, `[{"id": 7, "n": "x"}, {"id": "8"}, {"id": null}, {"n": 1}]`, `{"7": {id: 7, n: x}, "8": {id: "8"}}`},
		{", key: id, value: n", json, `[{"id": 7, "n": [1]}, {"id": "8"}]`, `{"7": [1], "8": null}`},
		{", key: id", json, `[]`, `{}`},
		{"", json, `{}`, `{}`},
	} {
		const rules = "  message: '=toJSON(tables.t)'\n  comment: '=toJSON(tables.t[data.key])'\n  unmapped: {n: '=len(tables.t)', x: '=toJSON(tables)'}\n"
		file, err := fromFile(c.how, c.name, c.content, rules)
		if err != nil {
			t.Errorf("%q: %v", c.content, err)
			continue
		}
		own, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole("tables:\n  t: " + c.same + "\nevent:\n" + rules))}}, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{`"192.0.2.7"`, "7", `"7"`, `"ana"`, `"b"`, "1", "0", `"?"`} {
			line := `{"data":{"key":` + key + `}}`
			want, got := own.NewWorker().Apply(line), file.NewWorker().Apply(line)
			if w, g := string(want.Events[0].Event.AppendJSON(nil)), string(got.Events[0].Event.AppendJSON(nil)); w != g {
				t.Errorf("%q with %s:\n%s\nin the mapping:\n%s", c.content, key, g, w)
			}
		}
		if file.Mappings[0].Digest == own.Mappings[0].Digest {
			t.Error("the digest leaves the table out")
		}
	}
}

// What is wrong with a table's file is said at its place there.
func TestFaultsOfTableFiles(t *testing.T) {
	const csv, json = "a.csv", "a.json"
	for _, c := range []struct{ how, name, content, says string }{
		{", key: ip", csv, "", "maps/a.csv:1:1: the file is empty: the first line of a table names its columns"},
		{", key: ip", csv, "\ufeff", "maps/a.csv:1:1: the file is empty"},
		{", key: ip", csv, "ip,größe,ip\n", "maps/a.csv:1:10: column `ip` is there twice"},
		{", key: ip", csv, "ip;owner\n1;2\n", "maps/a.csv:1:1: the first line has one column, `ip;owner`: separate columns with commas"},
		{", key: ip", csv, "ip,owner\r\na,b\r\nc\r\n", "maps/a.csv:3:1: the row has 1 value, the first line names 2 columns"},
		{", key: ip", csv, "ip,owner\na,b,c\n", "maps/a.csv:2:1: the row has 3 values"},
		{", key: ip", csv, "owner,ip\nä,a\nb,c\n\nö,a\n", "maps/a.csv:5:3: \"a\" is on line 2 already: a table has each key once"},
		{", key: ip", csv, "ip,owner\na,b\"c\n", "maps/a.csv:2:4: a quote is inside an unquoted value"},
		{", key: ip", csv, "ip,owner\na,\"b\nc,d\n", "a quoted value does not end where its quote does"},
		{", key: ip", csv, "ip,owner\na,\"b\"c\n", "maps/a.csv:2:5: a quoted value does not end where its quote does"},
		{", key: ip", csv, "ip,owner\na,M\xfcnchen\n", "maps/a.csv:2:4: the file is not UTF-8"},
		{", key: ip", csv, "\xff\xfei\x00p\x00", "maps/a.csv:1:1: the file is not UTF-8"},
		{", key: ip", csv, "ip\n" + numbers(100_001), "maps/a.csv:100002:1: the table has more than 100000 rows"},
		{"", json, "", "maps/a.json:1:1: the file is empty"},
		{"", json, " \n", "maps/a.json:1:1: the file is empty"},
		{"", json, "{\n  \"a\": 1,\n  \"a\": 2}", "maps/a.json:3:3: \"a\" is on line 2 already"},
		{"", json, "{\n  \"ä\": 1,,\n}", "maps/a.json:2:10: the JSON cannot be read: expected a member's name in quotes, found ','"},
		{"", json, "{\"a\": 1", "maps/a.json:1:8: the JSON cannot be read: it ends too early"},
		{"", json, "{\"a\": 1}\n{}", "maps/a.json:2:1: more text follows the value"},
		{"", json, "7", "maps/a.json:1:1: a table is an object, or a list of objects, not a number"},
		{"", json, "[" + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "]", "maps/a.json:1:65: the JSON cannot be read: lists and objects are nested more than 64 deep"},
		{"", json, "[" + strings.Repeat("1,", 100_000) + "1]", "maps/a.json:1:200002: the table has more than 100000 rows"},
		{", key: id", json, "[{\"id\": 1},\n 7]", "maps/a.json:2:2: a table with `key` is a list of objects, and this is a number"},
		{", key: id", json, "[{\"id\": [1]}]", "maps/a.json:1:2: the key `id` of this row is a list, and a key is text or a number"},
		{", key: id", json, "[{\"id\": 1},\n {\"id\": \"1\"}]", "maps/a.json:2:2: \"1\" is on line 1 already"},
	} {
		_, err := fromFile(c.how, c.name, c.content, "  message: =tables.t[rule.id].owner\n")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.60q: %v\nwant %s", c.content, err, c.says)
			continue
		}
		if n := len(err.(syntax.Faults)); n > 1 {
			t.Errorf("%.60q: %d faults: %v", c.content, n, err)
		}
	}
	// Of many faults only some are said.
	_, err := fromFile(", key: ip", csv, "ip\n"+strings.Repeat("a\n", 5000), "  message: =tables.t[rule.id].owner\n")
	if faults, _ := err.(syntax.Faults); len(faults) != 10 {
		t.Errorf("%d faults of 4999", len(faults))
	}
	large := append([]byte("ip\n"), make([]byte, syntax.MaxTableBytes)...)
	if _, err = fromFile(", key: ip", csv, string(large), ""); err == nil || !strings.Contains(err.Error(), "maps/m.yaml:5:13: maps/a.csv has 8388611 bytes, the limit for a table is 8388608") {
		t.Errorf("%v", err)
	}
}

func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, i)
	}
	return b.String()
}

// A table whose `file` is not a name of a CSV or JSON file is one of the mapping.
func TestTablesThatAreNotFiles(t *testing.T) {
	for _, table := range []string{"{file: assets, key: ip}", "{file: 7, key: ip}", "{file: [a.csv], key: ip}", "{key: a.csv}", "[{file: a.csv}]", "{file: {a.csv: 1}}"} {
		if _, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole("tables:\n  t: " + table + "\nevent:\n  message: =tables.t[rule.id]\n"))}}, engine.Options{}); err != nil {
			t.Errorf("%s: %v", table, err)
		}
	}
}

// Mappings of a set share a table, and looking into it takes the same time whatever
// its size: a lookup allocates nothing and copies nothing.
func TestLargeTables(t *testing.T) {
	content := []byte("n,owner\n" + strings.ReplaceAll(numbers(100_000), "\n", ",x\n"))
	var files []engine.File
	for i := range 3 {
		text := strings.Replace(whole("tables:\n  t: {file: a.csv, key: n}\nevent:\n  message: =tables.t[rule.id].owner\n"), "my/example", fmt.Sprint("m", i), 1)
		files = append(files, engine.File{Name: fmt.Sprint(i), Text: []byte(text), Includes: map[string]syntax.Include{"a.csv": {Text: content}}})
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	line := `{"timestamp":"2026-03-14T00:00:00Z","id":"1","rule":{"id":"99999"}}`
	w.Apply(line)
	if n := testing.AllocsPerRun(100, func() { w.Apply(line) }); n > 0 {
		t.Errorf("%v allocations for an alert", n)
	}
}

// FuzzTableFile reads anything as a table: it is one, or has faults at places of
// the file.
func FuzzTableFile(f *testing.F) {
	f.Add("ip,owner\n1,2\n", true)
	f.Add("ip,\"a\"\"\n1,2\n", true)
	f.Add(`[{"ip": 1}, {"ip": "1"}]`, false)
	f.Add("{\"a\": [1, {\"b\": null}]} x", false)
	f.Fuzz(func(t *testing.T, content string, isCSV bool) {
		name := "a.json"
		if isCSV {
			name = "a.csv"
		}
		for _, how := range []string{"", ", key: ip", ", key: ip, value: owner"} {
			_, err := fromFile(how, name, content, "  message: '=toJSON(tables.t)'\n")
			faults, ok := err.(syntax.Faults)
			if err != nil && !ok {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimPrefix(content, "\ufeff"), "\n")
			for _, x := range faults {
				if x.Pos.File == "maps/"+name && (x.Pos.Line < 1 || x.Pos.Line > len(lines) || x.Pos.Col < 1 || x.Pos.Col > len([]rune(lines[x.Pos.Line-1]))+1) {
					t.Errorf("%q: %v", content, x)
				}
			}
		}
	})
}
