package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Namer names the objects of one input. Names come from what was read and never
// from chance or the clock, so a retry overwrites itself and never doubles.
//
// A name is made from the input's identity, the seal settings and the ordinal
// of the object in its partition. The seal settings are in it because other
// settings cut the rows elsewhere: object 1 of a run with small objects must
// not overwrite object 1 of a run with large ones and leave the rest of it
// standing. The mapping is not in it: class, source, account and day stand in
// the path, so the same input through a corrected mapping overwrites the events
// of the faulty one, which is what a second run is for.
type Namer struct {
	// Identity is the digest of a local file or stdin, or bucket, key and
	// version of an S3 object; of several merged inputs, JoinIdentities.
	Identity string
	// UUID is the uuid of an input with Logstash's name, "" for any other.
	// It becomes the name itself, without its hyphens, as the guide has it.
	UUID string
	// Settings are what decides where objects are cut: Limits and the size of
	// the chunks they were fed with.
	Settings string
}

// Object is the name, without folder and ending, of the object with this
// ordinal in its partition: 0 is the first.
func (n Namer) Object(ordinal int) string {
	if n.UUID == "" {
		return digest("object", n.Identity, n.Settings, fmt.Sprint(ordinal))
	}
	name := strings.ToLower(strings.ReplaceAll(n.UUID, "-", ""))
	if ordinal > 0 {
		name = fmt.Sprintf("%s-%d", name, ordinal)
	}
	return name
}

// Lines is the name of an object of kept lines: kind is what they are
// ("rejects", "unmatched"). It never takes over a UUID: running a reject file
// again must not overwrite the events of the input it came from. Mappings are
// the names of the mappings that refused the lines: two of them over one input
// keep their lines apart, while a corrected mapping overwrites what its former
// self refused. Part counts from 0 where the lines are cut into several objects.
func (n Namer) Lines(kind string, mappings []string, part int) string {
	return digest(append([]string{kind, n.Identity, fmt.Sprint(part)}, mappings...)...)
}

// JoinIdentities is the identity of several inputs read as one, in order.
func JoinIdentities(identities []string) string { return digest(identities...) }

// digest gives 32 hex digits of the parts. Each part goes in with its length,
// so that moving a border between two parts changes the result.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
