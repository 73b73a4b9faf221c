package pipeline

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
)

// large is a mapping with so many rules that lines are mapped with those that are like them. It
// makes the same of alerts.
func large(mapping string) string {
	if !strings.Contains(mapping, "\nevent:\n") {
		return mapping
	}
	return mapping + "  enrichments:\n" + strings.Repeat("    - {name: =data.none, value: =data.none, data: =data.none}\n", alikeSteps/4)
}

// alikeSets are sets of mappings: `tables` fills more than a chunk of one day may.
func alikeSets() map[string][]string {
	sets := map[string][]string{"one": {mapping}, "several": several, "also": {fmt.Sprintf(daysMapping, "timestamp"), fmt.Sprintf(daysMapping, "b")}}
	for i := range 15 {
		sets["tables"] = append(sets["tables"], fmt.Sprintf("mapping: m%[1]d\nsource: s%[1]d\nwhen: =rule.level == %[1]d\n%[2]s", i, findings))
	}
	return sets
}

// alikeText makes lines of a few kinds, most of one day after another, and odd ones between: of
// another day than their beginning says, or of two, several alerts in one line, values that do not fit,
// alerts that are like no other, rejects.
func alikeText(r *rand.Rand, n int) string {
	var b strings.Builder
	kinds, odd, days := 1+r.IntN(6), 1+r.IntN(60), 1+r.IntN(4)
	for i := range n {
		day := int64(i*days/n) * 86_400_000
		line := alert(i, startMillis+day+int64(r.IntN(300))*1000)
		end := fmt.Sprintf(`,"data":{"dstuser":"u%d"},"location":"/var/log/of/%d.log"}`, i%5, r.IntN(kinds))
		line = fmt.Sprintf(`{"beginning":"of day %04d"%s`, day/86_400_000, strings.Replace(line[:len(line)-1], "{", ",", 1)) + end
		switch r.IntN(8 * odd) {
		case 0:
			line = strings.Replace(line, `"timestamp":17`, `"timestamp":1`+fmt.Sprint(r.IntN(10)), 1)
		case 1:
			line = strings.Replace(line, `"timestamp":`, fmt.Sprintf(`"b":%d,"timestamp":`, startMillis+int64(r.IntN(9))*86_400_000), 1)
		case 2:
			line += line + `{"torn`
		case 3:
			line = strings.Replace(line, `"firedtimes":`, `"firedtimes":"many","was":`, 1)
		case 4:
			line = fmt.Sprintf(`%s,"odd":%d}`, line[:len(line)-1], i)
		case 5:
			line = []string{"", "  ", line[:len(line)/2], line[1:], "{}", strings.Repeat(" ", 30)}[r.IntN(6)]
		case 6:
			line = strings.Replace(line, `"level":`, `"level":99,"was":`, 1)
		case 7:
			line = fmt.Sprintf(`{"beginning":"of another","timestamp":%d,"id":"%d"%s`, startMillis+int64(r.IntN(4))*86_400_000, i, end)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

func alikeEngine(t *testing.T, set []string, alike, plain bool) *engine.Engine {
	t.Helper()
	var files []engine.File
	for i, text := range set {
		if alike {
			text = large(text)
		}
		files = append(files, engine.File{Name: fmt.Sprintf("m%d.yaml", i), Text: []byte(text)})
	}
	e, err := engine.Compile(files, engine.Options{Plain: plain})
	if err != nil {
		t.Fatal(err)
	}
	if c := (&Config{Engine: e}); c.alike() != alike {
		t.Fatalf("%d steps: lines are mapped with those that are like them: %t", e.Steps(), c.alike())
	}
	return e
}

// outcomeOf is what became of inputs.
type outcomeOf struct {
	Counts      Counts
	Conversions []Conversion
	Rows        map[string][]string // by folder, in their order
	Kept        map[string][]string // by kind
}

func became(t *testing.T, alike bool, set []string, change func(*Config), paths ...string) outcomeOf {
	t.Helper()
	root := filepath.Join(t.TempDir(), "lake")
	c := setup(t, root, 2, inputs(t, paths...))
	c.Engine, c.JSON, c.Limits = alikeEngine(t, set, alike, false), sink(t, filepath.Join(root, "json")), lake.Limits{}
	change(&c)
	res, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, c)
	out := outcomeOf{res.Counts, res.Conversions, map[string][]string{}, map[string][]string{}}
	objects := map[string][][]string{}
	for name, data := range tree(t, root) {
		dir := path.Dir(name)
		switch {
		case strings.HasPrefix(name, "json/"):
			objects[dir] = append(objects[dir], lines(t, data))
		case strings.HasPrefix(name, "rejects/") && strings.HasSuffix(name, ".ndjson"):
			objects[dir] = append(objects[dir], strings.Split(string(data), "\n"))
		}
	}
	for dir, each := range objects {
		slices.SortFunc(each, slices.Compare) // their names differ
		if into := out.Rows; strings.HasPrefix(dir, "json/") {
			into[dir] = slices.Concat(each...)
		} else {
			out.Kept[dir] = slices.Concat(each...)
		}
	}
	return out
}

func lines(t *testing.T, zipped []byte) []string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
