package s3test

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

var credential = regexp.MustCompile(`Credential=([^/]+)/`)

func identity(r *http.Request) string {
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		return m[1]
	}
	return ""
}

// verify compares a body with its headers.
func verify(r *http.Request, body []byte) string {
	switch digest := r.Header.Get("X-Amz-Content-Sha256"); {
	case strings.HasPrefix(digest, "STREAMING"):
		return "a body in chunks is not read here"
	case len(digest) == 64:
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != digest {
			return "the body has another SHA-256"
		}
	}
	if r.Method == http.MethodPut {
		if got := r.Header.Get("X-Amz-Checksum-Crc32"); got != checksum(body) {
			return fmt.Sprintf("the body has the CRC32 %s, the header says %q", checksum(body), got)
		}
	}
	return ""
}

func checksum(body []byte) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body)))
}

func get(w http.ResponseWriter, r *http.Request, o Object, ok bool) {
	switch {
	case !ok:
		fail(w, r, http.StatusNotFound, "NoSuchKey", "no such key")
		return
	case r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != o.ETag:
		fail(w, r, http.StatusPreconditionFailed, "PreconditionFailed", "If-Match")
		return
	case r.Header.Get("If-None-Match") == o.ETag:
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body, status := o.Body, http.StatusOK
	if asked, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
		from, to, _ := strings.Cut(asked, "-")
		at, err := strconv.Atoi(from)
		end := len(body)
		if last, given := strconv.Atoi(to); given == nil {
			end = min(end, last+1)
		}
		if err != nil || at >= end {
			fail(w, r, http.StatusRequestedRangeNotSatisfiable, "InvalidRange", asked)
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, end-1, len(body)))
		body, status = body[at:end], http.StatusPartialContent
	} else {
		w.Header().Set("X-Amz-Checksum-Crc32", checksum(body))
	}
	if sum := o.Header.Get("X-Amz-Checksum-Crc64nvme"); sum != "" && r.Header.Get("X-Amz-Checksum-Mode") != "" {
		w.Header().Set("X-Amz-Checksum-Crc64nvme", sum)
		w.Header().Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	}
	w.Header().Set("Last-Modified", lastModified)
	w.Header().Set("ETag", o.ETag)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a client that went away hears nothing
	}
}

// lastModified is when all objects were written.
const lastModified = "Sat, 14 Mar 2026 06:00:00 GMT"

// taken responds to a request that writes only a new object, if there
// is one.
func taken(w http.ResponseWriter, r *http.Request, found bool) bool {
	if r.Header.Get("If-None-Match") != "*" || !found {
		return false
	}
	fail(w, r, http.StatusPreconditionFailed, "PreconditionFailed", "If-None-Match")
	return true
}

// replaced responds to a request that writes on the condition that the object has a tag, if
// it has not.
func replaced(w http.ResponseWriter, r *http.Request, o Object, found bool) bool {
	switch tag := r.Header.Get("If-Match"); {
	case tag == "" || found && tag == o.ETag:
		return false
	case !found:
		fail(w, r, http.StatusNotFound, "NoSuchKey", "If-Match")
	default:
		fail(w, r, http.StatusPreconditionFailed, "PreconditionFailed", "If-Match")
	}
	return true
}

// pageKeys is small, so that tests see more than one page.
const pageKeys = 3

func (s *Server) list(w http.ResponseWriter, req Request, b *bucket) {
	keys := b.after(req.Query.Get("prefix"), max(req.Query.Get("continuation-token"), req.Query.Get("start-after")))
	most := cmp.Or(s.PageKeys, pageKeys)
	more := len(keys) > most
	keys = keys[:min(len(keys), most)]
	fmt.Fprintf(w, `<ListBucketResult><IsTruncated>%v</IsTruncated>`, more)
	if more {
		fmt.Fprintf(w, `<NextContinuationToken>%s</NextContinuationToken>`, escape(keys[len(keys)-1]))
	}
	for _, key := range keys {
		o := b.objects[key]
		fmt.Fprintf(w, `<Contents><Key>%s</Key><LastModified>2026-03-14T06:00:00.000Z</LastModified><Size>%d</Size><ETag>%s</ETag></Contents>`, escape(key), len(o.Body), escape(o.ETag))
	}
	fmt.Fprint(w, `</ListBucketResult>`)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

type upload struct {
	bucket, key string
	header      http.Header
	parts       map[int][]byte
}

func (s *Server) multipart(op string, w http.ResponseWriter, r *http.Request, req Request, body []byte) {
	if op == "CreateMultipartUpload" {
		s.next++
		id := fmt.Sprintf("upload-%d", s.next)
		s.uploads[id] = &upload{req.Bucket, req.Key, stored(r.Header), map[int][]byte{}}
		fmt.Fprintf(w, `<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>`, id)
		return
	}
	id := req.Query.Get("uploadId")
	u := s.uploads[id]
	if u == nil || u.bucket != req.Bucket || u.key != req.Key {
		fail(w, r, http.StatusNotFound, "NoSuchUpload", id)
		return
	}
	switch op {
	case "UploadPart":
		n, _ := strconv.Atoi(req.Query.Get("partNumber"))
		u.parts[n] = body
		w.Header().Set("ETag", etag(body))
		w.Header().Set("X-Amz-Checksum-Crc32", checksum(body))
	case "AbortMultipartUpload":
		delete(s.uploads, id)
		w.WriteHeader(http.StatusNoContent)
	case "CompleteMultipartUpload":
		s.complete(w, r, req, id, body)
	}
}

const smallestPart = 5 << 20

func (s *Server) complete(w http.ResponseWriter, r *http.Request, req Request, id string, body []byte) {
	var asked struct {
		Part []struct {
			PartNumber          int
			ETag, ChecksumCRC32 string
		}
	}
	u := s.uploads[id]
	if _, found := s.buckets[u.bucket].get(u.key); taken(w, r, found) {
		return
	}
	if err := xml.Unmarshal(body, &asked); err != nil || len(asked.Part) != len(u.parts) {
		fail(w, r, http.StatusBadRequest, "MalformedXML", "the list of parts is wrong")
		return
	}
	var whole []byte
	for i, p := range asked.Part {
		part, ok := u.parts[p.PartNumber]
		if !ok || p.PartNumber != i+1 || p.ETag != etag(part) || p.ChecksumCRC32 != checksum(part) {
			fail(w, r, http.StatusBadRequest, "InvalidPart", "a part is not the one that was sent")
			return
		}
		if i < len(asked.Part)-1 && len(part) < smallestPart {
			fail(w, r, http.StatusBadRequest, "EntityTooSmall", "a part is under 5 MiB")
			return
		}
		whole = append(whole, part...)
	}
	o := Object{whole, fmt.Sprintf("%s-%d\"", strings.TrimSuffix(etag(whole), `"`), len(asked.Part)), u.header, req.Identity}
	s.buckets[u.bucket].put(u.key, o)
	delete(s.uploads, id)
	fmt.Fprintf(w, `<CompleteMultipartUploadResult><ETag>%s</ETag></CompleteMultipartUploadResult>`, escape(o.ETag))
}

// RoleIdentity is the access key of an assumed role. The session token of its requests is
// its ARN.
const RoleIdentity = "ROLE"

func (s *Server) assumeRole(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Form.Get("Action") != "AssumeRole" {
		http.Error(w, "only AssumeRole is served here", http.StatusNotImplemented)
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, "sts", r.Form.Get("RoleArn"), r.Form, r.Header.Clone(), identity(r), r.Context().Done()})
	want := s.ExternalID
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml")
	if r.Form.Get("ExternalId") != want {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not with this external id</Message></Error></ErrorResponse>`)
		return
	}
	fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
		`<SessionToken>%s</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, RoleIdentity, escape(r.Form.Get("RoleArn")))
}
