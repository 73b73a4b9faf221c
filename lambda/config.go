package lambda

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// config is the environment, read and checked.
type config struct {
	bucket, source, account, region string
	ocsfBucket                      string // "" for none
	roleARN, externalID             string
	endpoint                        string

	mappings []string
	reload   time.Duration
	strict   bool
	rejects  s3.Ref // the zero value for the default
	sse      s3.Encryption

	level    slog.Level
	text     bool  // log lines for people, where Lambda's own settings ask for it
	memory   int64 // bytes that the function has
	taskRoot string
	warnings []string
}

const (
	defaultReload = 60 * time.Second
	defaultMemory = 512 << 20
	// leastMemory is what an object of any size passes through with.
	leastMemory = 448 << 20
)

// readConfig reads the environment. The error joins everything that is wrong.
func readConfig(getenv func(string) string) (config, error) {
	r := reader{getenv: getenv}
	c := config{
		bucket: r.needBucket("AWS_BUCKET"), source: r.need("SOURCE_LOCATION"), account: r.need("ACCOUNT_ID"), region: r.need("REGION"),
		ocsfBucket: getenv("S3_BUCKET_OCSF"), roleARN: getenv("ROLE_ARN"), externalID: getenv("EXTERNAL_ID"),
		strict: r.yes("SLUICE_STRICT"), rejects: r.rejects(), level: r.level(),
		reload:   r.seconds("SLUICE_MAPPING_RELOAD", defaultReload),
		text:     strings.EqualFold(getenv("AWS_LAMBDA_LOG_FORMAT"), "text"),
		memory:   r.megabytes("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
		taskRoot: getenv("LAMBDA_TASK_ROOT"),
	}
	c.mappings = r.mappings()
	if c.ocsfBucket != "" {
		r.note(s3.CheckBucket("S3_BUCKET_OCSF", c.ocsfBucket))
	}
	var err error
	c.endpoint, err = s3.DevEndpoint(getenv)
	r.note(err)
	c.sse, err = s3.ParseEncryption("SLUICE_SSE", getenv("SLUICE_SSE"))
	r.note(err)
	if c.externalID != "" && c.roleARN == "" {
		c.warnings = append(c.warnings, "EXTERNAL_ID is set without ROLE_ARN: no role is assumed, and it is not used")
	}
	if c.memory < leastMemory {
		c.warnings = append(c.warnings, fmt.Sprintf("the function has %d MB of memory: large objects need %d", c.memory>>20, leastMemory>>20))
	}
	if w := lake.WarnSource(c.source); w != "" {
		c.warnings = append(c.warnings, w)
	}
	return c, errors.Join(r.faults...)
}

// reader gathers the faults of the variables that it reads.
type reader struct {
	getenv func(string) string
	faults []error
}

func (r *reader) note(err error) {
	if err != nil {
		r.faults = append(r.faults, err)
	}
}

// need reads a value that stands in the keys of the lake.
func (r *reader) need(name string) string {
	value := r.getenv(name)
	if value == "" {
		r.note(fmt.Errorf("%s is not set: the function needs it", name))
	} else {
		r.note(lake.CheckValue(name, value))
	}
	return value
}

func (r *reader) needBucket(name string) string {
	value := r.getenv(name)
	if value == "" {
		r.note(fmt.Errorf("%s is not set: name the bucket of the Security Lake", name))
	} else {
		r.note(s3.CheckBucket(name, value))
	}
	return value
}

func (r *reader) yes(name string) bool {
	switch value := strings.ToLower(r.getenv(name)); value {
	case "", "0", "false", "no", "off":
		return false
	case "1", "true", "yes", "on":
		return true
	default:
		r.note(fmt.Errorf("%s is %q: set it to true or false", name, value))
		return false
	}
}

func (r *reader) seconds(name string, fallback time.Duration) time.Duration {
	value := r.getenv(name)
	if value == "" {
		return fallback
	}
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		r.note(fmt.Errorf("%s is %q: give whole seconds; 0 looks at every invocation", name, value))
	}
	return time.Duration(n) * time.Second
}

func (r *reader) megabytes(name string) int64 {
	n, err := strconv.ParseInt(r.getenv(name), 10, 32)
	if err != nil || n <= 0 {
		return defaultMemory // not Lambda: a test or another host
	}
	return n << 20
}

// rejects wants a prefix, by which the function knows rejects from alerts.
func (r *reader) rejects() s3.Ref {
	value := r.getenv("SLUICE_REJECTS")
	if value == "" {
		return s3.Ref{}
	}
	ref, err := s3.ParseAddress(value)
	if err != nil {
		r.note(fmt.Errorf("SLUICE_REJECTS: %w", err))
		return s3.Ref{}
	}
	ref.Key = strings.Trim(ref.Key, "/")
	if ref.Key == "" {
		r.note(fmt.Errorf("SLUICE_REJECTS is %q: give it a prefix, as s3://%s/rejects, by which rejects are told from alerts", value, ref.Bucket))
	}
	return ref
}

// mappings gives what SLUICE_MAPPING names, else the shipped mapping of the class.
func (r *reader) mappings() []string {
	if value := r.getenv("SLUICE_MAPPING"); value != "" {
		names := strings.Split(value, ",")
		for i, name := range names {
			names[i] = strings.TrimSpace(name)
			if s3.Is(names[i]) && len(names) > 1 {
				r.note(fmt.Errorf("SLUICE_MAPPING names %s beside others: put all mappings into one folder of the bucket, and name that alone", names[i]))
			}
		}
		return names
	}
	class := strings.ToLower(r.getenv("OCSF_CLASS"))
	if class == "" {
		class = "security_finding"
	}
	for _, name := range mapping.Shipped() {
		if name == "wazuh/"+class {
			return []string{name}
		}
	}
	r.note(fmt.Errorf("OCSF_CLASS is %q: set it to SECURITY_FINDING or DETECTION_FINDING, or name a mapping with SLUICE_MAPPING", r.getenv("OCSF_CLASS")))
	return nil
}

// level is ours, else Lambda's.
func (r *reader) level() slog.Level {
	name, value := "SLUICE_LOG_LEVEL", r.getenv("SLUICE_LOG_LEVEL")
	if value == "" {
		name, value = "AWS_LAMBDA_LOG_LEVEL", r.getenv("AWS_LAMBDA_LOG_LEVEL")
	}
	switch strings.ToLower(value) {
	case "trace", "debug":
		return slog.LevelDebug
	case "", "info":
		return slog.LevelInfo
	case "warn", "warning":
		return slog.LevelWarn
	case "error", "fatal":
		return slog.LevelError
	}
	r.note(fmt.Errorf("%s is %q: set it to debug, info, warn or error", name, value))
	return slog.LevelInfo
}
