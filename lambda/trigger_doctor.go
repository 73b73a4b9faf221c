package lambda

import (
	"strings"

	"github.com/sluice-lake/sluice/runtime/diagnosis"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// doctorAnswer is the answer to {"doctor": true}.
type doctorAnswer struct {
	Doctor bool `json:"doctor"` // nothing that was looked at is wrong
	diagnosis.Report
}

// doctor says what works as the function has it: its settings, which it could not have
// started without, its mapping, and writing to each custom source of the lake, with the
// role of that, to the rejects and to the copies. It writes nothing.
func (inv *invocation) doctor() (any, error) {
	r := &doctorAnswer{}
	c := &inv.config
	r.OK("the settings: %s, region %s, account %s", c.Out, c.Region, c.Account)
	for _, w := range c.Warnings {
		r.Wrong("the settings", "%s", w)
	}
	rejects := c.rejects
	if rejects.Bucket == "" {
		rejects = c.rejectsFor(s3.Ref{})
	}
	set, fault, err := inv.mappings.current(inv.ctx, inv.began, c.rejectsFor(s3.Ref{Bucket: c.bucket}))
	if err == nil {
		err = fault
	}
	r.Is("the mapping: "+strings.Join(c.Mappings, ", "), err)
	if set != nil {
		inv.tryLake(r, set)
	}
	if rejects.Bucket == "" {
		r.Unknown("writing rejects", "they go into the bucket that alerts come from, under rejects/, and no alert says which that is: `sluice doctor --rejects s3://BUCKET/rejects` tries it")
	} else {
		inv.tryPlace(r, "rejects", rejects)
	}
	if c.ocsfBucket != "" {
		inv.tryPlace(r, "copies", s3.Ref{Bucket: c.ocsfBucket, Key: "ext/" + c.Source})
	}
	r.Doctor = r.Count(diagnosis.Wrong) == 0
	return r, nil
}

// tryLake tries each custom source with its role.
func (inv *invocation) tryLake(r *doctorAnswer, set *set) {
	c := &inv.config
	seen := map[string]bool{"": true} // of a mapping that drops alerts
	for _, source := range set.sources {
		if seen[source] {
			continue
		}
		seen[source] = true
		key := lake.Partition{Source: source, Region: c.Region, Account: c.Account, Day: lake.DayOf(inv.began.UnixMilli())}.Key(writeTest)
		at := s3.Ref{Bucket: c.bucket, Key: key}
		r.Is("writing the custom source "+source+": "+at.String()+" could be written, and was not", inv.lake.MayWrite(inv.ctx, source, at, c.sse))
	}
}

// writeTest is the name of an object that nobody writes.
const writeTest = "sluice-write-test"

func (inv *invocation) tryPlace(r *doctorAnswer, what string, at s3.Ref) {
	at.Key = strings.TrimLeft(at.Key+"/"+writeTest, "/")
	r.Is("writing "+what+": "+at.String()+" could be written, and was not", inv.own.MayWrite(inv.ctx, at, inv.config.sse))
}
