package settings

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// reading puts what was given into the settings, and notes what is wrong with it.
type reading func(r *reader, s *Settings, g given)

// text takes anything.
func text(field func(*Settings) *string) reading {
	return func(_ *reader, s *Settings, g given) { *field(s) = g.text() }
}

// list takes several texts, none of them empty.
func list(field func(*Settings) *[]string) reading {
	return func(r *reader, s *Settings, g given) {
		for _, value := range g.values {
			if value == "" {
				r.fault("%s has an empty name in its list: take it out", g.what)
				return
			}
		}
		*field(s) = g.values
	}
}

// value reads a variable whose value is part of the keys of the lake.
func value(field func(*Settings) *string) reading {
	return func(r *reader, s *Settings, g given) {
		r.check(r.Checks.Value, g.what, g.text())
		*field(s) = g.text()
	}
}

// address is what nobody calls a folder: an address of S3 in another spelling, or of
// something else. A letter alone before a colon is a disk.
var address = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?i:s3:|[a-z][a-z0-9+.-]+://)`) })

// Folder returns an error if a place that is no s3:// looks like an address and would make a
// folder of that name. What is the name of the flag or variable.
func Folder(what, place string) error {
	if address().MatchString(place) {
		return fmt.Errorf("%s is %q: an address is written s3://BUCKET; for a folder of this name write ./%s", what, place, place)
	}
	return nil
}

// place takes a folder or an address.
func place(field func(*Settings) *string) reading {
	return func(r *reader, s *Settings, g given) {
		r.place(g)
		*field(s) = g.text()
	}
}

// bucket takes a place from a flag and the name of a bucket from a variable.
func bucket(field func(*Settings) *string) reading {
	return func(r *reader, s *Settings, g given) {
		if g.flag {
			place(field)(r, s, g)
			return
		}
		r.check(r.Checks.Bucket, g.what, g.text())
		*field(s) = scheme + g.text()
	}
}

// rejects takes a place, and from the function a bucket with a prefix, by which it
// distinguishes rejects from alerts.
func rejects(r *reader, s *Settings, g given) {
	s.Rejects = g.text()
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(s.Rejects, scheme), "/")
	switch {
	case r.Door == Function && (!isAddress(s.Rejects) || bucket == ""):
		r.fault("%s is %q: the function writes only to buckets, so write s3://BUCKET/PREFIX", g.what, s.Rejects)
	case r.Door == Function && strings.Trim(prefix, "/") == "":
		r.fault("%s is %q: add a prefix, as s3://%s/rejects, by which rejects are told from alerts", g.what, s.Rejects, bucket)
	default:
		r.place(g)
	}
}

// place checks a folder or an address.
func (r *reader) place(g given) {
	if isAddress(g.text()) {
		r.check(r.Checks.Address, g.what, g.text())
	} else {
		r.check(Folder, g.what, g.text())
	}
}

// owner takes the number of an account.
func owner(field func(*Settings) *string) reading {
	return func(r *reader, s *Settings, g given) {
		if *field(s) = g.text(); len(g.text()) != 12 || strings.Trim(g.text(), "0123456789") != "" {
			r.fault("%s is %q: give the 12 digits of the account that owns the bucket", g.what, g.text())
		}
	}
}

func encryption(field func(*Settings) *string) reading {
	return func(r *reader, s *Settings, g given) {
		r.check(r.Checks.Encryption, g.what, g.text())
		*field(s) = g.text()
	}
}

// toggle takes on and off, in any case and any of their usual spellings.
func toggle(field func(*Settings) *bool) reading {
	return func(r *reader, s *Settings, g given) {
		switch strings.ToLower(g.text()) {
		case "1", "true", "yes", "on":
			*field(s) = true
		case "0", "false", "no", "off":
			*field(s) = false
		default:
			r.fault("%s is %q: set it to true or false", g.what, g.text())
		}
	}
}

func seconds(field func(*Settings) *time.Duration) reading {
	return func(r *reader, s *Settings, g given) {
		n, err := strconv.ParseUint(g.text(), 10, 31)
		if err != nil {
			r.fault("%s is %q: give whole seconds; 0 looks at every invocation", g.what, g.text())
			return
		}
		*field(s) = time.Duration(n) * time.Second
	}
}

// window takes minutes of which a day has a whole number.
func window(field func(*Settings) *time.Duration) reading {
	return func(r *reader, s *Settings, g given) {
		n, err := strconv.ParseUint(g.text(), 10, 31)
		if day := uint64(24 * 60); err != nil || n > day || n > 0 && day%n != 0 {
			r.fault("%s is %q: give minutes of which a day has a whole number, as 15 or 60, or 0", g.what, g.text())
			return
		}
		*field(s) = time.Duration(n) * time.Minute
	}
}

// count takes a number that is not negative.
func count(field func(*Settings) *int) reading {
	return func(r *reader, s *Settings, g given) {
		n, err := strconv.ParseUint(g.text(), 10, 31)
		if err != nil {
			r.fault("%s is %q: give a number; 0 is any number", g.what, g.text())
			return
		}
		*field(s) = int(n)
	}
}

// level takes the names that Lambda has for levels too. The first one given
// counts.
func level(r *reader, s *Settings, g given) {
	level := ""
	switch strings.ToLower(g.text()) {
	case "trace", "debug":
		level = "debug"
	case "info":
		level = "info"
	case "warn", "warning":
		level = "warn"
	case "error", "fatal":
		level = "error"
	default:
		r.fault("%s is %q: set it to debug, info, warn or error", g.what, g.text())
	}
	if s.LogLevel == "" {
		s.LogLevel = level
	}
}

func logFormat(_ *reader, s *Settings, g given) { s.LogText = strings.EqualFold(g.text(), "text") }

// megabytes leaves the default where the host is not Lambda and says something
// else.
func megabytes(_ *reader, s *Settings, g given) {
	if n, err := strconv.ParseInt(g.text(), 10, 32); err == nil && n > 0 {
		s.Memory = n << 20
	}
}

func awsService(r *reader, s *Settings, g given) {
	s.Indexer.AWS = g.text()
	if s.Indexer.AWS != "es" && s.Indexer.AWS != "aoss" {
		r.fault("%s is %q: set it to es for a domain, or aoss for a collection", g.what, g.text())
	}
}
