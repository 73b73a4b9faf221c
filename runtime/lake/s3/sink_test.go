package s3_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
	"github.com/sluice-lake/sluice/runtime/memory"
)

// write writes an object in pieces and commits it under the key.
func write(ctx context.Context, sink lake.Sink, first, key string, body []byte) error {
	o, err := sink.Create(ctx, first)
	if err != nil {
		return err
	}
	for len(body) > 0 {
		n := min(len(body), 700_001)
		if _, err := o.Write(body[:n]); err != nil {
			return fmt.Errorf("%w (abort: %v)", err, o.Abort())
		}
		body = body[n:]
	}
	if err := o.Close(); err != nil {
		return fmt.Errorf("%w (abort: %v)", err, o.Abort())
	}
	if err := o.Commit(ctx, key); err != nil {
		return fmt.Errorf("%w (abort: %v)", err, o.Abort())
	}
	return o.Abort()
}

// Objects of every size arrive as they were written, in one request or in
// parts, with their type, and without a trace of anything unfinished.
func TestObjectsArriveWhole(t *testing.T) {
	server := s3test.New(t, "lake")
	c := client(t, server.URL, s3.Options{})
	for _, size := range []int{0, 1, 8<<20 - 1, 8 << 20, 8<<20 + 1, 16 << 20, 21 << 20} {
		for _, first := range []string{"", "ext/w/a.parquet"} {
			server.Delete("lake", "p/ext/w/a.parquet")
			sink := c.NewSink(s3.Ref{Bucket: "lake", Key: "p"}, s3.Encryption{})
			body := noise(size)
			if err := write(t.Context(), sink, first, "ext/w/a.parquet", body); err != nil {
				t.Fatalf("%d bytes, created as %q: %v", size, first, err)
			}
			o := server.Objects("lake")["p/ext/w/a.parquet"]
			if !bytes.Equal(o.Body, body) || o.Header.Get("Content-Type") != "application/vnd.apache.parquet" {
				t.Errorf("%d bytes, created as %q: %d arrived, as %s", size, first, len(o.Body), o.Header.Get("Content-Type"))
			}
		}
	}
	if n := server.Unfinished(); n != 0 {
		t.Errorf("%d uploads are unfinished", n)
	}
}

// Nothing is visible before Commit, and after Abort nothing stays, also when
// the context is over.
func TestAnAbortedObjectLeavesNothing(t *testing.T) {
	server := s3test.New(t, "lake")
	c := client(t, server.URL, s3.Options{})
	for _, size := range []int{100, 20 << 20} {
		ctx, cancel := context.WithCancel(t.Context())
		o, err := c.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{}).Create(ctx, "k")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Write(noise(size)); err != nil {
			t.Fatal(err)
		}
		if size > 8<<20 && server.Unfinished() != 1 {
			t.Error("no upload was begun")
		}
		cancel()
		if err := o.Abort(); err != nil {
			t.Error(err)
		}
		if len(server.Objects("lake")) != 0 || server.Unfinished() != 0 {
			t.Errorf("%d bytes: %d objects, %d uploads", size, len(server.Objects("lake")), server.Unfinished())
		}
	}
}

func TestAFaultInTheMiddleIsAnErrorAndLeavesNothing(t *testing.T) {
	server := s3test.New(t, "lake")
	c := client(t, server.URL, s3.Options{})
	body := noise(20 << 20)
	for _, op := range []string{"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"} {
		server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			hit := strings.HasPrefix(r.String(), op)
			if hit {
				s3test.Fail(w, 403, "AccessDenied")
			}
			return hit
		}
		err := write(t.Context(), c.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{}), "k", "k", body)
		if err == nil || !strings.Contains(err.Error(), "s3:PutObject") || s3.Curable(err) {
			t.Errorf("%s: %v", op, err)
		}
		if len(server.Objects("lake")) != 0 || server.Unfinished() != 0 {
			t.Errorf("%s: %d objects, %d uploads", op, len(server.Objects("lake")), server.Unfinished())
		}
	}
}

// A fault that passes, in the answer or in the connection, is not seen.
func TestUploadsSurvivePassingFaults(t *testing.T) {
	server := s3test.New(t, "lake")
	proxy := s3test.NewProxy(t, server.URL)
	c := client(t, proxy.URL, s3.Options{})
	var seen sync.Map
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		_, again := seen.LoadOrStore(r.String(), nil) // the first of its kind
		if !again {
			s3test.Fail(w, 503, "SlowDown")
		}
		return !again
	}
	body := noise(20 << 20)
	sink := c.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{})
	if err := write(t.Context(), sink, "k", "k", body); err != nil {
		t.Fatal(err)
	}
	server.Intercept = nil
	for name, w := range map[string]s3test.Weather{
		"reset while sending": {UpBytes: 1 << 20, Times: 1}, "refused": {Refuse: true, Times: 1},
	} {
		proxy.Set(w)
		server.Delete("lake", "k")
		if err := write(t.Context(), sink, "k", "k", body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(server.Objects("lake")["k"].Body, body) || server.Unfinished() != 0 {
			t.Errorf("%s: %d uploads are unfinished", name, server.Unfinished())
		}
	}
}

// An object that is there is not sent again and again to a server that hangs up before
// it has read it. Whoever may not look at the object sends it again.
func TestAHastyServerIsAskedWhatIsThere(t *testing.T) {
	server := s3test.New(t, "lake")
	server.Hasty = true
	body := noise(4 << 20)
	server.Put("lake", "there", body)
	sink := client(t, server.URL, s3.Options{}).NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{})
	for _, key := range []string{"new", "there"} {
		if err := writeNew(t.Context(), sink, key, body); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if !bytes.Equal(server.Objects("lake")[key].Body, body) {
			t.Errorf("%s is not what was written", key)
		}
	}
	puts, heads := 0, 0
	for _, r := range server.Requests() {
		switch r.String() {
		case "PutObject lake/there":
			puts++
		case "HeadObject lake/there":
			heads++
		case "HeadObject lake/new":
			t.Error("an object is asked for that was written at once")
		}
	}
	if puts != 1 || heads != 1 {
		t.Errorf("%d requests to write what is there, %d to look", puts, heads)
	}

	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Method == http.MethodHead {
			s3test.Fail(w, 403, "AccessDenied")
			server.Hasty = false // and reads the next one to its end
		}
		return r.Method == http.MethodHead
	}
	if err := writeNew(t.Context(), sink, "there", body); err != nil {
		t.Errorf("where looking is forbidden: %v", err)
	}
}

// writeNew writes an object, and leaves one that is there.
func writeNew(ctx context.Context, sink lake.Sink, key string, body []byte) error {
	o, err := sink.Create(ctx, key)
	if err != nil {
		return err
	}
	o.Keep()
	if _, err := o.Write(body); err != nil {
		return err
	}
	if err := o.Close(); err != nil {
		return err
	}
	return o.Commit(ctx, key)
}

// A stream's output waits in memory for its name, and not beyond the bound.
func TestObjectsWithoutANameAreBounded(t *testing.T) {
	server := s3test.New(t, "lake")
	c := client(t, server.URL, s3.Options{})
	sink := c.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{})
	piece := make([]byte, 50<<20)
	var last error
	var all []lake.Object
	for range 3 {
		o, err := sink.Create(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
		_, last = o.Write(piece)
	}
	if last == nil || !strings.Contains(last.Error(), "write the stream to a file") {
		t.Errorf("150 MiB without a name: %v", last)
	}
	for _, o := range all {
		if err := o.Abort(); err != nil {
			t.Error(err)
		}
	}
	if err := write(t.Context(), sink, "", "k", piece); err != nil {
		t.Errorf("what was aborted still counts: %v", err)
	}
}

func TestEncryptionIsAskedForAsItIsSet(t *testing.T) {
	server := s3test.New(t, "lake")
	c := client(t, server.URL, s3.Options{})
	for text, want := range map[string][2]string{
		"": {"", ""}, "AES256": {"AES256", ""}, "aws:kms": {"aws:kms", ""},
		"aws:kms:arn:aws:kms:eu-west-1:1:key/2": {"aws:kms", "arn:aws:kms:eu-west-1:1:key/2"},
	} {
		e, err := s3.ParseEncryption("--sse", text)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{10, 9 << 20} {
			if err := write(t.Context(), c.NewSink(s3.Ref{Bucket: "lake"}, e), "k", "k", noise(size)); err != nil {
				t.Fatal(err)
			}
			h := server.Objects("lake")["k"].Header
			got := [2]string{h.Get("X-Amz-Server-Side-Encryption"), h.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")}
			if got != want {
				t.Errorf("%q, %d bytes: the headers are %q", text, size, got)
			}
		}
	}
	if _, err := s3.ParseEncryption("--sse", "aes"); err == nil || !strings.Contains(err.Error(), "--sse") {
		t.Errorf("a mode that does not exist: %v", err)
	}
}

// The role writes, the own identity reads; a role that cannot be had is named.
func TestARoleIsAssumedForWritingAlone(t *testing.T) {
	server := s3test.New(t, "lake")
	server.ExternalID = "secret words"
	own := client(t, server.URL, s3.Options{})
	role, err := s3.NewClient(t.Context(), s3.Options{RoleARN: "arn:aws:iam::1:role/r", ExternalID: "secret words"})
	if err != nil {
		t.Fatal(err)
	}
	for identity, c := range map[string]*s3.Client{s3test.Identity: own, s3test.RoleIdentity: role} {
		if err := write(t.Context(), c.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{}), identity, identity, noise(9)); err != nil {
			t.Fatal(err)
		}
		if got := server.Objects("lake")[identity].Identity; got != identity {
			t.Errorf("%s wrote what %s should", got, identity)
		}
	}
	wrong, err := s3.NewClient(t.Context(), s3.Options{RoleARN: "arn:aws:iam::1:role/r"})
	if err != nil {
		t.Fatal(err)
	}
	err = write(t.Context(), wrong.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{}), "k", "k", noise(9))
	if err == nil || !strings.Contains(err.Error(), "EXTERNAL_ID") || s3.Curable(err) {
		t.Errorf("a role that is refused gives %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]s3.Ref{
		"s3://bucket": {Bucket: "bucket"}, "s3://bucket/": {Bucket: "bucket"}, "s3://b-1.x/a b/%2F": {Bucket: "b-1.x", Key: "a b/%2F"},
	} {
		if got := mustParse(t, address); got != want {
			t.Errorf("%s is %+v", address, got)
		}
	}
	for _, bad := range []string{"", "s3://", "s3:///k", "s3://a b/k", "S3://bucket/k", "bucket/k", "s3://-x-/k"} {
		if _, err := s3.ParseAddress(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// An object goes into the bucket in one request as long as the run has memory to spare,
// and in parts beyond; either way it arrives whole, and the memory is given back.
func TestObjectsGoInOneRequestAsMemoryAllows(t *testing.T) {
	server := s3test.New(t, "lake")
	c := client(t, server.URL, s3.Options{})
	for _, test := range []struct {
		size, total int64
		parts       bool
	}{
		{70 << 20, 200 << 20, false}, {70<<20 + 5, 200 << 20, false}, {64 << 20, 200 << 20, false},
		{70 << 20, 60 << 20, true}, {8<<20 + 1, 4 << 20, true}, {8 << 20, 4 << 20, false},
	} {
		begun := int64(0)
		server.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
			if strings.HasPrefix(r.String(), "CreateMultipartUpload") {
				begun++
			}
			return false
		}
		account := memory.New(test.total, false)
		share := account.Open(1, 0)
		sink := c.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{})
		sink.Memory = share
		body := noise(int(test.size))
		if err := write(t.Context(), sink, "k", "k", body); err != nil {
			t.Fatal(err)
		}
		if (begun > 0) != test.parts || !bytes.Equal(server.Objects("lake")["k"].Body, body) || server.Unfinished() != 0 {
			t.Errorf("%d bytes of %d: %d uploads, %d bytes arrived", test.size, test.total, begun, len(server.Objects("lake")["k"].Body))
		}
		if most := test.total + 16<<20; account.Peak() > most {
			t.Errorf("%d bytes: %d were held", test.size, account.Peak())
		}
		if !share.Spare(test.total - 1) { // all was given back, but for the claim
			t.Errorf("%d bytes of %d: some memory was not given back", test.size, test.total)
		}
	}
}

// A role of Security Lake may not abort uploads. That is one warning with what to do, and
// no failure.
func TestADeniedAbortIsOneWarning(t *testing.T) {
	server := s3test.New(t, "lake")
	var warnings []string
	c := client(t, server.URL, s3.Options{Warn: func(err error) { warnings = append(warnings, err.Error()) }})
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		denied := strings.HasPrefix(r.String(), "AbortMultipartUpload")
		if denied {
			s3test.Fail(w, 403, "AccessDenied")
		}
		return denied
	}
	sink := c.NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{})
	for range 3 {
		o, err := sink.Create(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Write(noise(20 << 20)); err != nil {
			t.Fatal(err)
		}
		if err := o.Abort(); err != nil {
			t.Errorf("a denied abort is an error: %v", err)
		}
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "AbortIncompleteMultipartUpload") || strings.Contains(warnings[0], "allow this identity") {
		t.Errorf("the warnings are %q", warnings)
	}
}
