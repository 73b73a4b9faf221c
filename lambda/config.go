package lambda

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// config is the environment, read and checked.
type config struct {
	settings.Settings
	bucket, ocsfBucket string // of the lake and of the copies; "" for no copies
	rejects            s3.Ref // the zero value for the default
	sse                s3.Encryption
	level              slog.Level
	getenv             func(string) string // for settings of the mappings
}

// leastMemory is enough for objects of any size, in bytes.
const leastMemory = 320 << 20

// memoryLimit is the memory that Go's runtime aims to stay under: GOMEMLIMIT, or two
// thirds of the function's. The collector works harder near the limit instead of being
// killed at it. The rest is for the program itself, for stacks and the kernel.
func (c *config) memoryLimit() int64 {
	if c.MemoryLimit != "" {
		return debug.SetMemoryLimit(-1)
	}
	return c.Memory * 2 / 3
}

// readConfig reads the environment. The error joins everything that is wrong.
func readConfig(getenv func(string) string) (config, error) {
	s, err := settings.Read(settings.Options{
		Door: settings.Function, Getenv: getenv,
		Checks: settings.Checks{Value: lake.CheckValue, Bucket: s3.CheckBucket, Address: s3.CheckAddress, Encryption: s3.CheckEncryption, Class: mapping.OfClass, ClassName: mapping.ClassName},
	})
	c := config{Settings: s, getenv: getenv}
	if err != nil {
		return c, err
	}
	if c.Memory < leastMemory {
		c.Warnings = append(c.Warnings, fmt.Sprintf("the function has %d MB of memory: objects that have more than some %d MB unpacked need %d", c.Memory>>20, memory.Of(c.memoryLimit())*2/3>>20, leastMemory>>20))
	}
	c.unlikely()
	c.bucket, c.ocsfBucket = strings.TrimPrefix(s.Out, s3.Scheme), strings.TrimPrefix(s.OCSFJSON, s3.Scheme)
	if s.Collect > 0 && s.Rejects == "" && c.ocsfBucket == "" {
		err = errors.New("SLUICE_COLLECT is set and SLUICE_REJECTS is not: set that to s3://BUCKET/PREFIX, where noted objects wait")
	}
	if s.Rejects != "" {
		c.rejects, err = s3.ParseAddress(s.Rejects)
		c.rejects.Key = strings.Trim(c.rejects.Key, "/")
	}
	var sseErr error
	c.sse, sseErr = s3.ParseEncryption("SLUICE_SSE", s.SSE)
	return c, errors.Join(err, sseErr, c.level.UnmarshalText([]byte(s.LogLevel)))
}

// rejectsFor is where the rejects of an object go.
func (c *config) rejectsFor(ref s3.Ref) s3.Ref {
	switch {
	case c.rejects.Bucket != "":
		return c.rejects
	case c.ocsfBucket != "":
		return s3.Ref{Bucket: c.ocsfBucket, Key: "rejects"}
	}
	return s3.Ref{Bucket: ref.Bucket, Key: "rejects"}
}

// refuse says why an object must not be read, "" when it may: the function wrote
// it. Reading it would write another of its kind, which would call the function
// again, and so on.
func (c *config) refuse(ref s3.Ref) string {
	if c.underRejects(ref) {
		own := c.rejectsFor(ref)
		return "the function writes its rejects under " + own.String() + "/: call it with the file, or use `sluice replay " + own.String() + "`, to run them again"
	}
	if (ref.Bucket == c.bucket || ref.Bucket == c.ocsfBucket) && strings.HasPrefix(ref.Key, "ext/") {
		return "the function writes its events under ext/ of this bucket"
	}
	return ""
}
