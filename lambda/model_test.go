package lambda_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// model is a day's work of the function in a few seconds: real processes, a queue whose
// clock jumps from event to event, a raw bucket that fills at a rate, and what goes wrong
// in production. An invocation takes as long on the clock as it took. One runs at a time,
// so that the times do not depend on how many processors there are; how many functions
// there are at once is a matter of the clock. A request is sent once, since the pauses
// before another attempt would be real ones.
type model struct {
	t      *testing.T
	server modelStore
	q      *sqsServer
	fns    []*host // real processes
	random *rand.Rand

	free      []time.Time // when each function of the model is free again
	arrivals  []time.Time
	plan      []event
	lines     int64
	large     int // the largest object, packed
	bytes     int64
	lakeFails atomic.Int32 // status of everything in the lake's bucket, 0 for none
	storm     atomic.Bool

	said     []sample
	invoked  int
	busy     time.Duration
	receives int
	letters  map[string]int       // by the beginning of the reason
	arrived  map[string]time.Time // by the body of the message
	received map[string]int       // the same
	redriven int
	inWindow int // receives while the lake was forbidden
}

// modelStore is the S3 of a model, as far as it looks at it: the server in the process of
// the test, or one of others (model_integration_test.go).
type modelStore interface {
	Put(bucket, key string, body []byte) string
	Objects(bucket string) map[string]s3test.Object
	Bodies(bucket, prefix string) map[string][]byte
	Requests() []s3test.Request
}

// serve starts a server with buckets for a model. Each request of the function goes through
// fault, which may answer it. Environ is that of the function.
type serve func(t *testing.T, fault func(http.ResponseWriter, s3test.Request) bool, buckets ...string) (store modelStore, environ []string)

func inProcess(t *testing.T, fault func(http.ResponseWriter, s3test.Request) bool, buckets ...string) (modelStore, []string) {
	server := s3test.New(t, buckets...)
	server.PageKeys, server.Intercept = 1000, fault
	return server, s3test.Environ(server.URL)
}

type event struct {
	at time.Duration
	do func()
}

// sample is what an invocation counted, and the dead letters after it.
type sample struct {
	at                                        time.Time
	RecordsIn, ObjectsFailed, MappingFailures int64
	dead                                      int
}

const modelTime = 8 * time.Hour

func newModel(t *testing.T, objects, functions int, serve serve) *model {
	m := &model{t: t, q: newSQS(t, "alerts"), random: rand.New(rand.NewPCG(1, 2)),
		free: make([]time.Time, functions), letters: map[string]int{}, arrived: map[string]time.Time{}, received: map[string]int{}}
	for i := range m.free {
		m.free[i] = m.q.clock()
	}
	for i := range objects {
		m.arrivals = append(m.arrivals, m.q.clock().Add(modelTime/time.Duration(objects)*time.Duration(i)))
	}
	var environ []string
	m.server, environ = serve(t, m.fault, "raw", "lake", "rules")
	m.server.Put("rules", "m/one.yaml", []byte(shipped(t)))
	for range 2 {
		m.fns = append(m.fns, start(t, append(environ, guideOf(m.q.environ(), "AWS_MAX_ATTEMPTS=1", "SLUICE_MAPPING=s3://rules/m/", "SLUICE_MAPPING_RELOAD=0",
			"SLUICE_REJECTS=s3://raw/rejects", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "SLUICE_LOG_LEVEL=error")...)...))
	}
	return m
}

// fault is what S3 says no to.
func (m *model) fault(w http.ResponseWriter, r s3test.Request) bool {
	switch {
	case r.Bucket == "lake" && m.lakeFails.Load() == 403:
		s3test.Fail(w, 403, "AccessDenied")
	case r.Bucket == "lake" && m.lakeFails.Load() == 503:
		s3test.Fail(w, 503, "ServiceUnavailable")
	case strings.Contains(r.Key, "archived"):
		s3test.Fail(w, 403, "InvalidObjectState")
	case strings.Contains(r.Key, poisonKey) && r.Method == http.MethodGet:
		m.trickle(w, r)
	case m.storm.Load() && rand.IntN(10) == 0:
		s3test.Fail(w, 503, "SlowDown")
	default:
		return false
	}
	return true
}

const (
	// poisonKey is in the keys of poison: what is read so slowly that no invocation gets
	// to its end. An invocation with poison has poisonLimit, since its time is real.
	poisonKey   = "poison"
	poisonLimit = 6 * time.Second
	largest     = 50e6 // of an object, packed, in bytes
)

// trickle sends an object so slowly that it takes minutes.
func (m *model) trickle(w http.ResponseWriter, r s3test.Request) {
	o := m.server.Objects(r.Bucket)[r.Key]
	w.Header().Set("ETag", o.ETag)
	w.Header().Set("Content-Length", strconv.Itoa(len(o.Body)))
	for some := range slices.Chunk(o.Body, 1<<10) {
		if _, err := w.Write(some); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		time.Sleep(200 * time.Millisecond)
	}
}

// object makes an object of a log-normal size, and puts it with its notification. Of each
// hundred one is a flood, one is gone when it is read, one is archived, and one message
// cannot be read. Of each thousand one is as large as the largest, and one is poison.
func (m *model) object(i int) {
	key := fmt.Sprintf("20260314/ls.s3.%08d-200e-4259-b865-8ccea05812be.2026-03-14T09.05.part0.txt.gz", i)
	switch i % 100 {
	case 17:
		m.notify(s3Event("raw", "gone/"+key))
		return
	case 37:
		key = "archived/" + key
		m.server.Put("raw", key, []byte("x"))
		m.notify(s3Event("raw", key))
		return
	case 57:
		m.notify(fmt.Sprintf("what is this %d", i))
		return
	}
	const packed = 50 // bytes of an alert
	size := min(max(20e3*math.Exp(1.8*m.random.NormFloat64()), 1e3), largest)
	if i%1000 == 500 {
		size = largest
	}
	alerts := max(1, int(size/packed))
	noise := 60
	if i%100 == 77 { // a flood packs to a hundredth
		alerts, noise = min(alerts*10, 400_000), 0
	}
	if i%1000 == 250 {
		key, alerts = poisonKey+"/"+key, 10_000
		m.server.Put("raw", key, m.alerts(i, alerts, noise))
		m.notify(s3Event("raw", key))
		return
	}
	body := m.alerts(i, alerts, noise)
	m.lines += int64(alerts)
	m.large = max(m.large, len(body))
	m.bytes += int64(len(body))
	m.server.Put("raw", key, body)
	m.notify(s3Event("raw", key))
}

// notify sends the notification of an object.
func (m *model) notify(body string) {
	m.arrived[body] = m.q.clock()
	m.q.send("alerts", body, nil)
}

// alerts makes n packed alerts that are in no other object.
func (m *model) alerts(object, n, noise int) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is valid
	text := make([]byte, noise)
	for i := range n {
		for k := range text {
			text[k] = 'a' + byte(m.random.Uint32()%26)
		}
		fmt.Fprintf(z, `{"timestamp":"2026-03-14T%02d:%02d:%02d.976+0000","id":"%d.%d","rule":{"id":"5715","level":3,"description":"sshd: authentication success.","groups":["syslog","sshd"]},"agent":{"id":"001","name":"web"},"manager":{"name":"m"},"full_log":"Accepted publickey for deploy from 10.0.0.1 port 22 %s","location":"/var/log/auth.log"}`+"\n",
			i/3600%24, i/60%60, i%60, object, i, text)
	}
	_ = z.Close() // a Buffer takes everything
	return b.Bytes()
}

// run lets the clock go until nothing is left to do.
func (m *model) run() {
	began := m.q.clock()
	slices.SortStableFunc(m.plan, func(a, b event) int { return int(a.at - b.at) })
	next := 0
	for {
		f := 0
		for i := range m.free {
			if m.free[i].Before(m.free[f]) {
				f = i
			}
		}
		now, any := m.soonest(began, next)
		if !any {
			return
		}
		if m.free[f].After(now) {
			now = m.free[f]
		}
		m.q.pass(max(0, now.Sub(m.q.clock())))
		for len(m.plan) > 0 && !began.Add(m.plan[0].at).After(now) {
			m.plan[0].do()
			m.plan = m.plan[1:]
		}
		for next < len(m.arrivals) && !m.arrivals[next].After(now) {
			m.object(next)
			if next++; next%1000 == 0 { // a long run says how far it is
				m.t.Logf("%d objects have come, %s of the day are over, %d receives", next, now.Sub(began), m.receives)
			}
		}
		m.free[f] = now.Add(m.invoke(m.fns[m.invoked%len(m.fns)]))
	}
}

// soonest is when the next thing happens.
func (m *model) soonest(began time.Time, next int) (at time.Time, any bool) {
	earlier := func(t time.Time) {
		if !any || t.Before(at) {
			at, any = t, true
		}
	}
	if next < len(m.arrivals) {
		earlier(m.arrivals[next])
	}
	if len(m.plan) > 0 {
		earlier(began.Add(m.plan[0].at))
	}
	if _, wait := m.q.waiting("alerts"); wait >= 0 {
		earlier(m.q.clock().Add(wait))
	}
	return at, any
}

// invoke hands up to ten messages to a function, and says how long it took.
func (m *model) invoke(fn *host) time.Duration {
	wrote, before, limit := len(fn.out.String()), time.Now(), 5*time.Minute
	got := m.q.receive("alerts", 10)
	if len(got) == 0 {
		return 0
	}
	for _, message := range got {
		m.received[message.body]++
		if strings.Contains(message.body, poisonKey) {
			limit = poisonLimit
		}
	}
	n := m.q.deliver(m.t, "alerts", got, fn, limit)
	took := time.Since(before)
	m.receives += n
	m.invoked++
	m.busy += took
	if m.lakeFails.Load() == 403 {
		m.inWindow += n
	}
	for fn.out.String()[wrote:] == "" { // a pipe may be slower than an answer
		time.Sleep(time.Millisecond)
	}
	s := sample{at: m.q.clock()}
	if err := json.Unmarshal([]byte(fn.out.String()[wrote:]), &s); err != nil {
		m.t.Fatalf("the metrics are %q: %v", fn.out.String()[wrote:], err)
	}
	dead, _ := m.q.waiting("dead")
	s.dead = len(dead)
	m.said = append(m.said, s)
	return took
}

// redrive counts the dead letters by their reasons, and sends back those that the lake
// forbade.
func (m *model) redrive() {
	dead, _ := m.q.waiting("dead")
	for _, d := range dead {
		reason := d.attributes["reason"]
		for _, why := range []string{"allow this identity", "does not exist", "is archived", "cannot be read", "with nothing beside it"} {
			if strings.Contains(reason, why) {
				m.letters[why]++
				reason = ""
				break
			}
		}
		if reason != "" {
			m.t.Errorf("a dead letter for no good reason: %+v", d.attributes)
		}
		if strings.Contains(d.attributes["reason"], "allow this identity") {
			m.redriven++
			m.q.send("alerts", d.body, d.attributes)
		}
		m.q.delete("dead", d.id)
	}
}

// alarmAfter is how long after a time one of the alarms of the template goes off that
// watch what a function says, -1 for never.
func (m *model) alarmAfter(at time.Time, breaches func(failed, faults int64, dead int) bool, needed int) time.Duration {
	const period = 5 * time.Minute
	first := at.Truncate(period)
	var recent []bool
	for start := first; start.Before(at.Add(2 * time.Hour)); start = start.Add(period) {
		var failed, faults int64
		dead := 0
		for _, s := range m.said {
			if !s.at.Before(at) && !s.at.Before(start) && s.at.Before(start.Add(period)) {
				failed, faults, dead = failed+s.ObjectsFailed, faults+s.MappingFailures, max(dead, s.dead)
			}
		}
		recent = append(recent, breaches(failed, faults, dead))
		n := 0
		for _, b := range recent[max(0, len(recent)-3):] {
			if b {
				n++
			}
		}
		if n >= needed {
			return start.Add(period).Sub(at)
		}
	}
	return -1
}

// Every line of a day with everything that goes wrong is accounted for, and somebody hears
// of each fault. SLUICE_MODEL=10000,50 is the long form: objects, and functions at once.
func TestLoadModel(t *testing.T) {
	if testing.Short() && os.Getenv("SLUICE_MODEL") == "" {
		t.Skip("left to make test")
	}
	objects, functions := modelSize()
	runModel(t, objects, functions, inProcess)
}

func modelSize() (objects, functions int) {
	long := os.Getenv("SLUICE_MODEL")
	if long == "" {
		return 300, 2
	}
	a, b, _ := strings.Cut(long, ",")
	objects, _ = strconv.Atoi(a)
	functions, _ = strconv.Atoi(b)
	return objects, functions
}

func runModel(t *testing.T, objects, functions int, serve serve) {
	m := newModel(t, objects, functions, serve)
	began := m.q.clock()
	lake := func(status int32) func() { return func() { m.lakeFails.Store(status) } }
	mapping := func(text string) func() { return func() { m.server.Put("rules", "m/one.yaml", []byte(text)) } }
	const away, broken, forbidden, stormy = time.Hour, 3 * time.Hour, 5 * time.Hour, 7 * time.Hour
	m.plan = []event{
		{away, lake(503)}, {away + time.Hour, lake(0)},
		{broken, mapping("x: [")}, {broken + time.Hour, mapping(shipped(t) + "\n")},
		{forbidden, lake(403)}, {forbidden + time.Hour, func() { lake(0)(); m.redrive() }},
		{stormy, func() { m.storm.Store(true) }}, {stormy + 20*time.Minute, func() { m.storm.Store(false) }},
		{modelTime + 6*time.Hour, m.redrive},
	}
	m.run()
	m.redrive()
	m.check()
	m.report(began, away, broken, forbidden)
}
