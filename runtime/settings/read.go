package settings

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Options say whose settings are read, and from where.
type Options struct {
	Door   Door
	Getenv func(string) string
	// Flag gives the values of a flag, and whether it was given; nil where there
	// are not flags.
	Flag func(name string) (values []string, given bool)
	// Wants reports which of the door's variables matter; nil for all.
	Wants  func(*Variable) bool
	Checks Checks
}

// Checks know what other packages demand of values. What is the name of the
// setting as the user wrote it, which begins the error.
type Checks struct {
	Value      func(what, text string) error // a value that is part of the keys of the lake
	Bucket     func(what, name string) error // the name of a bucket
	Address    func(what, text string) error // s3://BUCKET[/PREFIX]
	Encryption func(what, text string) error
	// Class gives the shipped mapping of a class.
	Class func(what, class string) (mapping string, err error)
	// ClassName gives the name of a class of OCSF, which is named in any case or by
	// its number.
	ClassName func(what, class string) (name string, err error)
}

// Read reads the settings of a front door. The error joins everything that is
// wrong; the fields of what is not wrong are there even then.
func Read(o Options) (Settings, error) {
	r := &reader{Options: o, given: map[string]given{}}
	s := Settings{Reload: 60 * time.Second, Memory: 512 << 20, Service: "sluice", MaxEventDays: defaultMaxEventDays}
	s.EventDays, _ = parseDayWindow(defaultEventDays) // which is one
	for i := range variables {
		if v := &variables[i]; v.Doors&o.Door != 0 && v.read != nil && (o.Wants == nil || o.Wants(v)) {
			r.variable(&s, v)
		}
	}
	r.mappings(&s)
	r.region(&s)
	r.endpoint(&s)
	r.apart(&s)
	if s.LogLevel == "" {
		s.LogLevel = "info"
	}
	if s.ExternalID != "" && s.RoleARN == "" && len(s.Roles) == 0 {
		s.Warnings = append(s.Warnings, "EXTERNAL_ID is set without ROLE_ARN: no role is assumed, and it is not used")
	}
	return s, errors.Join(r.faults...)
}

// Terminal returns what the environment says of terminals: whether they get
// colours, and whether their lines can be written over.
func Terminal(getenv func(string) string) (colours, moves bool) {
	moves = getenv("TERM") != "dumb"
	return moves && getenv("NO_COLOR") == "", moves
}

// reader gathers what was given, and the faults of it.
type reader struct {
	Options
	given  map[string]given // by the variable's name
	faults []error
}

// given is one setting as the user wrote it.
type given struct {
	what   string // the flag with its dashes, or the variable
	values []string
	flag   bool
}

func (g given) text() string { return g.values[len(g.values)-1] }

func (r *reader) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(format, args...))
}

func (r *reader) check(check func(what, text string) error, what, text string) {
	if err := check(what, text); err != nil {
		r.faults = append(r.faults, err)
	}
}

// variable reads one variable, or the flag that wins over it.
func (r *reader) variable(s *Settings, v *Variable) {
	g, ok := r.find(v)
	switch {
	case ok && g.text() == "":
		r.fault("%s is empty: give a value or leave it out", g.what)
	case ok:
		r.given[v.Name] = g
		v.read(r, s, g)
	case r.Door == Function && v.needed:
		r.fault("%s is not set: set it to the %s", v.Name, v.Meaning)
	case r.Door == CommandLine && v.fallback != "":
		v.read(r, s, given{what: v.Name, values: []string{v.fallback}, flag: true})
	}
}

func (r *reader) find(v *Variable) (given, bool) {
	if r.Flag != nil && v.Flag != "" {
		if values, ok := r.Flag(v.Flag); ok {
			return given{"--" + v.Flag, values, true}, true
		}
	}
	if v.Kind == Pairs {
		return given{}, false // its variables are read by the names of settings
	}
	text := r.Getenv(v.Name)
	if text == "" {
		return given{}, false
	}
	if v.Kind != List {
		return given{v.Name, []string{text}, false}, true
	}
	values := strings.Split(text, ",")
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return given{v.Name, values, false}, true
}

const scheme = "s3://"

func isAddress(text string) bool { return strings.HasPrefix(text, scheme) }

// mappings settles which mappings run: those that are named, else the shipped
// one of the class. A flag wins over a variable here too: --class over
// SLUICE_MAPPING, and -m over OCSF_CLASS.
func (r *reader) mappings(s *Settings) {
	named, class := r.given["SLUICE_MAPPING"], r.given["OCSF_CLASS"]
	switch {
	case named.flag && class.flag:
		r.fault("--class picks a shipped mapping and -m names another: give one of them")
	case len(named.values) > 0 && !class.flag:
		r.places(named)
		return
	}
	if class.what == "" {
		class.what, s.class = "OCSF_CLASS", "security_finding"
	}
	mapping, err := r.Checks.Class(class.what, s.class)
	if err != nil {
		r.faults = append(r.faults, err)
		return
	}
	s.Mappings = []string{mapping}
}

// places checks where mappings lie.
func (r *reader) places(named given) {
	for _, name := range named.values {
		switch {
		case !isAddress(name):
		case r.Door == CommandLine:
			r.fault("%s is %s, and the command line reads mappings from files: copy it and name the copy with -m", named.what, name)
		case len(named.values) > 1:
			r.fault("%s names %s beside others: put all mappings into one folder of the bucket, and name that alone", named.what, name)
		default:
			r.check(r.Checks.Address, named.what, name)
		}
	}
}

// apart checks that the function writes nothing among the tables of the lake but their objects.
// What is wrong with the buckets themselves is said first.
func (r *reader) apart(s *Settings) {
	if r.Door != Function || len(r.faults) > 0 {
		return
	}
	if s.OCSFJSON == s.Out {
		r.fault("S3_BUCKET_OCSF and AWS_BUCKET are both %q: the copies would lie among the objects of the tables, which then cannot be read; name another bucket", strings.TrimPrefix(s.Out, scheme))
	}
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(s.Rejects, scheme), "/")
	if scheme+bucket == s.Out && strings.HasPrefix(strings.Trim(prefix, "/")+"/", "ext/") {
		r.fault("SLUICE_REJECTS is %q: the tables of the lake lie under ext/ of its bucket, and could not be read with rejects among them; name another prefix", s.Rejects)
	}
}

func (r *reader) region(s *Settings) {
	if s.Region == "" && r.Door == CommandLine {
		s.Region = "us-east-1"
	}
}

// endpoint is that of an S3 server for development, "" without one.
func (r *reader) endpoint(s *Settings) {
	if !s.dev {
		s.Endpoint = ""
		return
	}
	if u, err := url.Parse(s.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		r.fault("IS_DEV is set and AWS_ENDPOINT is %q: set it to the address of the S3 server, as http://host:port, or unset IS_DEV", s.Endpoint)
	}
}
