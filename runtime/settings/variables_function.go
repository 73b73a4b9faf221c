package settings

import "time"

// ofFunction are for the function, but for the limit of memory, which both doors have.
var ofFunction = []Variable{
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
}
