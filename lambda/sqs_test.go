package lambda_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// sqsServer is Amazon SQS for the requests that the function makes, with the rules of
// its queues: visibility, receives, and the move to the dead letters. Its clock stands
// until somebody moves it.
type sqsServer struct {
	URL string
	// Denied are the requests that are forbidden, by operation.
	Denied map[string]bool

	mu     sync.Mutex
	now    time.Time
	queues map[string]*sqsQueue
	next   int
	made   map[string]int // requests by operation
}

type sqsQueue struct {
	arn        string
	visibility time.Duration
	tries      int // 0 for no redrive policy
	dead       *sqsQueue
	messages   []*sqsMessage
}

type sqsMessage struct {
	id, body   string
	sent       time.Time
	visible    time.Time
	receives   int
	receipt    string
	attributes map[string]string
}

const sqsARN = "arn:aws:sqs:us-east-1:111122223333:"

// newSQS has a queue `alerts`, or the name given, whose messages go to `dead` after ten
// receives.
func newSQS(t testing.TB, name string) *sqsServer {
	t.Helper()
	dead := &sqsQueue{arn: sqsARN + "dead", visibility: time.Hour}
	if strings.HasSuffix(name, ".fifo") {
		dead.arn += ".fifo"
	}
	s := &sqsServer{now: time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC), made: map[string]int{}, Denied: map[string]bool{},
		queues: map[string]*sqsQueue{"dead": dead, name: {arn: sqsARN + name, visibility: 30 * time.Minute, tries: 10, dead: dead}}}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.URL = h.URL
	return s
}

// environ makes the function find the queues.
func (s *sqsServer) environ() string { return "AWS_ENDPOINT_URL_SQS=" + s.URL }

func (s *sqsServer) send(name, body string, attributes map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(s.queues[name], body, attributes)
}

func (s *sqsServer) put(q *sqsQueue, body string, attributes map[string]string) string {
	s.next++
	m := &sqsMessage{id: fmt.Sprintf("m%d", s.next), body: body, sent: s.now, visible: s.now, attributes: attributes}
	q.messages = append(q.messages, m)
	return m.id
}

// receive gives up to most messages that are visible, and moves those that were received
// too often.
func (s *sqsServer) receive(name string, most int) (got []sqsMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[name]
	for _, m := range slices.Clone(q.messages) {
		if len(got) == most {
			break
		}
		if m.visible.After(s.now) {
			continue
		}
		m.receives++
		if q.tries > 0 && m.receives > q.tries {
			q.remove(m.id)
			m.visible = s.now
			q.dead.messages = append(q.dead.messages, m)
			continue
		}
		s.next++
		m.receipt, m.visible = fmt.Sprintf("r%d", s.next), s.now.Add(q.visibility)
		got = append(got, *m)
	}
	return got
}

func (q *sqsQueue) remove(id string) {
	q.messages = slices.DeleteFunc(q.messages, func(m *sqsMessage) bool { return m.id == id })
}

// delete is what Lambda does with messages that a function has handled.
func (s *sqsServer) delete(name, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues[name].remove(id)
}

// waiting gives the messages of a queue, and how long until the next is visible.
func (s *sqsServer) waiting(name string) (all []sqsMessage, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next = -1
	for _, m := range s.queues[name].messages {
		all = append(all, *m)
		if wait := max(0, m.visible.Sub(s.now)); next < 0 || wait < next {
			next = wait
		}
	}
	return all, next
}

// pass moves the clock.
func (s *sqsServer) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *sqsServer) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// redrive moves what is in the dead letters back, as new messages that keep their
// attributes.
func (s *sqsServer) redrive(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dead := s.queues["dead"]
	for _, m := range dead.messages {
		s.put(s.queues[to], m.body, m.attributes)
	}
	dead.messages = nil
}

// sqsDelivery is the event that Lambda makes of messages.
func sqsDelivery(arn string, messages []sqsMessage) string {
	var records []string
	for _, m := range messages {
		var attributes []string
		for name, text := range m.attributes {
			attributes = append(attributes, fmt.Sprintf(`%q:{"stringValue":%s,"dataType":"String"}`, name, quoted(text)))
		}
		records = append(records, fmt.Sprintf(`{"messageId":%q,"receiptHandle":%q,"body":%s,"attributes":{"ApproximateReceiveCount":"%d","MessageGroupId":"g"},"messageAttributes":{%s},"eventSource":"aws:sqs","eventSourceARN":%q,"awsRegion":"us-east-1"}`,
			m.id, m.receipt, quoted(m.body), m.receives, strings.Join(attributes, ","), arn))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

// round lets the function work on what is visible, ten messages at once, as Lambda does,
// and returns how many were delivered.
func (s *sqsServer) round(t testing.TB, name string, fn *host, limit time.Duration) int {
	t.Helper()
	got := s.receive(name, 10)
	if len(got) == 0 {
		return 0
	}
	return s.deliver(t, name, got, fn, limit)
}

// deliver lets the function work on messages that were received, and returns how many.
func (s *sqsServer) deliver(t testing.TB, name string, got []sqsMessage, fn *host, limit time.Duration) int {
	t.Helper()
	a := fn.invokeFor(limit, sqsDelivery(s.queues[name].arn, got))
	if a.died || a.failed {
		return len(got) // they stay hidden until their visibility times out
	}
	var said summary
	if err := json.Unmarshal([]byte(a.body), &said); err != nil {
		t.Fatalf("the answer is %s: %v", a.body, err)
	}
	for _, m := range got {
		if !slices.ContainsFunc(said.BatchItemFailures, func(f struct{ ItemIdentifier string }) bool { return f.ItemIdentifier == m.id }) {
			s.delete(name, m.id)
		}
	}
	return len(got)
}

func (s *sqsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in struct {
		QueueUrl, MessageBody  string
		MessageDeduplicationId string
		MessageGroupId         string
		DelaySeconds           int
		MessageAttributes      map[string]struct{ StringValue string }
		Entries                []struct {
			Id, ReceiptHandle string
			VisibilityTimeout int
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made[operation]++
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	q := s.byURL(in.QueueUrl)
	switch {
	case s.Denied[operation], q == nil:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"__type":"com.amazonaws.sqs#AccessDenied","message":"not allowed"}`)
	case operation == "GetQueueAttributes":
		policy := ""
		if q.tries > 0 {
			policy = fmt.Sprintf(`"RedrivePolicy":%s`, quoted(fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, q.dead.arn, q.tries)))
		}
		fmt.Fprintf(w, `{"Attributes":{%s}}`, policy)
	case operation == "SendMessage":
		attributes := map[string]string{}
		for name, a := range in.MessageAttributes {
			attributes[name] = a.StringValue
		}
		if strings.HasSuffix(q.arn, ".fifo") != (in.MessageGroupId != "" && in.MessageDeduplicationId != "") {
			http.Error(w, `{"__type":"com.amazonaws.sqs#MissingParameter"}`, http.StatusBadRequest)
			return
		}
		sum := md5.Sum([]byte(in.MessageBody))
		id := s.put(q, in.MessageBody, attributes)
		q.messages[len(q.messages)-1].visible = s.now.Add(time.Duration(in.DelaySeconds) * time.Second)
		fmt.Fprintf(w, `{"MessageId":%q,"MD5OfMessageBody":%q}`, id, hex.EncodeToString(sum[:]))
	case operation == "ChangeMessageVisibilityBatch" && len(in.Entries) <= 10:
		done := []string{}
		for _, e := range in.Entries {
			if i := slices.IndexFunc(q.messages, func(m *sqsMessage) bool { return m.receipt == e.ReceiptHandle }); i >= 0 {
				q.messages[i].visible = s.now.Add(time.Duration(e.VisibilityTimeout) * time.Second)
				done = append(done, fmt.Sprintf(`{"Id":%q}`, e.Id))
			}
		}
		fmt.Fprintf(w, `{"Successful":[%s],"Failed":[]}`, strings.Join(done, ","))
	default:
		http.Error(w, `{"__type":"com.amazonaws.sqs#UnsupportedOperation"}`, http.StatusBadRequest)
	}
}

// byURL finds a queue by the path of its address, as SQS does.
func (s *sqsServer) byURL(url string) *sqsQueue {
	for _, q := range s.queues {
		if strings.HasSuffix(url, "/"+q.arn[strings.LastIndex(q.arn, ":")+1:]) {
			return q
		}
	}
	return nil
}
