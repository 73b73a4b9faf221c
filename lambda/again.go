package lambda

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// underRejects reports whether an object is in the place of rejects.
func (c *config) underRejects(ref s3.Ref) bool {
	own := c.rejectsFor(ref)
	return ref.Bucket == own.Bucket && strings.HasPrefix(ref.Key, own.Key+"/")
}

// isRejects reports whether an object is a file of rejects or of unmatched alerts.
func (c *config) isRejects(ref s3.Ref) bool {
	return c.underRejects(ref) && strings.HasSuffix(ref.Key, ".ndjson.gz") && !strings.Contains(ref.Key, "/"+lake.LedgerFolder+"/")
}

// again makes the work on a file of rejects the work on the object that they are of: that
// replaces both its events and its rejects by what the present mapping makes of it.
func (inv *invocation) again(w *work) {
	origin, err := inv.origin(w.ref)
	if err != nil {
		w.err = fmt.Errorf("%w; `sluice replay %s` runs rejects again whose object is not in a bucket any more", err, inv.config.rejectsFor(w.ref))
		return
	}
	inv.log.Info("rejects are run again with their object", "rejects", w.ref.String(), "object", origin.String())
	w.ref = origin
	w.refused = inv.config.refuse(origin)
}

// mostOrigin bounds what is read of a file of rejects for its first line, in bytes.
const mostOrigin = 64 << 20

// origin reads which object the lines of a file of rejects came from. All came from one.
func (inv *invocation) origin(ref s3.Ref) (s3.Ref, error) {
	in, err := inv.own.Input(inv.ctx, ref)
	if err != nil {
		return s3.Ref{}, err
	}
	body, err := in.Open(inv.ctx)
	if err != nil {
		return s3.Ref{}, err
	}
	defer body.Close() // only read
	plain, err := gzip.NewReader(bufio.NewReader(body))
	if err != nil {
		return s3.Ref{}, fmt.Errorf("%s is not a file of rejects: %w", ref, err)
	}
	var reject struct{ Origin string }
	if err := json.NewDecoder(io.LimitReader(plain, mostOrigin)).Decode(&reject); err != nil {
		return s3.Ref{}, fmt.Errorf("%s is not a file of rejects: %w", ref, err)
	}
	origin, err := s3.ParseAddress(reject.Origin)
	if err != nil {
		return s3.Ref{}, fmt.Errorf("%s has rejects of %s, which is not an object", ref, reject.Origin)
	}
	return origin, nil
}
