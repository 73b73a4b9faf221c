package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// Namer names the objects of one input. Names depend on what was read and never on
// chance or the clock, so a retry overwrites its objects and duplicates nothing.
//
// A name is made from the input's identity, the seal settings and the ordinal of the
// object in its partition. The seal settings are part of it because other settings
// divide the rows differently: object 1 of a run with small objects must not overwrite
// object 1 of a run with large ones and leave the rest of it in place. The mapping is
// not part of it: class, source, account and day are in the path, so the same input
// through a corrected mapping overwrites the events of the faulty one, which is the
// purpose of a second run.
type Namer struct {
	// Identity is that of the input: the digest of its content, or of a very large
	// S3 object what the server knows of its content; for merged inputs it is
	// JoinIdentities of theirs.
	Identity string
	// UUID is the uuid in the name of an input that Logstash wrote, "" for any other
	// input. Without its hyphens it becomes the name, as in Wazuh's guide.
	UUID string
	// Settings are what decides how rows are divided into objects: Limits and the
	// size of the chunks.
	Settings string
	// Series is that of the Manifest.
	Series int

	// Manifest is the ID of the input's manifest. With Day (YYYYMMDD), Origin (what
	// the input is called) and Generation (of replays) it names the kept lines.
	Manifest    string
	Day, Origin string
	Generation  int
}

// Object returns the name, without folder and extension, of the object with this
// ordinal in its partition, counted from 0.
func (n Namer) Object(ordinal int) string {
	if n.Series > 0 {
		return Digest("object", n.Identity, n.Settings, strconv.Itoa(ordinal), "series", strconv.Itoa(n.Series))
	}
	if n.UUID == "" {
		return Digest("object", n.Identity, n.Settings, strconv.Itoa(ordinal))
	}
	name := strings.ToLower(strings.ReplaceAll(n.UUID, "-", ""))
	if ordinal > 0 {
		name += "-" + strconv.Itoa(ordinal)
	}
	return name
}

// Lines returns the name of an object of kept lines of a kind ("rejects", "unmatched"),
// without extension: DAY/ORIGIN-32 hex digits. It does not use the UUID: running a reject
// file must not overwrite the events of the input that the lines came from. It depends
// on the destination, so that two tables of one input keep their lines apart, and a
// corrected mapping overwrites what it rejected before. Part counts from 0 if the lines
// are divided into several objects.
func (n Namer) Lines(kind string, part int) string {
	return n.Day + "/" + plainName(n.Origin) + "-" + Digest(kind, n.Manifest, strconv.Itoa(n.Generation), strconv.Itoa(part))
}

// plainName is the last part of a path or address, without what a key or a shell would
// quote.
func plainName(path string) string {
	const most = 80
	name := strings.Map(func(r rune) rune {
		if r != ':' && spelling.MayBeInKey(r) {
			return r
		}
		return '_'
	}, path[strings.LastIndexAny(path, `/\`)+1:])
	name = strings.TrimLeft(name, ".") // a dot in front would hide the file
	return name[:min(len(name), most)]
}

// JoinIdentities returns the identity of several inputs read as one, in order.
func JoinIdentities(identities []string) string { return Digest(identities...) }

// Digest returns 32 hex digits. It hashes each part with its length, so that moving a
// border between two parts changes the result.
func Digest(parts ...string) string {
	text := make([]byte, 0, 512)
	for _, p := range parts {
		text = append(append(strconv.AppendInt(text, int64(len(p)), 10), ':'), p...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
