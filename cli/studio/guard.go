package studio

import (
	"crypto/subtle"
	"mime"
	"net"
	"net/http"
	"strings"
)

// Other pages in the browser, and other users of the machine, can reach the port as well.
// So nothing is said or done without the token, which the page has from the part of its
// address that browsers do not send (#…), and sends in a header that no other page may
// send. A page whose name was made to lead here (DNS rebinding) has another Host.

// bodyBytes bounds the body of a request: the edits of a large mapping with its tests.
const bodyBytes = 16 << 20

// tokenHeader has the token.
const tokenHeader = "Sluice-Token"

// policy lets the page load its own files, talk to its own server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guarded puts the guards before the page and its API.
func (s *Studio) guarded(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			h.Set(name, value)
		}
		if why := s.refuse(r, sameOrigin); why != nil {
			writeError(w, why)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyBytes)
		next.ServeHTTP(w, r)
	})
}

// refuse says why a request is not answered, nil if it is.
func (s *Studio) refuse(r *http.Request, sameOrigin *http.CrossOriginProtection) error {
	if !isLoopback(hostOf(r.Host)) {
		return refusal(http.StatusForbidden, "the page is for this machine: open it at the address that `sluice studio` has printed")
	}
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		return nil // the files of the page, which say nothing of mappings or alerts
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	origin := r.Header.Get("Origin")
	switch {
	case r.Method != http.MethodPost:
		return refusal(http.StatusMethodNotAllowed, "the page asks with POST")
	case sameOrigin.Check(r) != nil, origin != "" && origin != "http://"+r.Host:
		return refusal(http.StatusForbidden, "another page has no business here")
	case subtle.ConstantTimeCompare([]byte(r.Header.Get(tokenHeader)), []byte(s.token)) != 1:
		return refusal(http.StatusUnauthorized, "the token is missing or of an earlier start: open the address that `sluice studio` has printed")
	case err != nil || kind != "application/json":
		return refusal(http.StatusUnsupportedMediaType, "the page sends JSON")
	}
	return nil
}

// hostOf is a host without its port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.Trim(address, "[]")
}

// isLoopback reports whether a host is this machine, whatever a name server says.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
