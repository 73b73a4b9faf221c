package settings

// ofIndexer say where alerts are pulled from, and who asks.
var ofIndexer = []Variable{
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
}

// ofTerminal are those of the system that the command line heeds.
var ofTerminal = []Variable{
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
