package securitylake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// services answers as the documentation of Security Lake, IAM and STS describes it, and
// keeps what it was asked.
type services struct {
	t       *testing.T
	asked   []string          // operations
	bodies  map[string]string // by operation
	roles   map[string]bool
	sources map[string]bool
	refuse  map[string]string // operation to error code
	young   int               // requests for which a new role is not known yet
}

func newServices(t *testing.T) (*services, *Client) {
	t.Helper()
	s := &services{t: t, bodies: map[string]string{}, roles: map[string]bool{}, sources: map[string]bool{}, refuse: map[string]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s3test.Setenv(t, server.URL)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	c, err := NewClient(t.Context(), "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	c.Wait = time.Millisecond
	return s, c
}

func (s *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	operation := r.Method + " " + r.URL.Path
	form := url.Values{}
	if r.URL.Path == "/" {
		form, err = url.ParseQuery(string(body))
		if err != nil {
			s.t.Error(err)
		}
		operation = form.Get("Action")
	}
	s.asked = append(s.asked, operation)
	s.bodies[operation] = string(body)
	if code := s.refuse[operation]; code != "" {
		s.fail(w, form, http.StatusForbidden, code, "no")
		return
	}
	if r.URL.Path == "/" {
		s.query(w, form)
		return
	}
	s.lake(w, r, body)
}

func (s *services) fail(w http.ResponseWriter, form url.Values, status int, code, message string) {
	if len(form) > 0 {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)
		return
	}
	w.Header().Set("X-Amzn-ErrorType", code)
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"message":%q}`, message)
}

// query is IAM and STS.
func (s *services) query(w http.ResponseWriter, form url.Values) {
	action, role := form.Get("Action"), form.Get("RoleName")
	known := s.roles[role]
	switch action {
	case "GetCallerIdentity":
		fmt.Fprint(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account><Arn>a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>")
		return
	case "CreateRole":
		if known {
			s.fail(w, form, http.StatusConflict, "EntityAlreadyExists", "there is one")
			return
		}
		s.roles[role] = true
	case "DeleteRole":
		delete(s.roles, role)
	}
	if action != "CreateRole" && !known {
		s.fail(w, form, http.StatusNotFound, "NoSuchEntity", "none")
		return
	}
	fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult><Role><Arn>arn:aws:iam::123456789012:role/%[2]s</Arn><RoleName>%[2]s</RoleName></Role></%[1]sResult></%[1]sResponse>", action, role)
}

func sourceText(name string) string {
	return fmt.Sprintf(`{"sourceName":%q,"attributes":{"crawlerArn":"crawler","databaseArn":"db","tableArn":"table-%s"},"provider":{"location":"s3://b/ext/%s/","roleArn":"arn:aws:iam::123456789012:role/AmazonSecurityLake-Provider-%s-eu-west-1"}}`, name, name, name, name)
}

func (s *services) lake(w http.ResponseWriter, r *http.Request, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	var in struct{ SourceName string }
	switch {
	case r.URL.Path == "/v1/datalakes":
		fmt.Fprint(w, `{"dataLakes":[{"dataLakeArn":"d","region":"eu-west-1","s3BucketArn":"arn:aws:s3:::aws-security-data-lake-eu-west-1-x"}]}`)
	case r.URL.Path == "/v1/datalake/logsources/list":
		var all []string
		for name := range s.sources {
			all = append(all, `{"customLogSource":`+sourceText(name)+`}`)
		}
		slices.Sort(all)
		fmt.Fprintf(w, `{"sources":[{"account":"123456789012","region":"eu-west-1","sources":[{"awsLogSource":{"sourceName":"ROUTE53"}}%s]}]}`, strings.Join(append([]string{""}, all...), ","))
	case r.Method == http.MethodDelete:
		name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		if !s.sources[name] {
			s.fail(w, nil, http.StatusNotFound, "ResourceNotFoundException", "none")
			return
		}
		delete(s.sources, name)
		fmt.Fprint(w, "{}")
	case json.Unmarshal(body, &in) != nil:
		s.t.Errorf("%s is not JSON", body)
	case s.young > 0:
		s.young--
		s.fail(w, nil, http.StatusBadRequest, "BadRequestException", "the role cannot be assumed")
	case s.sources[in.SourceName]:
		s.fail(w, nil, http.StatusConflict, "ConflictException", "there is one")
	default:
		s.sources[in.SourceName] = true
		fmt.Fprintf(w, `{"source":%s}`, sourceText(in.SourceName))
	}
}

func wanted() Source {
	return Source{Name: "wazuh", Class: "SECURITY_FINDING", Bucket: "lake", Region: "eu-west-1", Account: "210987654321", ExternalID: "7Jx2"}
}

// Law: a source is registered with a role for its crawler, whatever is there of a call that
// was stopped; list shows it, and delete leaves nothing of it.
func TestRegister(t *testing.T) {
	s, c := newServices(t)
	s.young = 2
	s.refuse["PutRolePolicy"] = "AccessDenied"
	if _, err := c.Create(t.Context(), wanted(), "123456789012"); err == nil || !strings.Contains(err.Error(), "allow this identity iam:PutRolePolicy") {
		t.Fatalf("without a right: %v", err)
	}
	delete(s.refuse, "PutRolePolicy")
	made, err := c.Create(t.Context(), wanted(), "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	want := Registered{Name: "wazuh", ProviderRole: "arn:aws:iam::123456789012:role/AmazonSecurityLake-Provider-wazuh-eu-west-1", Location: "s3://b/ext/wazuh/", Crawler: "crawler", Table: "table-wazuh"}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all, err := c.List(t.Context())
	if err != nil || cmp.Diff([]Registered{want}, all) != "" {
		t.Errorf("listed %+v, %v", all, err)
	}
	if _, err := c.Create(t.Context(), wanted(), "123456789012"); err == nil || !strings.Contains(err.Error(), "there is a source of this name") {
		t.Errorf("twice: %v", err)
	}
	if err := c.Delete(t.Context(), "wazuh"); err != nil || len(s.roles)+len(s.sources) > 0 {
		t.Errorf("deleted: %v, and there are %v and %v", err, s.roles, s.sources)
	}
	if err := c.Delete(t.Context(), "wazuh"); err == nil || !strings.Contains(err.Error(), "`sluice source list` shows") {
		t.Errorf("deleted twice: %v", err)
	}
	if bucket, err := c.Bucket(t.Context()); err != nil || bucket != "aws-security-data-lake-eu-west-1-x" {
		t.Errorf("bucket %q, %v", bucket, err)
	}
}

// Law: what a dry run prints is what would be sent.
func TestCallsAreThoseThatAreSent(t *testing.T) {
	s, c := newServices(t)
	calls := wanted().Calls("123456789012")
	if len(s.asked) > 0 {
		t.Fatalf("printing the calls sent %v", s.asked)
	}
	if _, err := c.Create(t.Context(), wanted(), "123456789012"); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, call := range calls {
		name := call.Operation
		if call.Service == "securitylake" {
			name = "POST /v1/datalake/logsources/custom"
			var sent map[string]any
			if err := json.Unmarshal([]byte(s.bodies[name]), &sent); err != nil {
				t.Fatal(err)
			}
			same(t, call.Input, sent)
		} else {
			form, err := url.ParseQuery(s.bodies[name])
			if err != nil {
				t.Fatal(err)
			}
			for key, value := range call.Input {
				text, ok := value.(string)
				if !ok {
					text = value.(document).text()
				}
				if form.Get(key) != text {
					t.Errorf("%s: %s was printed as %s and sent as %s", name, key, text, form.Get(key))
				}
			}
		}
		names = append(names, name)
	}
	if diff := cmp.Diff(names, s.asked); diff != "" {
		t.Errorf("(-printed +sent):\n%s", diff)
	}
}

func same(t *testing.T, printed, sent any) {
	t.Helper()
	a, errA := json.Marshal(printed)
	b, errB := json.Marshal(sent)
	var x, y any
	if errA != nil || errB != nil || json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		t.Fatalf("%s and %s", a, b)
	}
	if diff := cmp.Diff(x, y); diff != "" {
		t.Errorf("(-printed +sent):\n%s", diff)
	}
}

// Law: what AWS would refuse is refused before anything is sent, with all faults.
func TestCheckSource(t *testing.T) {
	for want, change := range map[string]func(*Source){
		"has 21 characters":                   func(s *Source) { s.Name = strings.Repeat("w", 21) },
		"is not a name":                       func(s *Source) { s.Name = "a/b" },
		`event class "security_finding"`:      func(s *Source) { s.Class = "security_finding" },
		`account "external" is not an AWS`:    func(s *Source) { s.Account = "external" },
		`external ID "x" is not one that IAM`: func(s *Source) { s.ExternalID = "x" },
	} {
		s, c := newServices(t)
		source := wanted()
		change(&source)
		_, err := c.Create(t.Context(), source, "123456789012")
		if err == nil || !strings.Contains(err.Error(), want) || len(s.asked) > 0 {
			t.Errorf("%v, after %v; want %q", err, s.asked, want)
		}
	}
	if err := wanted().Check(); err != nil {
		t.Error(err)
	}
}
