package cli

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"regexp"
	"strings"
	"testing"
)

// limits are the rows of docs/limits.md, each with the place in the code that
// has its number: a file, and a pattern whose group is a constant expression.
var limits = []struct{ row, unit, file, pattern string }{
	{"a line", "bytes", "runtime/source/options.go", `o\.LineLimit = (.+)`},
	{"bytes that a reject keeps of such a line", "bytes", "runtime/source/bad.go", `const HeadBytes = (.+)`},
	{"rejects of one reason and input that are whole", "", "runtime/pipeline/fold.go", `foldAfter = (.+)`},
	{"bytes that a packed input holds, for each of its own", "", "runtime/source/bounds.go", `maxRatio\s+= (\d+)`},
	{"lines of a packed input, for each of its bytes", "", "runtime/source/bounds.go", `linesPerByte\s+= (\d+)`},
	{"days that the events of one input are of", "", "runtime/settings/days.go", `defaultMaxEventDays = (.+)`},
	{"days of a custom source that the events of one MiB of input are of, for each of those days", "", "runtime/pipeline/partitions.go", `partitionsPerDay = (.+)`},
	{"values of `--source`, `--account`, `--region` and `source:`, in characters", "", "engine/spelling/key.go", `maxInKey\s+= (\S+)`},
	{"a source name that Security Lake accepts, in characters", "", "engine/syntax/finding.go", `MaxSource\s+= (\S+)`},
	{"an object", "bytes", "runtime/lake/limits.go", `&l\.ObjectBytes, ([^)]+)\)`},
	{"a row group in memory", "bytes", "runtime/lake/limits.go", `&l\.RowGroupBytes, ([^)]+)\)`},
	{"rows of a row group", "", "runtime/lake/limits.go", `&l\.RowGroupRows, ([^)]+)\)`},
	{"a data page before compression", "plain bytes", "runtime/table/writer.go", `PageBytes[^\n]*?([\d_]{7,})`},
	{"a dictionary of a column in a row group, before compression", "plain bytes", "runtime/table/writer.go", `DictionaryBytes[^\n]*?([\d_]{7,})`},
	{"objects being written at the same time", "", "runtime/lake/limits.go", `&l\.OpenObjects, ([^)]+)\)`},

	{"objects that the function works on at a time", "", "lambda/invocation.go", `atOnce = (.+)`},
	{"objects that are converted together, with `SLUICE_COLLECT`", "", "lambda/makeplan.go", `planObjects = (.+)`},
	{"their bytes, as stored", "bytes", "lambda/makeplan.go", `planFull = (.+)`},
	{"an object that is only noted, as stored", "bytes", "lambda/collect.go", `collectBytes = (.+)`},

	{"lists and objects inside each other", "", "engine/alert/spec.go", `l\.Depth = ([\d_]+)`},
	{"values, each list and object included", "", "engine/alert/spec.go", `l\.Leaves = (.+)`},
	{"bytes of the keys of one list or object under `unmapped`", "bytes", "engine/alert/spec.go", `const PathBytes = (.+)`},
	{"bytes of all keys under `unmapped` together", "bytes", "engine/alert/spec.go", `l\.KeyBytes = (.+)`},
	{"bytes of an event, besides 16 for each byte of its alert", "bytes", "engine/plan/apply_growth.go", `eventBytes\s+= (.+)`},

	{"a mapping file, or a file that it includes", "bytes", "engine/syntax/parse.go", `MaxBytes = (.+)`},
	{"values in it, each use of an alias and of a part included", "", "engine/syntax/parse.go", `maxNodes = (.+)`},
	{"lists and objects inside each other", "", "engine/syntax/parse.go", `maxDepth = (.+)`},
	{"files that one mapping includes", "", "runtime/mapping/include.go", `maxIncluded\s+= (.+)`},
	{"a file of a table", "bytes", "engine/syntax/table.go", `MaxTableBytes = (.+)`},
	{"its rows", "", "engine/plan/compile_table.go", `maxTableRows\s+= (.+)`},
	{"the files of all tables of one mapping together", "bytes", "runtime/mapping/include.go", `maxTablesBytes\s+= (.+)`},
	{"files that include each other", "", "engine/syntax/include.go", `maxIncludes? = (\d+)`},
	{"a test file", "bytes", "engine/syntax/tests.go", `MaxTestBytes\s+= (.+)`},
	{"the alerts that its tests have or name, each as often as it is used", "bytes", "engine/syntax/tests.go", `MaxTestAlerts\s+= (.+)`},

	{"the text of an expression", "bytes", "engine/expression/parse.go", `maxSource = ([^/\n]+)`},
	{"its parts (names, operators, calls)", "", "engine/expression/parse.go", `maxNodes\s+= ([^/\n]+)`},
	{"its parts with functions in place of their calls", "", "engine/expression/parse.go", `maxPlaced\s+= ([^/\n]+)`},
	{"the parts of all expressions of a mapping, with functions in place of their calls", "", "engine/plan/compile.go", `maxParts = (.+)`},
	{"the parts of all expressions of a set of mappings", "", "engine/plan/compile.go", `maxSetParts = (.+)`},
	{"steps of one evaluation: iterations, items of lists, and 128 bytes of text each", "", "engine/function/machine.go", `maxSteps\s+= ([^/\n]+)`},
	{"steps of all evaluations for one alert, of those that take more than 200", "", "engine/function/machine.go", `alertSteps\s+= ([^/\n]+)`},
	{"steps of those for all alerts of one MiB of input", "", "engine/function/machine.go", `inputSteps\s+= ([^/\n]+)`},
	{"steps of all other work for one alert", "", "engine/function/machine.go", `alertSteps\s+= ([^/\n]+)`},
	{"steps of all other work for all alerts of one MiB of input, beyond which they are degraded", "", "engine/function/machine.go", `inputWork\s+= ([^/\n]+)`},
	{"steps of further work for these, beyond which they are rejects", "", "engine/function/machine.go", `sparedWork\s+= ([^/\n]+)`},
	{"memory of one evaluation", "bytes", "engine/function/machine.go", `maxBytes\s+= ([^/\n]+)`},
	{"one text that it makes", "bytes", "engine/function/machine.go", `maxText\s+= ([^/\n]+)`},
	{"items of one list that it makes", "", "engine/function/machine.go", `maxItems\s+= ([^/\n]+)`},
	{"a regular expression that it makes", "bytes", "engine/function/machine.go", `maxPattern\s+= ([^/\n]+)`},
	{"characters of a regular expression with all that it repeats", "", "engine/function/regex.go", `mostStates = ([^/\n]+)`},
	{"a text of `regexAll`, `regexReplace` and `redact`, times its matches", "bytes", "engine/function/regexall.go", `maxRegexWork = ([^/\n]+)`},

	{"a module", "bytes", "runtime/mapping/guests.go", `MaxModule = (.+)`},
	{"items of one of its sections", "", "runtime/wasm/bytecode/doc.go", `MaxItems\s+= ([^/\n]+)`},
	{"entries of all its tables together", "", "runtime/wasm/bytecode/doc.go", `MaxTableEntries\s+= ([^/\n]+)`},
	{"bytes of one function", "bytes", "runtime/wasm/bytecode/doc.go", `MaxBody\s+= ([^/\n]+)`},
	{"parameters of one function, and as many results", "", "runtime/wasm/bytecode/doc.go", `MaxParams\s+= ([^/\n]+)`},
	{"variables of one function, parameters included", "", "runtime/wasm/bytecode/doc.go", `MaxLocals\s+= ([^/\n]+)`},
	{"blocks inside each other", "", "runtime/wasm/bytecode/doc.go", `MaxNesting\s+= ([^/\n]+)`},
	{"targets of one `br_table`", "", "runtime/wasm/bytecode/doc.go", `MaxTargets\s+= ([^/\n]+)`},
	{"time to compile it", "time", "runtime/wasm/config.go", `DefaultCompileTime\s+= (.+)`},
	{"memory of one instance, by default", "pages", "runtime/wasm/config.go", `DefaultMemoryPages\s+= ([^/\n]+)`},
	{"time of one call, by default", "time", "runtime/wasm/config.go", `DefaultTimeout\s+= (.+)`},
	{"time to start an instance", "time", "runtime/wasm/config.go", `DefaultStartTimeout\s+= (.+)`},
	{"one result, by default", "bytes", "runtime/wasm/config.go", `DefaultResultBytes\s+= (.+)`},
	{"lists and objects of a value inside each other", "", "runtime/wasm/encode.go", `MaxDepth\s+= (.+)`},
	{"values of one argument list or result", "", "runtime/wasm/encode.go", `MaxValues\s+= (.+)`},

	{"the footer of a file", "bytes", "runtime/table/inspect/footer.go", `largestFooter\s+= ([^/\n]+)`},
	{"structs and lists of a footer inside each other", "", "runtime/table/inspect/footer.go", `deepestThrift\s+= ([^/\n]+)`},
	{"columns and groups of its schema", "", "runtime/table/inspect/footer.go", `mostElements\s+= ([^/\n]+)`},
	{"groups inside each other", "", "runtime/table/inspect/footer.go", `deepestSchema\s+= ([^/\n]+)`},
	{"a name in it", "bytes", "runtime/table/inspect/footer.go", `longestName\s+= ([^/\n]+)`},
	{"the paths of all columns together", "bytes", "runtime/table/inspect/footer.go", `longestPaths\s+= ([^/\n]+)`},
	{"one value of a fixed length", "bytes", "runtime/table/inspect/footer.go", `longestFixed\s+= ([^/\n]+)`},
	{"a page before compression", "bytes", "runtime/table/inspect/readable.go", `largestReadable = ([^/\n]+)`},
	{"values of a page", "", "runtime/table/inspect/readable.go", `mostPageValues\s+= ([^/\n]+)`},
	{"memory of the pages and rows that are read at the same time", "MiB", "runtime/table/inspect/readable.go", `mostMemory\s+= ([^/\n]+)`},
	{"the values of a row that is shown", "bytes", "runtime/table/inspect/rowjson.go", `longestRow = ([^/\n]+)`},
	{"bytes that an object unpacks to, for each of its own, for `verify`", "", "runtime/table/verify/object.go", `mostUnpacked  = ([^/\n]+)`},
	{"the values of a row that `verify` judges", "bytes", "runtime/table/verify/rows.go", `longestRow  = ([^/\n]+)`},
	{"kinds of faults of an object that `verify` tells apart", "", "runtime/table/verify/report.go", `mostFaults = ([^/\n]+)`},
	{"schemas of a custom source that it tells apart", "", "runtime/lake/audit/table.go", `mostShapes  = ([^/\n]+)`},

	{"elements of a list that are explained", "", "engine/plan/explain_bounds.go", `mostExplained = ([^/\n]+)`},
	{"attributes, and entries under `unmapped`", "", "engine/plan/explain_bounds.go", `mostEntries\s+= ([^/\n]+)`},
	{"one value", "bytes", "engine/plan/explain_bounds.go", `longestText\s+= ([^/\n]+)`},
	{"all values together, behind which each is cut", "bytes", "engine/plan/explain_bounds.go", `mostTexts\s+= ([^/\n]+)`},

	{"paths that `profile` tells apart", "", "runtime/profile/node.go", `mostPaths\s+= (\S+)`},
	{"names of one object", "", "runtime/profile/node.go", `mostNames\s+= (\S+)`},
	{"distinct values of a path that are counted exactly", "", "runtime/profile/distinct.go", `mostExact\s+= (\S+)`},
	{"sources", "", "runtime/profile/profile.go", `mostSources = (\S+)`},
	{"decoders, groups and locations, each", "", "runtime/profile/frequent.go", `mostTallied = (\S+)`},
	{"attributes that `diff` tells apart", "", "runtime/compare/compare.go", `mostAttributes = (\S+)`},
	{"alerts that the page of `studio` has", "", "cli/studioalerts.go", `mostStudioAlerts = (\S+)`},
	{"bytes of them", "bytes", "cli/studioalerts.go", `mostStudioBytes  = (.+)`},
	{"bytes of one request of the page", "bytes", "cli/studio/guard.go", `bodyBytes = (.+)`},
	{"time for one request", "time", "cli/studio/studio.go", `workTime = (.+)`},
	{"lines that `eval` keeps of what was typed", "", "cli/history.go", `mostHistory\s+= (\S+)`},
}

// docs/limits.md has the limits that the code has, in that order.
func TestLimitsPage(t *testing.T) {
	page, err := os.ReadFile("../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, l := range limits {
		want = append(want, l.row+" | "+inWords(t, l.unit, fromCode(t, l.file, l.pattern)))
	}
	for _, line := range strings.Split(string(page), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) > 1 && cells[1] != "limit" {
			got = append(got, cells[0]+" | "+cells[1])
		}
	}
	if a, b := strings.Join(want, "\n"), strings.Join(got, "\n"); a != b {
		t.Errorf("the code has\n%s\n\nthe page has\n%s", a, b)
	}
}

func fromCode(t *testing.T, file, pattern string) string {
	t.Helper()
	text, err := os.ReadFile("../" + file)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(pattern).FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s has nothing like %s: say where the limit is now", file, pattern)
	}
	return strings.TrimSpace(string(m[1]))
}

// inWords evaluates a constant expression and writes it as the page does.
func inWords(t *testing.T, unit, expr string) string {
	t.Helper()
	expr = strings.NewReplacer("time.Second", "1", "time.Minute", "60").Replace(expr)
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	n, _ := constant.Int64Val(constant.ToInt(v.Value))
	switch unit {
	case "pages":
		return fmt.Sprintf("%d MiB", n*64>>10)
	case "MiB":
		return grouped(n>>20) + " MiB"
	case "time":
		return fmt.Sprintf("%d s", n)
	case "plain bytes":
		return grouped(n) + " bytes"
	case "bytes":
		if n < 1<<20 {
			return fmt.Sprintf("%d KiB", n>>10)
		}
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return grouped(n)
}

// grouped writes 65536 as 65,536.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
