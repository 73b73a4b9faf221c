package indexer

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Fault is a request that failed, after all attempts.
type Fault struct {
	What   string // "read the numbers of the shards of …"
	Node   string // its address
	Status int    // of HTTP, 0 if there was no answer
	Type   string // OpenSearch's name of the error, such as "index_not_found_exception"
	Reason string
	Right  string // that the request needs
	Err    error  // of the network, nil if there was an answer
}

// Error says what was attempted, where, why it failed and what to do.
func (f *Fault) Error() string {
	return fmt.Sprintf("%s at %s: %s: %s", f.What, f.Node, f.Reason, f.advice())
}

// Unwrap returns the error of the network.
func (f *Fault) Unwrap() error { return f.Err }

// Curable reports whether the same request may succeed later by itself.
func (f *Fault) Curable() bool {
	switch f.Status {
	case 0, http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return f.Type != missingContext && !isOfTrust(f.Err)
	}
	return false
}

func (f *Fault) advice() string {
	switch {
	case isOfTrust(f.Err):
		return "name the file of the CA that signed the node's certificate, and the node as the certificate does"
	case f.Status == http.StatusUnauthorized:
		return "check user and password, or the certificate of the client"
	case f.Status == http.StatusForbidden:
		return "allow this user " + f.Right
	case f.Status == http.StatusTooManyRequests:
		return "the cluster is busy; it is asked again later"
	case strings.Contains(f.Reason, "HTTP response to HTTPS client"):
		return "the node does not use TLS: its address begins with http://"
	case strings.HasPrefix(f.Node, "http://") && (f.Status == 0 || f.Status == http.StatusBadRequest && strings.Contains(f.Reason, "HTTPS")):
		return "check the address, which begins with https:// if the indexer uses TLS, as Wazuh's does, and whether it runs; it is asked again later"
	case f.Status/100 == 3:
		return "it leads elsewhere: give the address of the indexer itself, with https:// if it uses TLS"
	case f.Status == 0:
		return "check the address, and whether the indexer runs; it is asked again later"
	case f.Curable():
		return "look into the log of the indexer; it is asked again later"
	}
	return "check the names of the indices, and that this is OpenSearch 2 or later"
}

// missingContext is the error of a point in time that is over.
const missingContext = "search_context_missing_exception"

// Denied reports whether the identity lacks a right.
func Denied(err error) bool {
	var f *Fault
	return errors.As(err, &f) && (f.Status == http.StatusForbidden || f.Status == http.StatusUnauthorized)
}

// expired reports whether a point in time is over: too much time passed, or its node is
// gone.
func expired(err error) bool {
	var f *Fault
	return errors.As(err, &f) && (f.Type == missingContext || f.Type == "node_not_connected_exception" || f.Type == "no_shard_available_action_exception")
}

func isOfTrust(err error) bool {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var alert *tls.CertificateVerificationError
	return errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) || errors.As(err, &alert)
}

// unreachable is the text of an error of the network, without the address that Fault has.
func unreachable(err error) string {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

// refusal makes a Fault of an answer.
func refusal(r call, node string, status int, body []byte) *Fault {
	f := &Fault{What: r.what, Node: node, Status: status, Right: r.right, Reason: fmt.Sprintf("status %d", status)}
	var said struct {
		Error struct {
			Type, Reason string
			RootCause    []struct{ Type, Reason string } `json:"root_cause"`
		}
	}
	if json.Unmarshal(body, &said) != nil || said.Error.Type == "" {
		if text := strings.TrimSpace(string(body[:min(len(body), 200)])); text != "" {
			f.Reason += ": " + text
		}
		return f
	}
	f.Type = said.Error.Type
	reason := said.Error.Reason
	if len(said.Error.RootCause) > 0 { // the outer one says only that all shards failed
		f.Type, reason = said.Error.RootCause[0].Type, said.Error.RootCause[0].Reason
	}
	f.Reason += fmt.Sprintf(": %s: %s", f.Type, reason)
	return f
}

// Unsupported reports whether the cluster does not serve the request at all, or not to this
// identity.
func Unsupported(err error) bool {
	var f *Fault
	if !errors.As(err, &f) {
		return false
	}
	switch f.Status {
	case http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusBadRequest, http.StatusNotFound:
		return f.Type == ""
	}
	return false
}
