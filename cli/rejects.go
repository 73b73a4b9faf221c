package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/source"
)

func (a *app) newRejects() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rejects",
		Short: "Count and show lines that could not become events",
		Long: `Rejects looks into the rejects of a lake: the folder or bucket that run and the
function write them to. sluice replay runs them again.`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.newRejectsList(), a.newRejectsShow())
	return cmd
}

// rejectFilter selects rejects by what they say.
type rejectFilter struct {
	reason, where, origin, day string
	unmatched                  bool
}

func (f *rejectFilter) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.reason, "reason", "", "only rejects whose reason contains this text")
	flags.StringVar(&f.where, "where", "", "only rejects whose place in the mapping contains this text")
	flags.StringVar(&f.origin, "origin", "", "only rejects of inputs whose names contain this text")
	flags.StringVar(&f.day, "day", "", "only rejects of this day, as 20260314")
	flags.BoolVar(&f.unmatched, "unmatched", false, "unmatched alerts instead of rejects")
}

func (f *rejectFilter) takes(file keptFile, r *source.Reject) bool {
	return strings.Contains(r.Reason, f.reason) && strings.Contains(r.Where, f.where) && strings.Contains(r.Origin, f.origin) &&
		(f.day == "" || f.day == cmp.Or(file.day, unknownDay))
}

// unknownDay is the day of files that do not lie in the folder of one.
const unknownDay = "unknown"

// check checks the filter, and how much to print.
func (f *rejectFilter) check(flag string, most int) error {
	if most < 0 {
		return usagef("--%s is %d: give 0 or more", flag, most)
	}
	if _, err := time.Parse("20060102", f.day); err != nil && f.day != "" && f.day != unknownDay {
		return usagef("--day is %q: give a day as 20260314, or %s", f.day, unknownDay)
	}
	return nil
}

// each gives the rejects of the store that the argument names and the filter takes, until
// it returns false.
func (a *app) eachReject(ctx context.Context, cmd *cobra.Command, named string, f *rejectFilter, each func(keptFile, *source.Reject)) (files int, err error) {
	s, err := a.settings(cmd)
	if err != nil {
		return 0, usage(err)
	}
	store, err := a.openRejects(ctx, &buckets{settings: &s}, named)
	if err != nil {
		return 0, err
	}
	found, err := store.files(ctx, f.unmatched)
	if err == nil {
		err = store.eachReject(ctx, found, func(file keptFile, r *source.Reject) {
			if f.takes(file, r) {
				each(file, r)
			}
		})
	}
	return len(found), errors.Join(err, store.close())
}

func oneStore(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s needs one place: the folder of the rejects or of the lake, or s3://BUCKET/PREFIX of the rejects", cmd.CommandPath())
	}
	return nil
}

// rejectsJSON is what `rejects list --json` prints.
type rejectsJSON struct {
	Rejects int64         `json:"rejects"`
	Files   int           `json:"files"`
	Reasons []reasonJSON  `json:"reasons"`
	Origins []countedJSON `json:"origins"`
	Days    []countedJSON `json:"days"`
}

type reasonJSON struct {
	Count  int64  `json:"count"`
	Reason string `json:"reason"`
	Where  string `json:"where"`
}

type countedJSON struct {
	Count int64  `json:"count"`
	Name  string `json:"name"`
}

func (a *app) newRejectsList() *cobra.Command {
	var f rejectFilter
	var asJSON bool
	var top int
	cmd := &cobra.Command{
		Use:   "list [flags] DIR|s3://BUCKET/PREFIX",
		Short: "Count rejects by reason and place in the mapping, by input, and by day",
		Long: `List reads the rejects of a lake and counts them by reason and the place in the
mapping that gave it, by the input that they came from, and by the day of that
input. The most frequent come first. The argument is the folder of the rejects,
the lake around it, or the address of the rejects in a bucket.`,
		Example: `  sluice rejects list lake
  sluice rejects list --day 20260314 --json s3://my-raw/rejects`,
		Args: oneStore,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check("top", top); err != nil {
				return err
			}
			counts := newRejectCounts()
			files, err := a.eachReject(cmd.Context(), cmd, args[0], &f, counts.add)
			if err != nil {
				return err
			}
			report := counts.report(files)
			if asJSON {
				return json.NewEncoder(a.data()).Encode(report)
			}
			what := "reject"
			if f.unmatched {
				what = "unmatched alert"
			}
			return report.text(what, top).writeTo(a.Out)
		},
	}
	f.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object on stdout")
	cmd.Flags().IntVar(&top, "top", 20, "lines of each table; 0 for all")
	return describeExits(cmd, exits{"counted", "failed: the rejects cannot be read", "the call is wrong"})
}

// mostRejectNames bounds what a table of counts has besides "(others)": a reason may quote what
// an alert has.
const mostRejectNames = 10_000

type rejectCounts struct {
	total         int64
	reasons       map[[2]string]int64
	origins, days map[string]int64
}

func newRejectCounts() *rejectCounts {
	return &rejectCounts{reasons: map[[2]string]int64{}, origins: map[string]int64{}, days: map[string]int64{}}
}

const others = "(others)"

func (c *rejectCounts) add(f keptFile, r *source.Reject) {
	c.total++
	addTo(c.reasons, [2]string{r.Reason, r.Where}, [2]string{others, ""})
	addTo(c.origins, r.Origin, others)
	addTo(c.days, cmp.Or(f.day, unknownDay), others)
}

func addTo[K comparable](counts map[K]int64, key, rest K) {
	if _, ok := counts[key]; !ok && len(counts) >= mostRejectNames {
		key = rest
	}
	counts[key]++
}

func (c *rejectCounts) report(files int) *rejectsJSON {
	r := &rejectsJSON{Rejects: c.total, Files: files, Reasons: []reasonJSON{}, Origins: counted(c.origins), Days: counted(c.days)}
	for key, n := range c.reasons {
		r.Reasons = append(r.Reasons, reasonJSON{n, key[0], key[1]})
	}
	slices.SortFunc(r.Reasons, func(a, b reasonJSON) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Where, b.Where))
	})
	slices.SortFunc(r.Days, func(a, b countedJSON) int { return cmp.Compare(a.Name, b.Name) })
	return r
}

func counted(counts map[string]int64) []countedJSON {
	all := []countedJSON{}
	for name, n := range counts {
		all = append(all, countedJSON{n, name})
	}
	slices.SortFunc(all, func(a, b countedJSON) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name)) })
	return all
}

func (r *rejectsJSON) text(what string, top int) *sheet {
	s := &sheet{}
	s.line("%s in %s", plural(int(r.Rejects), what), plural(r.Files, "file"))
	if r.Rejects == 0 {
		return s
	}
	s.line("by reason and place in the mapping")
	for i, c := range r.Reasons {
		if i == top && top > 0 {
			s.line("          … and %d more", len(r.Reasons)-top)
			break
		}
		s.line("  %8d  %s", c.Count, shortened(c.Reason, widestReason))
		if c.Where != "" {
			s.line("            %s", c.Where)
		}
	}
	s.counts("by input", r.Origins, top)
	s.counts("by day", r.Days, top)
	return s
}

// widestReason is how much of a reason a table shows, in characters.
const widestReason = 200

func (s *sheet) counts(title string, counts []countedJSON, top int) {
	s.line("%s", title)
	for i, c := range counts {
		if i == top && top > 0 {
			s.line("          … and %d more", len(counts)-top)
			return
		}
		s.line("  %8d  %s", c.Count, c.Name)
	}
}

func (a *app) newRejectsShow() *cobra.Command {
	var f rejectFilter
	var raw bool
	var limit int
	cmd := &cobra.Command{
		Use:   "show [flags] DIR|s3://BUCKET/PREFIX",
		Short: "Print rejects as JSON lines, or the lines that they keep",
		Long: `Show prints the rejects of a lake, one JSON object on each line, in the order of
their files: what list counts. With --raw it prints the lines as they came, which
explain and test take.`,
		Example: `  sluice rejects show --reason 'requires ` + "`time`" + `' lake
  sluice rejects show --raw --limit 1 lake | sluice explain -m my/mapping.yaml -`,
		Args: oneStore,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check("limit", limit); err != nil {
				return err
			}
			out := a.data()
			shown := 0
			var failed error
			_, err := a.eachReject(cmd.Context(), cmd, args[0], &f, func(_ keptFile, r *source.Reject) {
				if failed != nil || limit > 0 && shown == limit {
					return
				}
				shown++
				line := []byte(r.Raw)
				if !raw {
					line = r.AppendJSON(nil)
				}
				_, failed = out.Write(append(line, '\n'))
			})
			return errors.Join(err, failed)
		},
	}
	f.flags(cmd)
	cmd.Flags().BoolVar(&raw, "raw", false, "print the lines as they came, without what is said of them")
	cmd.Flags().IntVar(&limit, "limit", 0, "print at most this many; 0 for all")
	return describeExits(cmd, exits{"printed", "failed: the rejects cannot be read", "the call is wrong"})
}
