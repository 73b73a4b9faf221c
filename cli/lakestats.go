package cli

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/lake/stats"
)

func (a *app) newLake() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lake",
		Short: "Look at the objects of a lake as a whole",
		Args:  none,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.newLakeStats())
	return cmd
}

func (a *app) newLakeStats() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats [flags] DIR|s3://BUCKET[/PREFIX]",
		Short: "Count objects, bytes and rows of a lake by source and day",
		Long: `Stats counts the objects of a lake, their bytes and rows, and the median of their
sizes, by custom source and day. It reads the footer of each object and nothing else
of it. It says so where many small objects make queries slow: sluice compact joins
them. The argument is a lake, or a folder in one.`,
		Example: `  sluice lake stats lake
  sluice lake stats --json s3://my-lake/ext/wazuh`,
		Args: func(cmd *cobra.Command, args []string) error { return oneLake(cmd, args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.lakeStats(cmd.Context(), cmd, args[0], asJSON)
		},
	}
	settingFlags(cmd, "role-arn", "external-id")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object on stdout")
	return describeExits(cmd, exits{"counted", "failed: an object or the lake cannot be read; the rest is counted", "the call is wrong"})
}

// lakeStatsJSON is what `lake stats --json` prints.
type lakeStatsJSON struct {
	Objects int64        `json:"objects"`
	Bytes   int64        `json:"bytes"`
	Rows    int64        `json:"rows"`
	Days    []*stats.Day `json:"days"`
}

func (a *app) lakeStats(ctx context.Context, cmd *cobra.Command, arg string, asJSON bool) error {
	s, err := a.settings(cmd)
	if err != nil {
		return usage(err)
	}
	at, err := placeInLake(arg)
	if err != nil {
		return err
	}
	p := &places{}
	repository, err := p.repository(ctx, &buckets{settings: &s}, at.root, nil)
	if err != nil {
		return err
	}
	days, err := stats.Read(ctx, repository, at.prefix)
	err = errors.Join(err, p.close())
	if days == nil && err != nil {
		return err
	}
	report := &lakeStatsJSON{Days: []*stats.Day{}}
	for _, d := range days {
		report.Days = append(report.Days, d)
		report.Objects, report.Bytes, report.Rows = report.Objects+d.Objects, report.Bytes+d.Bytes, report.Rows+d.Rows
	}
	if asJSON {
		return errors.Join(err, json.NewEncoder(a.data()).Encode(report))
	}
	return errors.Join(err, report.text().writeTo(a.Out))
}

func (r *lakeStatsJSON) text() *sheet {
	s := &sheet{}
	if len(r.Days) == 0 {
		s.line("there are no objects of a lake here: it has ext/<source>/region=…/accountId=…/eventDay=…/*.parquet")
		return s
	}
	s.line("%8s  %8s  %12s  %10s  %10s  %s", "day", "objects", "rows", "bytes", "median", "source, region and account")
	small := 0
	for _, d := range r.Days {
		note := ""
		if d.Small {
			note, small = "  small", small+1
		}
		s.line("%8s  %8d  %12d  %10s  %10s  %s %s %s%s", d.Day, d.Objects, d.Rows, size(d.Bytes), size(d.Median), d.Source, d.Region, d.Account, note)
	}
	s.line("%8s  %8d  %12d  %10s", "all", r.Objects, r.Rows, size(r.Bytes))
	if small > 0 {
		s.line("%s with many small objects, which are slow to query: `sluice compact` joins them", plural(small, "day"))
	}
	return s
}
