package settings

import "strconv"

const required = "required"

// ofMappings say which mappings are applied, and how.
var ofMappings = []Variable{
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
}

// ofLake say where events, copies and rejects go.
var ofLake = []Variable{
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
}

// ofAccess say with whose rights, and to which S3 server.
var ofAccess = []Variable{
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
}
