package audit

import (
	"time"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// key is what the key of an object says.
type key struct {
	table  string // the folder of the custom source, with a version if it has one
	folder string // of the partition
	name   string // without extension; "" of a key that no lake has
}

var (
	// partition is the folder of one, behind the source.
	partition = lazyregexp.MustCompile(`^ext/([^/]+(?:/[^/=]+)?)/region=([^/]+)/accountId=([^/]+)/eventDay=([0-9]{8})/$`)
	account   = lazyregexp.MustCompile(`^([0-9]{12}|external(_.+)?)$`)
	// ownName is what sluice calls objects: the digest of an input, or Logstash's uuid.
	ownName = lazyregexp.MustCompile(`^[0-9a-f]{32}(\.part[0-9]+)?(-[0-9]+)?$`)
)

// keyOf takes a key apart, and judges it.
func (a *audit) keyOf(k string) (at key, faults []*verify.Fault) {
	if a.Loose {
		return key{}, nil
	}
	folder, name, ok := lake.SplitKey(k)
	parts := partition().FindStringSubmatch(folder)
	if !ok || parts == nil {
		return key{}, []*verify.Fault{verify.NewFault(k, verify.Path, "the crawler of Security Lake does not find the partition in this key",
			"move it to ext/SOURCE/region=REGION/accountId=ACCOUNT/eventDay=YYYYMMDD/NAME.parquet, or away from ext/")}
	}
	if _, err := time.Parse("20060102", parts[4]); err != nil {
		faults = append(faults, verify.NewFault(k, verify.Path, "eventDay is not a day", "write it as YYYYMMDD"))
	}
	if !account().MatchString(parts[3]) {
		faults = append(faults, verify.NewFault(k, verify.Account, "accountId is neither an account of AWS nor external", "name the account of the records; those from outside of AWS are external, or external_ID"))
	}
	return key{"ext/" + parts[1] + "/", folder, name}, faults
}
