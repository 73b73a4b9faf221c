//go:build unix

package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/sluice-lake/sluice/bench/alerts"
)

const (
	firstNext     = "bootstrap to its first next"
	smallObjects  = 1000 // of smallAlerts each
	smallAlerts   = 100
	thisBootstrap = "this build"
	oldBootstrap  = "the earlier build"
)

// lambdaPart runs the function as Lambda does: how long it takes to start, many
// invocations for a small object each, and one for input L, gzip, with a share of a
// processor.
func (m *measurement) lambdaPart() error {
	input, small := m.made("alerts.ndjson.gz"), m.made("small.ndjson.gz")
	if err := errors.Join(m.writeGzip(input, m.rows), m.writeGzip(small, smallAlerts)); err != nil {
		return err
	}
	if err := m.startFunctions(input); err != nil {
		return err
	}
	if err := m.smallInvocations(small); err != nil {
		return err
	}
	g, err := newGroup(fmt.Sprintf("sluice-bench-%d", os.Getpid()), m.cpu, m.memory)
	if err != nil {
		fmt.Fprintf(m.out, "\nlambda: no control group can be made, so the invocation is not measured: %v\n", err)
		return nil
	}
	err = m.invocations(input, g)
	return errors.Join(err, g.remove())
}

func (m *measurement) writeGzip(path string, rows int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	packed, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := alerts.Write(packed, m.alerts("L", rows)); err != nil {
		return err
	}
	return errors.Join(packed.Close(), f.Close())
}

func (m *measurement) environment(s *bucketServer) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.url, "AWS_ACCESS_KEY_ID=own", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_BUCKET=lake", "SOURCE_LOCATION=wazuh", "ACCOUNT_ID=111122223333", "REGION=us-east-1",
		fmt.Sprintf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%d", m.memory),
	}
}

// startFunctions measures the time to the first request for an event, at the
// full speed of the machine.
func (m *measurement) startFunctions(input string) error {
	s, err := newBucketServer(input)
	if err != nil {
		return err
	}
	defer s.server.Close()
	r := &result{Part: "lambda", Name: firstNext}
	for range 4 * m.rounds {
		f, err := startFunction(m.program("bootstrap"), m.environment(s))
		if err != nil {
			return err
		}
		took, err := f.untilNext()
		f.stop()
		if err != nil {
			return fmt.Errorf("%w\n%s", err, f.log.Bytes())
		}
		one := f.used()
		one.Wall = took.Seconds()
		r.add(one)
	}
	m.results = append(m.results, r)
	m.print("lambda: start", []*result{r})
	return nil
}

func (m *measurement) invocations(input string, g *group) error {
	fmt.Fprintf(m.out, "\nlambda: %d alerts gzip, %.2f processors, %d MiB: %s\n", m.rows, m.cpu, m.memory, g)
	return m.functions("one invocation", "", m.rows, func(bootstrap string) (sample, error) {
		return m.invoke(bootstrap, input, 1, g.add)
	})
}

// smallInvocations are one after the other by the same process, at the full speed of the machine.
func (m *measurement) smallInvocations(input string) error {
	name := fmt.Sprintf("%d invocations for %d alerts each", smallObjects, smallAlerts)
	return m.functions(name, ", small", smallObjects*smallAlerts, func(bootstrap string) (sample, error) {
		return m.invoke(bootstrap, input, smallObjects, func(int) error { return nil })
	})
}

// functions runs this build and the earlier one, if there is one, in turns.
func (m *measurement) functions(what, suffix string, rows int, once func(bootstrap string) (sample, error)) error {
	cases := []*result{{Part: "lambda", Name: thisBootstrap + suffix, Rows: rows, args: []string{m.program("bootstrap")}}}
	if m.before != "" {
		cases = append(cases, &result{Part: "lambda", Name: oldBootstrap + suffix, Rows: rows, args: []string{m.before}})
	}
	for range m.rounds {
		for _, r := range cases {
			one, err := once(r.args[0])
			if err != nil {
				return fmt.Errorf("%s: %w", r.Name, err)
			}
			r.add(one)
		}
	}
	m.results = append(m.results, cases...)
	m.print("lambda: "+what, cases)
	return nil
}

// invoke starts the function, confines its process, and hands it events for so many objects, which
// are all the input.
func (m *measurement) invoke(bootstrap, input string, objects int, confine func(process int) error) (sample, error) {
	s, err := newBucketServer(input)
	if err != nil {
		return sample{}, err
	}
	defer s.server.Close()
	f, err := startFunction(bootstrap, m.environment(s))
	if err != nil {
		return sample{}, err
	}
	defer f.stop()
	if _, err := f.untilNext(); err != nil {
		return sample{}, err
	}
	if err := confine(f.process.Process.Pid); err != nil {
		return sample{}, err
	}
	var took time.Duration
	for i := 0; i < objects && err == nil; i++ {
		var one time.Duration
		one, err = f.invoke(fmt.Sprintf(`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"raw"},"object":{"key":"%d/alerts.ndjson.gz"}}}]}`, i))
		took += one
	}
	f.stop()
	if err != nil {
		return sample{}, fmt.Errorf("%w\n%s", err, f.log.Bytes())
	}
	one := f.used()
	one.Wall, one.Bytes = took.Seconds(), s.written.Load()
	if one.Bytes == 0 {
		return sample{}, fmt.Errorf("nothing was written\n%s", f.log.Bytes())
	}
	return one, nil
}

// used is the processor time and memory of a function that was stopped.
func (f *function) used() sample {
	most, err := peak(f.process)
	if err != nil {
		most = 0
	}
	state := f.process.ProcessState
	return sample{CPU: (state.UserTime() + state.SystemTime()).Seconds(), Peak: most}
}

func (m *measurement) lambdaGoals() {
	const text, limit = "lambda: gzip in a share of a processor, to the earlier build", 0.5
	this := m.find("lambda", thisBootstrap)
	if this != nil && this.Peak > int64(m.memory)<<20 {
		m.judged("lambda: peak memory, MiB", float64(m.memory), float64(this.Peak)/(1<<20), 0)
	}
	m.ratio(text, limit, "lambda", thisBootstrap, oldBootstrap)
}
