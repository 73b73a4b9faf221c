package s3_test

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// An object that is kept stays as it is, by a condition of the request that writes,
// for one request and for parts; one that is missing is written. A conflict is tried again.
func TestKeepWritesOnlyWhatIsMissing(t *testing.T) {
	for name, size := range map[string]int{"one request": 9, "parts": 9 << 20} {
		server := s3test.New(t, "lake")
		conflicts := 0
		server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if r.Header.Get("If-None-Match") != "*" || conflicts == 2 {
				return false
			}
			conflicts++
			s3test.Fail(w, http.StatusConflict, "ConditionalRequestConflict")
			return true
		}
		sink := client(t, server.URL, s3.Options{}).NewSink(s3.Ref{Bucket: "lake"}, s3.Encryption{})
		first, other := noise(size), noise(size+1)
		for i, body := range [][]byte{first, other} {
			o, err := sink.Create(t.Context(), "k")
			if err != nil {
				t.Fatal(err)
			}
			o.Keep()
			_, err = o.Write(body)
			if err := errors.Join(err, o.Close(), o.Commit(t.Context(), "k")); err != nil {
				t.Fatal(err)
			}
			if got := server.Objects("lake")["k"].Body; !bytes.Equal(got, first) {
				t.Errorf("%s, %d: the object has %d bytes, want %d", name, i, len(got), len(first))
			}
		}
		if conflicts != 2 || server.Unfinished() > 0 {
			t.Errorf("%s: %d conflicts, %d unfinished uploads", name, conflicts, server.Unfinished())
		}
		if err := write(t.Context(), sink, "k", "k", other); err != nil || !bytes.Equal(server.Objects("lake")["k"].Body, other) {
			t.Errorf("%s: without Keep it is not overwritten: %v", name, err)
		}
	}
}

// An identity that may not delete is told so, and asks once.
func TestRemove(t *testing.T) {
	server := s3test.New(t, "lake")
	server.Put("lake", "p/a", noise(1))
	server.Put("lake", "p/b", noise(1))
	sink := client(t, server.URL, s3.Options{}).NewSink(s3.Ref{Bucket: "lake", Key: "p"}, s3.Encryption{})
	for range 2 {
		if err := sink.Remove(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Method == http.MethodDelete {
			s3test.Fail(w, http.StatusForbidden, "AccessDenied")
		}
		return r.Method == http.MethodDelete
	}
	before := len(server.Requests())
	for range 3 {
		if err := sink.Remove(t.Context(), "b"); !errors.Is(err, lake.ErrMayNotRemove) {
			t.Errorf("it says %v", err)
		}
	}
	if n := len(server.Requests()) - before; n != 1 || len(server.Objects("lake")) != 1 {
		t.Errorf("%d requests, %d objects", n, len(server.Objects("lake")))
	}
}

func TestLedger(t *testing.T) {
	server := s3test.New(t, "b")
	l := client(t, server.URL, s3.Options{}).NewSink(s3.Ref{Bucket: "b", Key: "rejects"}, s3.Encryption{}).Ledger()
	ctx := t.Context()
	if m, err := l.Load(ctx, "x"); m != nil || err != nil {
		t.Errorf("what nobody wrote is %+v, %v", m, err)
	}
	var ids []string
	for _, id := range []string{"1", "2", "3", "4", "5"} { // more than a page
		m := &lake.Manifest{ID: id, Name: "n" + id, Pending: &lake.Pending{Objects: []string{"k"}}}
		if err := l.Intend(ctx, m); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Load(ctx, id); err != nil || got.Pending == nil || got.Name != m.Name {
			t.Errorf("intended: %+v, %v", got, err)
		}
		m.Pending = nil
		if err := l.Save(ctx, m); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Load(ctx, id); err != nil || !bytes.Equal(got.Encode(), m.Encode()) {
			t.Errorf("saved: %+v, %v", got, err)
		}
		ids = append(ids, id)
	}
	for _, owner := range []string{"first", "second", "first"} {
		if holder, err := l.Claim(ctx, "name", owner); holder != "first" || err != nil {
			t.Errorf("%s asks, and %s has it: %v", owner, holder, err)
		}
	}
	if got, err := l.IDs(ctx); !slices.Equal(got, ids) || err != nil {
		t.Errorf("the IDs are %v, %v", got, err)
	}
	server.Put("b", "rejects/.manifests/bad.json", []byte("{"))
	if _, err := l.Load(ctx, "bad"); err == nil || !strings.Contains(err.Error(), "s3://b/rejects/.manifests/bad.json") {
		t.Errorf("a damaged manifest gives %v", err)
	}
}
