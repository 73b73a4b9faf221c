// Package settings reads the settings of both front doors: the variables of the
// environment, and for the command line the flags that win over them.
//
//	flags ───────┐
//	             ├──► Read ──► Settings, or every fault at once
//	environment ─┘
//
// Each variable is defined once, in Variables: its flag, the way it is read and
// its row in the manual come from that table.
//
// Laws, each of them a test:
//
//   - A variable that both front doors read means the same in both.
//   - A flag wins over its variable. An empty variable counts as unset; an empty
//     flag is a fault.
//   - One Read reports all faults, each under the name that the user wrote.
package settings

import "time"

// Settings are the settings of a front door, checked, with defaults in place of
// what was left out. Fields of variables that a front door does not read are
// zero.
type Settings struct {
	// Mappings name the mappings to apply, at least one: those that were named,
	// else the shipped one of the class.
	Mappings []string
	Strict   bool
	// AllowOutside lets mappings and tests name files anywhere.
	AllowOutside bool
	// Set are values of settings of the mappings, by name, from flags; see Setting.
	Set map[string]string

	// Source is the custom source as given, "" when it was not: then it is up to
	// the mappings (see pipeline.Sources).
	Source string
	// ClassSources are the custom sources of single classes, by the name of the class.
	ClassSources    map[string]string
	Account, Region string

	// EventDays are the days that events may be of, MaxEventDays is how many different
	// ones an input may have, 0 for any number.
	EventDays    DayWindow
	MaxEventDays int

	// Out, OCSFJSON and Rejects are folders or s3://BUCKET[/PREFIX]. Out may also
	// be "-"; OCSFJSON and Rejects are "" when they were not given.
	Out, OCSFJSON, Rejects string
	SSE                    string
	RoleARN, ExternalID    string
	LakeAccount            string            // that owns the lake's bucket, "" for any
	BucketAccount          string            // that owns all other buckets, "" for any
	Roles                  map[string]string // of single custom sources, by name
	Endpoint               string            // of an S3 server, "" for Amazon's own

	// MappingFallback is a mapping of the package to start with where that in a bucket
	// has faults, "" for none.
	MappingFallback string
	Indexer         Indexer

	Reload      time.Duration // between two looks at a mapping in a bucket
	Collect     time.Duration // window of what is converted together, 0 for none
	Service     string        // in the metrics of the function
	LogLevel    string        // debug, info, warn or error
	LogText     bool          // log lines for people instead of JSON
	Memory      int64         // of the function, in bytes
	MemoryLimit string        // GOMEMLIMIT, which Go's runtime reads itself, "" if it is not set
	TaskRoot    string        // folder of the function's package
	RuntimeAPI  string        // host:port of Lambda's Runtime API

	// Warnings are sentences about settings that have no effect.
	Warnings []string

	class string
	dev   bool
}

// Indexer says where the indexer is and how to get in. CA, PasswordFile, Certificate and
// Key are names of files. URLs are nil where none was given.
type Indexer struct {
	URLs                   []string
	CA, Certificate, Key   string
	User                   string
	Password, PasswordFile string
	AWS                    string // service that requests are signed for: es, aoss, or "" for none
}

// DefaultSource is the custom source of mappings that name none, where none is
// given.
const DefaultSource = "wazuh"

// Door is a front door, or several.
type Door uint8

// The front doors.
const (
	CommandLine Door = 1 << iota
	Function

	both = CommandLine | Function
)
