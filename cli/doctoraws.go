package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/deployment"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// seen adds what an error says: that a thing is wrong, or that nobody could look. It
// reports whether there was none.
func (d *examination) seen(what string, err error) bool {
	switch {
	case err == nil:
		return true
	case deployment.Unseen(err):
		d.Unknown(what, "%v", err)
	default:
		d.Wrong(what, "%v", err)
	}
	return false
}

// key tries the use of the key that objects are encrypted with, with the identity that
// writes the lake.
func (d *examination) key(ctx context.Context) {
	id, named := strings.CutPrefix(d.flags.SSE, "aws:kms:")
	if !named {
		return
	}
	what := "the key " + id
	c := deployment.New(s3.Options{RoleARN: d.flags.RoleARN, ExternalID: d.flags.ExternalID}, d.flags.Region)
	if k, err := c.Key(ctx, id); d.seen(what, err) {
		if k.State != "Enabled" {
			d.Wrong(what, "it is %s, so that nothing can be encrypted with it: enable it, or name another with --sse", k.State)
			return
		}
		d.OK("%s is enabled", what)
	}
	if err := c.MayEncrypt(ctx, id); err == nil {
		d.OK("%s may be used by the identity that writes the lake", what)
	} else if deployment.Denied(err) {
		d.Wrong(what, "%v", err)
	} else {
		d.seen(what, err)
	}
}

// columns compares the tables in Glue with what the mappings write.
func (d *examination) columns(ctx context.Context) {
	c := deployment.New(s3.Options{}, d.flags.Region)
	for _, t := range d.tables {
		database, name := deployment.TableOf(d.flags.Region, t.Source)
		what := "the table " + database + "." + name
		found, err := c.Columns(ctx, database, name)
		if !d.seen(what, err) {
			continue
		}
		var there []glue.Column
		for _, column := range found {
			typ, err := glue.ParseType(column.Type)
			if err != nil {
				d.Wrong(what, "its column `%s`: %v: another program has made the table", column.Name, err)
			}
			there = append(there, glue.Column{Name: strings.ToLower(column.Name), Type: typ})
		}
		d.changes(what, t.Source, len(found), glue.Changes(there, glue.Columns(t.Layout)))
	}
}

func (d *examination) changes(what, source string, columns int, all []glue.Change) {
	if columns == 0 {
		d.Wrong(what, "it has no columns yet: its crawler has not run since the first object, or the source is registered with another class; run the crawler, and look at its log")
		return
	}
	wrong, later := []string{}, 0
	for _, c := range all {
		switch {
		case !c.Breaks:
			later++
		case len(wrong) < 5:
			wrong = append(wrong, c.What)
		}
	}
	switch {
	case len(wrong) > 0:
		d.Wrong(what, "objects of these mappings do not fit it: %s: give them a custom source of their own (--source), since %s has the old ones", strings.Join(wrong, "; "), source)
	case later > 0:
		d.Wrong(what, "it lacks %s of these mappings, so queries do not see them: run the crawler", plural(later, "column"))
	default:
		d.OK("%s has the columns of the mappings", what)
	}
}

// function looks at the function and its queues.
func (d *examination) function(ctx context.Context, cmd *cobra.Command) {
	if d.flags.function == "" && d.flags.queue == "" {
		return
	}
	c := deployment.New(s3.Options{}, orElse(d.getenv("AWS_REGION"), d.flags.Region))
	queues := map[string]time.Duration{} // to the time that an invocation may take
	if d.flags.queue != "" {
		queues[d.flags.queue] = 0
	}
	if name := d.flags.function; name != "" {
		what := "the function " + name
		f, err := c.Function(ctx, name)
		if d.seen(what, err) {
			d.state(what, f)
			d.environment(what, f, cmd)
		}
		triggers, err := c.Triggers(ctx, name)
		if d.seen("what calls "+what, err) {
			d.triggers(what, f, triggers, queues)
		}
	}
	for arn, timeout := range queues {
		d.queue(ctx, c, arn, timeout)
	}
}

func (d *examination) state(what string, f *deployment.Function) {
	switch {
	case f.State != "Active" && f.State != "":
		d.Wrong(what, "it is %s: %s", f.State, orElse(f.StateReason, "look at it in the console"))
	case f.Update == "Failed":
		d.Wrong(what, "its last update failed: deploy it again")
	default:
		d.OK("%s is active, with %d MB and %v for an invocation", what, f.MemoryMB, f.Timeout)
	}
}

// environment reads the variables of the function as it does, and compares them with what
// doctor was told.
func (d *examination) environment(what string, f *deployment.Function, cmd *cobra.Command) {
	what = "the environment of " + what
	if f.EnvironmentError != "" {
		d.Unknown(what, "%s", f.EnvironmentError)
		return
	}
	s, err := settings.Read(settings.Options{Door: settings.Function, Getenv: func(name string) string { return f.Environment[name] },
		Checks: checks()})
	if err != nil {
		d.Wrong(what, "%v", err)
		return
	}
	var differ []string
	for _, v := range []struct{ flag, variable, here, there string }{
		{"out", "AWS_BUCKET", strings.TrimRight(d.flags.Out, "/"), s.Out}, {"source", "SOURCE_LOCATION", d.flags.Source, s.Source},
		{"account", "ACCOUNT_ID", d.flags.Account, s.Account}, {"region", "REGION", d.flags.Region, s.Region},
		{"role-arn", "ROLE_ARN", d.flags.RoleARN, s3.RoleOf(s.RoleARN, s.Region, s.Roles, d.flags.Source)}, {"external-id", "EXTERNAL_ID", d.flags.ExternalID, s.ExternalID},
		{"rejects", "SLUICE_REJECTS", d.flags.Rejects, s.Rejects}, {"mapping", "SLUICE_MAPPING", strings.Join(d.flags.Mappings, ","), strings.Join(s.Mappings, ",")},
	} {
		given := cmd.Flag(v.flag).Changed || d.getenv(v.variable) != ""
		if given && v.there != "" && v.here != v.there {
			differ = append(differ, fmt.Sprintf("%s is %s there, and --%s is %s here", v.variable, v.there, v.flag, v.here))
		}
	}
	if len(differ) > 0 {
		d.Wrong(what, "%s: change the function, or look with its own values", strings.Join(differ, "; "))
		return
	}
	d.OK("%s: it writes %s to %s", what, orElse(s.Source, "its sources"), s.Out)
	for _, warning := range s.Warnings {
		d.Wrong(what, "%s", warning)
	}
}

func (d *examination) triggers(what string, f *deployment.Function, all []deployment.Trigger, queues map[string]time.Duration) {
	if len(all) == 0 {
		d.Wrong("what calls "+what, "no queue does: add an event source mapping from the queue, as the stack does")
	}
	for _, t := range all {
		from := "the trigger of " + what + " from " + t.Queue
		switch {
		case t.State != "Enabled":
			d.Wrong(from, "it is %s: enable it", t.State)
		case !t.Partial:
			d.Wrong(from, "it lacks ReportBatchItemFailures, so one object that fails brings all of its batch again: add it to FunctionResponseTypes")
		default:
			d.OK("%s is enabled", from)
		}
		hears := func(n s3.Notification) bool { return n.To == t.Queue || !strings.Contains(n.To, ":sqs:") } // others may lead there
		if len(d.told) > 0 && !slices.ContainsFunc(d.told, hears) {
			d.Wrong(from, "the bucket %s tells other queues of new objects, and not this one: correct its notifications", d.flags.raw)
		}
		if f != nil {
			queues[t.Queue] = f.Timeout
		} else {
			queues[t.Queue] = 0
		}
	}
}

// lambdaTries is what AWS asks of a queue that a function reads: its messages stay
// invisible for that many times the time of an invocation.
const lambdaTries = 6

// queue looks at a queue and its dead letters.
func (d *examination) queue(ctx context.Context, c *deployment.Client, arn string, timeout time.Duration) {
	what := "the queue " + arn
	q, err := c.Queue(ctx, arn)
	if !d.seen(what, err) {
		return
	}
	if q.Visibility < lambdaTries*timeout {
		d.Wrong(what, "its messages are visible again after %v, and an invocation may take %v: set its visibility timeout to %v, so that none is worked on twice", q.Visibility, timeout, lambdaTries*timeout)
	}
	if q.DeadLetters == "" {
		d.Wrong(what, "it has no redrive policy, so a message that no retry helps is delivered for ever: give it a queue of dead letters, with 10 receives")
	}
	const patience = time.Hour
	age, err := c.Oldest(ctx, arn)
	waits := fmt.Sprintf("%s, %d in flight", plural(int(q.Waiting), "message"), q.InFlight)
	switch {
	case err != nil:
		d.OK("%s: %s", what, waits)
		d.seen("the age of the messages of "+what, err)
	case age > patience:
		d.Wrong(what, "%s, the oldest waits for %v: look for failures in the function's log; if there are none, raise MemorySize or MaximumConcurrency", waits, age)
	default:
		d.OK("%s: %s, the oldest waits for %v", what, waits, age)
	}
	if q.DeadLetters != "" {
		d.deadLetters(ctx, c, q.DeadLetters, q.Tries)
	}
}

func (d *examination) deadLetters(ctx context.Context, c *deployment.Client, arn string, tries int) {
	what := "the dead letters " + arn
	q, err := c.Queue(ctx, arn)
	if !d.seen(what, err) {
		return
	}
	if q.Waiting+q.InFlight == 0 {
		d.OK("%s: none; a message gets there after %d receives", what, tries)
		return
	}
	letters, err := c.Letters(ctx, arn)
	reasons := ""
	var oldest time.Duration
	for _, l := range letters {
		oldest = max(oldest, time.Since(l.Sent).Round(time.Minute))
		if l.Reason != "" && !strings.Contains(reasons, l.Reason) {
			reasons += fmt.Sprintf("; %s: %s", orElse(l.Key, "a message"), l.Reason)
		}
	}
	d.Wrong(what, "there are %d, one of %v ago%s: fix the cause, and redrive them", q.Waiting+q.InFlight, oldest, reasons)
	d.seen("the reasons of "+what, err)
}
