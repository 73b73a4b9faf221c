package function

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"

	"github.com/sluice-lake/sluice/engine/alert"
)

// digestWork is how many times as long a digest takes as to go through a text.
const digestWork = 2

// digest makes a function that gives the digest of a text, in hex.
func digest(make func() hash.Hash) func(*Machine, []alert.Value) (alert.Value, error) {
	return func(m *Machine, args []alert.Value) (alert.Value, error) {
		s, err := m.oneText(args[0])
		if err != nil {
			return alert.Value{}, err
		}
		if err := m.scan(digestWork * len(s)); err != nil {
			return alert.Value{}, err
		}
		h := make()
		h.Write([]byte(s))
		return m.made(hex.EncodeToString(h.Sum(nil)))
	}
}

// keyedDigest is HMAC with SHA-256 of a text under a key, in hex.
func keyedDigest(m *Machine, args []alert.Value) (alert.Value, error) {
	s, key, err := twoTexts(args)
	if err != nil {
		return alert.Value{}, err
	}
	if err := m.scan(digestWork * (len(s) + len(key))); err != nil {
		return alert.Value{}, err
	}
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(s))
	return m.made(hex.EncodeToString(h.Sum(nil)))
}

var (
	md5Hex    = digest(md5.New)
	sha1Hex   = digest(sha1.New)
	sha512Hex = digest(sha512.New)
)

func sha256Hex(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	m.scratch = append(m.scratch[:0], s...)
	sum := sha256.Sum256(m.scratch)
	m.scratch = hex.AppendEncode(m.scratch[:0], sum[:])
	return m.made(m.Arena.Text(m.scratch))
}
