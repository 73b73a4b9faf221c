package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/stats"
)

func (d *examination) identity(ctx context.Context) {
	own, err := d.buckets.ownClient(ctx)
	who := ""
	if err == nil {
		who, err = own.Who(ctx)
	}
	if err == nil || s3.Refused(err) {
		d.Is("your own identity "+who, err)
	} else {
		d.Unknown("your own identity", "%v", err)
	}
	if d.flags.RoleARN == "" {
		return
	}
	writer, err := d.buckets.lakeClient(ctx)
	if err == nil {
		_, err = writer.Who(ctx)
	}
	d.Is("the role that writes the lake, "+d.flags.RoleARN, err)
}

// place tries to write to a place, and leaves nothing there.
func (d *examination) place(ctx context.Context, what, where string, ofLake bool) {
	what += " " + where
	if !s3.Is(where) {
		d.Is("writing to "+what, writable(where))
		return
	}
	ref, err := s3.ParseAddress(where)
	client := d.buckets.ownClient
	if ofLake {
		client = d.buckets.lakeClient
	}
	var c *s3.Client
	if err == nil {
		c, err = client(ctx)
	}
	if err != nil {
		d.Wrong(what, "%v", err)
		return
	}
	keys := []string{"sluice-write-test"}
	if ofLake {
		d.region(ctx, ref.Bucket)
		keys = d.testKeys(keys)
	}
	encryption, _ := s3.ParseEncryption("--sse", d.flags.SSE) // the settings have checked it
	for _, key := range keys {
		at := s3.Ref{Bucket: ref.Bucket, Key: strings.TrimLeft(strings.Trim(ref.Key, "/")+"/"+key, "/")}
		d.Is("writing to "+what+": "+at.String()+" could be written, and was not", c.MayWrite(ctx, at, encryption))
	}
}

// testKeys are keys of objects of today, one for each custom source.
func (d *examination) testKeys(without []string) (keys []string) {
	day := lake.DayOf(time.Now().UnixMilli())
	for _, t := range d.tables {
		keys = append(keys, lake.Partition{Source: t.Source, Region: d.flags.Region, Account: d.flags.Account, Day: day}.Key("sluice-write-test"))
	}
	if keys == nil {
		return without
	}
	return keys
}

// region compares the region of the lake's bucket with that of the partition. The own
// identity asks, since the role that writes may not.
func (d *examination) region(ctx context.Context, bucket string) {
	what := "the region of the bucket " + bucket
	own, err := d.buckets.ownClient(ctx)
	region := ""
	if err == nil {
		region, err = own.RegionOf(ctx, bucket)
	}
	switch {
	case err != nil && s3.Missing(err):
		d.Wrong(what, "%v", err)
	case err != nil:
		d.Unknown(what, "%v", err)
	case region != "" && region != d.flags.Region:
		d.Wrong(what, "it is in %s, and the region of the lake is %s: set --region or REGION to %s", region, d.flags.Region, region)
	default:
		d.OK("%s: %s", what, orElse(region, "not known to its server"))
	}
}

// writable tries to create a file in a folder, or in the first one above it that exists.
func writable(folder string) error {
	at := folder
	for {
		info, err := os.Stat(at)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is a file: move it away, or name another folder", at)
		}
		if err == nil {
			break
		}
		if !os.IsNotExist(err) || filepath.Dir(at) == at {
			return err
		}
		at = filepath.Dir(at)
	}
	file, err := os.CreateTemp(at, ".sluice-write-test-*")
	if err != nil {
		return fmt.Errorf("%w: allow writing there, or name another folder", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// raw checks whom the bucket of the alerts notifies of new objects.
func (d *examination) raw(ctx context.Context) {
	what := "the notifications of the bucket " + d.flags.raw
	own, err := d.buckets.ownClient(ctx)
	var all []s3.Notification
	if err == nil {
		all, err = own.Notifications(ctx, d.flags.raw)
	}
	switch {
	case err != nil && s3.Missing(err):
		d.Wrong(what, "%v", err)
	case err != nil:
		d.Unknown(what, "%v", err)
	case len(all) == 0:
		d.Wrong(what, "it tells nobody of new objects, so the function is not called: add a notification of s3:ObjectCreated:* to its queue, as the stack does")
	}
	d.told = all
	for _, n := range all {
		switch n.Suffix {
		case "", ".txt", ".txt.gz", ".gz", ".json.gz", ".json":
			d.OK("%s: %s hears of objects that end in %q", what, n.To, n.Suffix)
		default:
			d.Wrong(what, "%s only hears of objects that end in %q, and Logstash's end in .txt or .txt.gz", n.To, n.Suffix)
		}
	}
}

// objects looks at the newest object of the lake, and at the days of many small ones.
func (d *examination) objects(ctx context.Context) {
	newest, small, err := d.listed(ctx)
	const what = "the newest object of the lake"
	switch {
	case err != nil:
		d.Unknown("the objects of the lake", "%v", err)
		return
	case newest.Key == "":
		d.Wrong(what, "there is none yet: run, follow or pull writes them")
		return
	case time.Since(newest.Modified) > d.flags.quiet:
		d.Wrong(what, "%s was written %v ago: see whether alerts still arrive, and what the rejects say (sluice rejects list)",
			newest.Key, time.Since(newest.Modified).Round(time.Minute))
	default:
		d.OK("%s was written %v ago", what, time.Since(newest.Modified).Round(time.Second))
	}
	many := 0
	for _, n := range small {
		if n > stats.ManyObjects {
			many++
		}
	}
	if many > 0 {
		d.Wrong("the sizes of the objects", "%s with over %d small objects, which are slow to query: `sluice compact` joins them", plural(many, "day"), stats.ManyObjects)
		return
	}
	d.OK("the sizes of the objects")
}

// listed returns the newest object of the lake, and how many small ones each partition has.
func (d *examination) listed(ctx context.Context) (newest lake.Stored, small map[string]int, err error) {
	p := &places{}
	repository, err := p.repository(ctx, d.buckets, d.flags.Out, nil)
	small = map[string]int{}
	if err == nil {
		err = repository.List(ctx, "ext/", func(o lake.Stored) {
			folder, _, ok := lake.SplitKey(o.Key)
			if !ok {
				return
			}
			if o.Modified.After(newest.Modified) {
				newest = o
			}
			if o.Bytes < stats.SmallBytes {
				small[folder]++
			}
		})
	}
	return newest, small, errors.Join(err, p.close())
}
