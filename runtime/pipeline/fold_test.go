package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// many rejects of two reasons, some of others, and alerts between them; bad are the lines
// of all rejects.
func manyRejects(n int) (text string, bad map[int64]bool) {
	var b strings.Builder
	bad = map[int64]bool{}
	for i := range n {
		switch {
		case i%50 == 7:
			b.WriteString(alert(i, ascending(i)))
		case i%1000 == 11:
			fmt.Fprintf(&b, `{"timestamp":%d,"id":"1","rule":{"level":3}}`, ascending(i))
		default:
			fmt.Fprintf(&b, `{"n":%d`, i*i) // the place of the fault differs
		}
		if i%50 != 7 {
			bad[int64(i+1)] = true
		}
		b.WriteByte('\n')
	}
	return b.String(), bad
}

// rejectsIn parses all reject files of a run.
func rejectsIn(t *testing.T, files map[string][]byte) (all []source.Reject) {
	t.Helper()
	for name, text := range files {
		if !strings.HasPrefix(name, "rejects/") || !strings.HasSuffix(name, ".ndjson") {
			continue
		}
		for line := range strings.Lines(string(text)) {
			r, ok := source.ParseReject(strings.TrimSuffix(line, "\n"))
			if !ok {
				t.Fatalf("%s: no reject: %.200s", name, line)
			}
			all = append(all, r)
		}
	}
	return all
}

// linesOf are the lines that a folded reject stands for.
func linesOf(t *testing.T, r source.Reject) (lines []int64) {
	t.Helper()
	for part := range strings.SplitSeq(r.Lines, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.ParseInt(first, 10, 64)
		to := from
		if isRange && err == nil {
			to, err = strconv.ParseInt(last, 10, 64)
		}
		if err != nil {
			t.Fatalf("%q: %v", r.Lines, err)
		}
		for n := from; n <= to; n++ {
			lines = append(lines, n)
		}
	}
	return lines
}

// Of each reason, an input has 10,000 rejects whole. The others are folded, and every line
// can be found again: none is lost or named twice, for any number of workers.
func TestRejectsOfOneReasonAreFolded(t *testing.T) {
	text, bad := manyRejects(60_000)
	in := source.Input{Name: "in", Size: int64(len(text)), Open: readerOf(text)}
	var first map[string][]byte
	for _, workers := range []int{1, 4} {
		res, files := runTo(t, func(c *Config) { c.Workers, c.Limits = workers, lake.Limits{} }, in)
		if res.Rejects != int64(len(bad)) || res.Taken != 60_000/50 {
			t.Fatalf("the counts are %+v, with %d rejects", res.Counts, len(bad))
		}
		if first == nil {
			first = files
		}
		if d := differ(first, files); d != "" {
			t.Errorf("%d workers: %s", workers, d)
		}
	}
	all := rejectsIn(t, first)
	whole, found := map[string]int{}, map[int64]int{}
	for _, r := range all {
		if r.Count == 0 {
			whole[kindOf(r.Reason)]++
			found[r.Line]++
			continue
		}
		lines := linesOf(t, r)
		if int64(len(lines)) != r.Count || !slices.IsSorted(lines) || lines[0] != r.Line {
			t.Errorf("a folded reject of line %d counts %d and names %d lines", r.Line, r.Count, len(lines))
		}
		for _, n := range lines {
			found[n]++
		}
	}
	if len(whole) != 2 || len(all) > foldAfter+60+20 {
		t.Errorf("%d rejects of the reasons %v", len(all), whole)
	}
	for _, n := range whole {
		if n != foldAfter && n != 60 {
			t.Errorf("%d rejects of one reason are whole", n)
		}
	}
	for n := range bad {
		if found[n] != 1 {
			t.Fatalf("line %d was rejected, and is there %d times", n, found[n])
		}
	}
	if len(found) != len(bad) {
		t.Errorf("%d lines were rejected, %d are named", len(bad), len(found))
	}
	foldedAgain(t, first, len(all))
}

// foldedAgain runs a reject file again: what is folded stays as it is.
func foldedAgain(t *testing.T, files map[string][]byte, n int) {
	t.Helper()
	var text string
	for name, b := range files {
		if strings.HasPrefix(name, "rejects/") && strings.HasSuffix(name, ".ndjson") {
			text += string(b)
		}
	}
	res, again := runTo(t, nil, source.Input{Name: "rejects", Size: int64(len(text)), Open: readerOf(text)})
	if res.Rejects != int64(n) {
		t.Errorf("%d of %d rejects were rejected again", res.Rejects, n)
	}
	var want, got []string
	for _, r := range rejectsIn(t, files) {
		want = append(want, r.Lines)
	}
	for _, r := range rejectsIn(t, again) {
		got = append(got, r.Lines)
	}
	if !slices.Equal(want, got) {
		t.Error("folded rejects changed")
	}
}

// Lines of a stream cannot be found again, so all of them stay whole.
func TestRejectsOfAStreamAreNotFolded(t *testing.T) {
	text, bad := manyRejects(20_000)
	_, files := runTo(t, func(c *Config) { c.Limits = lake.Limits{} }, stream("stdin", text))
	for _, r := range rejectsIn(t, files) {
		if r.Count > 0 || r.Raw == "" {
			t.Fatalf("line %d is not whole", r.Line)
		}
		delete(bad, r.Line)
	}
	if len(bad) > 0 {
		t.Errorf("%d rejects are missing", len(bad))
	}
}

// However many reasons a hostile input causes, they are bounded.
func TestReasonsAreBounded(t *testing.T) {
	f := folds{}
	for i := range 3 * mostKinds {
		r := rejects{fold: true}
		for range 3 {
			r.add(source.Line{Number: int64(i), Origin: "o", OriginLine: int64(i), Text: "x"}, strings.Repeat("r", i+1), "")
		}
		if n := strings.Count(string(f.take(&r)), "\n"); n != 3 {
			t.Fatalf("%d of 3 rejects were written", n)
		}
	}
	if len(f.kinds) > mostKinds+1 || len(f.order) != len(f.kinds) {
		t.Errorf("%d reasons are told apart", len(f.kinds))
	}
}
