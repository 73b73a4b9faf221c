package settings

import (
	"strconv"
	"time"
)

// Kind is how a value is written.
type Kind uint8

// The kinds.
const (
	Text   Kind = iota // one text
	Switch             // on or off, in any of their spellings
	List               // several texts: a repeatable flag, commas in a variable
	Pairs              // NAME=VALUE: a repeatable flag, a variable for each NAME
)

// Variable defines one variable of the environment. Its texts are phrases in
// Markdown.
type Variable struct {
	Name  string
	Doors Door
	Kind  Kind
	// Flag wins over the variable, "" where there is none; Short is its letter.
	Flag, Short string
	// Meaning is what the variable says. Usage is the same of the flag, "" where
	// the two are alike.
	Meaning, Usage string
	// Default is that of the command line, InFunction that of the function, ""
	// where the two are alike.
	Default, InFunction string

	fallback string // what the command line uses when nothing is given
	needed   bool   // by the function
	read     reading
}

// Variables are the definitions, in the order of the manual. The caller must not
// change them.
func Variables() []Variable { return variables }

const required = "required"

var variables = []Variable{
	{
		Name: "SLUICE_MAPPING", Doors: both, Kind: List, Flag: "mapping", Short: "m",
		Meaning:    "mappings to apply, with commas between several: shipped names, files or folders; for the function also one file or folder `s3://…`",
		Usage:      "shipped name, file or folder of a mapping (repeatable)",
		Default:    "the shipped mapping of the class",
		InFunction: "the shipped mapping of the class; names and files are looked up under `mappings/` of the zip first",
		read:       list(func(s *Settings) *[]string { return &s.Mappings }),
	},
	{
		Name: "OCSF_CLASS", Doors: both, Flag: "class",
		Meaning: "class of the shipped mapping, by name in any case or by number, where no mapping is named",
		Usage:   "class of the shipped mapping: `security_finding` (2001), `detection_finding` (2004), or `by_class` for the class that each alert deserves",
		Default: "`security_finding`",
		read:    text(func(s *Settings) *string { return &s.class }),
	},
	{
		Name: setPrefix + "…", Doors: both, Kind: Pairs, Flag: "set",
		Meaning: "value of a setting of the mappings, under its name in upper case: `SLUICE_SET_PRODUCT_VERSION` is `settings.product_version`",
		Usage:   "value of a setting of the mappings, as `product_version=4.14.7` (repeatable)",
		Default: "the mapping's own",
		read:    pairs(func(s *Settings) *map[string]string { return &s.Set }),
	},
	{
		Name: "SLUICE_ALLOW_OUTSIDE", Doors: CommandLine, Kind: Switch, Flag: "allow-outside",
		Meaning: "let mappings and tests name files outside of their folder and of the working directory",
		Default: "off",
		read:    toggle(func(s *Settings) *bool { return &s.AllowOutside }),
	},
	{
		Name: "SLUICE_STRICT", Doors: both, Kind: Switch, Flag: "strict",
		Meaning: "reject an alert on any failed conversion, and for bytes that are not UTF-8",
		Default: "off",
		read:    toggle(func(s *Settings) *bool { return &s.Strict }),
	},
	{
		Name: "AWS_BUCKET", Doors: both, Flag: "out", Short: "o", needed: true,
		Meaning: "name of the bucket of the lake",
		Usage:   "folder or `s3://BUCKET[/PREFIX]` to write to; `-` writes events as JSON lines to stdout",
		Default: "`./lake`", InFunction: required, fallback: "./lake",
		read: bucket(func(s *Settings) *string { return &s.Out }),
	},
	{
		Name: "SOURCE_LOCATION", Doors: both, Flag: "source", needed: true,
		Meaning: "custom source; in a set of several classes what the names of their sources begin with",
		Usage:   "custom source name, or in a set of several classes what the names begin with",
		Default: "`" + DefaultSource + "`", InFunction: required,
		read: value(func(s *Settings) *string { return &s.Source }),
	},
	{
		Name: "SLUICE_SOURCES", Doors: both, Kind: List, Flag: "class-source",
		Meaning: "custom sources of single classes, as `authentication=acme-logins,3001=acme-accounts`, for a set of several classes",
		Usage:   "custom source of a class, as `authentication=acme-logins` (repeatable)",
		Default: "the sources that `sluice schema --sources` lists",
		read:    classSources(func(s *Settings) *map[string]string { return &s.ClassSources }),
	},
	{
		Name: "ACCOUNT_ID", Doors: both, Flag: "account", needed: true,
		Meaning: "AWS account that the alerts belong to",
		Default: "`external`", InFunction: required, fallback: "external",
		read: value(func(s *Settings) *string { return &s.Account }),
	},
	{
		Name: "REGION", Doors: both, Flag: "region", needed: true,
		Meaning: "region of the lake, as its keys name it",
		Default: "`us-east-1`", InFunction: required,
		read: value(func(s *Settings) *string { return &s.Region }),
	},
	{
		Name: "SLUICE_EVENT_DAYS", Doors: both, Flag: "event-days",
		Meaning: "first and last day that events may be of, others are rejects: `FROM..TO`, each a date as `2016-01-31`, a number of days from today (UTC), or nothing for no bound",
		Usage:   "first and last day of events, as `2016-01-31..` or, in days from today, `-30..1`; others are rejects",
		Default: "`" + defaultEventDays + "`: from ten years ago to tomorrow",
		read:    dayWindow(func(s *Settings) *DayWindow { return &s.EventDays }),
	},
	{
		Name: "SLUICE_MAX_EVENT_DAYS", Doors: both, Flag: "max-event-days",
		Meaning: "how many days the events of one input may be of; events of further days are rejects. 0 is any number",
		Default: "`" + strconv.Itoa(defaultMaxEventDays) + "`",
		read:    count(func(s *Settings) *int { return &s.MaxEventDays }),
	},
	{
		Name: "S3_BUCKET_OCSF", Doors: both, Flag: "ocsf-json",
		Meaning: "name of a bucket that also gets the events as JSON lines, gzip",
		Usage:   "folder or `s3://BUCKET[/PREFIX]` that also gets the events as JSON lines, gzip",
		Default: "none",
		read:    bucket(func(s *Settings) *string { return &s.OCSFJSON }),
	},
	{
		Name: "SLUICE_REJECTS", Doors: both, Flag: "rejects",
		Meaning:    "folder or `s3://BUCKET/PREFIX` for rejects and unmatched alerts; for the function always the latter",
		Usage:      "folder or `s3://BUCKET[/PREFIX]` for rejects and unmatched alerts",
		Default:    "`OUT/rejects`; `./rejects` with `-o -` or a bucket",
		InFunction: "`rejects/` of `S3_BUCKET_OCSF`, or without one of the bucket that the alerts came from",
		read:       rejects,
	},
	{
		Name: "SLUICE_SSE", Doors: both, Flag: "sse",
		Meaning: "encryption of objects in buckets: `AES256`, `aws:kms` or `aws:kms:KEY`",
		Default: "the bucket's own",
		read:    encryption(func(s *Settings) *string { return &s.SSE }),
	},
	{
		Name: "ROLE_ARN", Doors: both, Flag: "role-arn",
		Meaning: "provider role of Security Lake, assumed to write to the lake's bucket. For a set of several sources the function fills in `{source}` and `{region}`: `…:role/AmazonSecurityLake-Provider-{source}-{region}`",
		Usage:   "role to assume to write to the bucket of the lake",
		Default: "none: the lake is written with the caller's own rights",
		read:    provider,
	},
	{
		Name: "SLUICE_ROLES", Doors: Function, Kind: List,
		Meaning: "roles of single custom sources that `ROLE_ARN` does not name, as `acme-logins=arn:aws:iam::111122223333:role/logins`",
		Default: "none",
		read:    rolesOf,
	},
	{
		Name: "EXTERNAL_ID", Doors: both, Flag: "external-id",
		Meaning: "external ID for assuming `ROLE_ARN`",
		Usage:   "external ID for assuming that role",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.ExternalID }),
	},
	{
		Name: "SLUICE_LAKE_ACCOUNT", Doors: both,
		Meaning: "account that owns the bucket of the lake: S3 then refuses to write to a bucket of the same name in another",
		Default: "any account",
		read:    owner(func(s *Settings) *string { return &s.LakeAccount }),
	},
	{
		Name: "SLUICE_BUCKET_ACCOUNT", Doors: both,
		Meaning: "account that owns the other buckets: those of alerts, rejects, copies and mappings",
		Default: "any account",
		read:    owner(func(s *Settings) *string { return &s.BucketAccount }),
	},
	{
		Name: "IS_DEV", Doors: both, Kind: Switch,
		Meaning: "use the S3 server of `AWS_ENDPOINT`",
		Default: "off",
		read:    toggle(func(s *Settings) *bool { return &s.dev }),
	},
	{
		Name: "AWS_ENDPOINT", Doors: both,
		Meaning: "address of an S3 server, as `http://host:port`; counts with `IS_DEV` alone",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.Endpoint }),
	},
	{
		Name: "SLUICE_MAPPING_RELOAD", Doors: Function,
		Meaning: "seconds between two looks at a mapping in a bucket; 0 looks at every invocation",
		Default: "`60`",
		read:    seconds(func(s *Settings) *time.Duration { return &s.Reload }),
	},
	{
		Name: "SLUICE_MAPPING_FALLBACK", Doors: Function,
		Meaning: "mapping of the zip, or a shipped one, that a function starts with when the one in a bucket has faults and no good one was kept",
		Default: "none: the alerts wait",
		read:    text(func(s *Settings) *string { return &s.MappingFallback }),
	},
	{
		Name: "SLUICE_COLLECT", Doors: Function,
		Meaning: "minutes of a window whose objects are converted together: a notification of a queue is only noted, and a call `{\"flush\": true}` converts what was noted in windows that are over. A day is a whole number of windows; 0 converts each object when it comes",
		Default: "`0`",
		read:    window(func(s *Settings) *time.Duration { return &s.Collect }),
	},
	{
		Name: "SLUICE_SERVICE", Doors: Function,
		Meaning: "value of the dimension `service` of the metrics, by which those of several functions for one source are apart",
		Default: "`sluice`",
		read:    text(func(s *Settings) *string { return &s.Service }),
	},
	{
		Name: "SLUICE_LOG_LEVEL", Doors: Function,
		Meaning: "least level that is logged: `debug`, `info`, `warn` or `error`",
		Default: "`AWS_LAMBDA_LOG_LEVEL`, else `info`",
		read:    level,
	},
	{
		Name: "AWS_LAMBDA_LOG_LEVEL", Doors: Function,
		Meaning: "the same, where Lambda's own setting of the function says so",
		Default: "`info`",
		read:    level,
	},
	{
		Name: "AWS_LAMBDA_LOG_FORMAT", Doors: Function,
		Meaning: "`Text` for log lines for people; set by Lambda's own setting of the function",
		Default: "`JSON`",
		read:    logFormat,
	},
	{
		Name: "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Doors: Function,
		Meaning: "memory of the function in MB; set by Lambda. How many objects are worked on at a time follows from it",
		Default: "`512`",
		read:    megabytes,
	},
	{
		Name: "GOMEMLIMIT", Doors: both,
		Meaning: "limit of memory that Go's garbage collector works towards. How much a run holds at a time follows from it",
		Default: "`160MiB`, `256MiB` for a lake in a bucket", InFunction: "two thirds of the function's memory",
		read: text(func(s *Settings) *string { return &s.MemoryLimit }),
	},
	{
		Name: "LAMBDA_TASK_ROOT", Doors: Function,
		Meaning: "folder of the function's package; set by Lambda",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.TaskRoot }),
	},
	{
		Name: "AWS_LAMBDA_RUNTIME_API", Doors: Function,
		Meaning: "address of Lambda's Runtime API; set by Lambda",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.RuntimeAPI }),
	},
	{
		Name: "SLUICE_INDEXER", Doors: CommandLine, Kind: List, Flag: "indexer",
		Meaning: "addresses of the nodes of the indexer, with commas between several",
		Usage:   "address of a node of the indexer (repeatable)",
		Default: "`https://127.0.0.1:9200`",
		read:    list(func(s *Settings) *[]string { return &s.Indexer.URLs }),
	},
	{
		Name: "SLUICE_INDEXER_CA", Doors: CommandLine, Flag: "indexer-ca",
		Meaning: "file with the certificate that signed those of the indexer, such as `/etc/filebeat/certs/root-ca.pem`",
		Default: "those of the system",
		read:    text(func(s *Settings) *string { return &s.Indexer.CA }),
	},
	{
		Name: "SLUICE_INDEXER_USER", Doors: CommandLine,
		Meaning: "user at the indexer",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.Indexer.User }),
	},
	{
		Name: "SLUICE_INDEXER_PASSWORD", Doors: CommandLine,
		Meaning: "password of that user",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.Indexer.Password }),
	},
	{
		Name: "SLUICE_INDEXER_PASSWORD_FILE", Doors: CommandLine,
		Meaning: "file that holds the password, instead",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.Indexer.PasswordFile }),
	},
	{
		Name: "SLUICE_INDEXER_CERT", Doors: CommandLine,
		Meaning: "file with the certificate that shows to the indexer who asks",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.Indexer.Certificate }),
	},
	{
		Name: "SLUICE_INDEXER_KEY", Doors: CommandLine,
		Meaning: "file with the key of that certificate",
		Default: "none",
		read:    text(func(s *Settings) *string { return &s.Indexer.Key }),
	},
	{
		Name: "SLUICE_INDEXER_AWS", Doors: CommandLine,
		Meaning: "signs requests to the indexer for AWS, with the identity of the command and the region of `AWS_REGION`: `es` for a domain of Amazon OpenSearch Service, `aoss` for a collection",
		Default: "none",
		read:    awsService,
	},
	{
		Name: "NO_COLOR", Doors: CommandLine,
		Meaning: "set to anything, it turns colours off (<https://no-color.org>)",
		Default: "colours on a terminal",
	},
	{
		Name: "TERM", Doors: CommandLine,
		Meaning: "`dumb` turns colours and the progress line off",
		Default: "as the terminal sets it",
	},
	{
		Name: "XDG_CACHE_HOME", Doors: CommandLine,
		Meaning: "folder whose `sluice/wasm` keeps compiled WebAssembly modules (on Linux; macOS and Windows have folders of their own). Delete it whenever you like",
		Default: "`~/.cache`",
	},
	{
		Name: "XDG_STATE_HOME", Doors: CommandLine,
		Meaning: "folder whose `sluice/eval_history` keeps what was typed into `sluice eval` (on Windows `LocalAppData` names it)",
		Default: "`~/.local/state`",
	},
}
