package settings

import "strings"

// setPrefix begins the variables that give settings of mappings their values:
// SLUICE_SET_PRODUCT_VERSION is that of product_version.
const setPrefix = "SLUICE_SET_"

// pairs takes NAME=VALUE, each name's last.
func pairs(field func(*Settings) *map[string]string) reading {
	return func(r *reader, s *Settings, g given) {
		values := map[string]string{}
		for _, pair := range g.values {
			if name, value, ok := cutPair(pair); ok {
				values[name] = value
			} else {
				r.fault("%s is %q: give the name of a setting and its value, as %s product_version=4.14.7", g.what, pair, g.what)
			}
		}
		*field(s) = values
	}
}

// cutPair takes NAME=VALUE apart.
func cutPair(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, "=")
	return name, value, ok && name != ""
}

// classSources takes CLASS=SOURCE, each class's last.
func classSources(field func(*Settings) *map[string]string) reading {
	return func(r *reader, s *Settings, g given) {
		sources := map[string]string{}
		for _, pair := range strings.Split(strings.Join(g.values, ","), ",") {
			class, source, ok := cutPair(pair)
			if !ok {
				r.fault("%s has %q: give a class and its custom source, as authentication=acme-logins", g.what, pair)
				continue
			}
			name, err := r.Checks.ClassName(g.what, class)
			if err != nil {
				r.faults = append(r.faults, err)
			}
			r.check(r.Checks.Value, g.what+": the source of "+class, source)
			sources[name] = source
		}
		*field(s) = sources
	}
}

// rolesOf reads the roles of single sources.
func rolesOf(r *reader, s *Settings, g given) {
	s.Roles = map[string]string{}
	for _, pair := range g.values {
		source, role, ok := cutPair(pair)
		if !ok || !isRole(role) {
			r.fault("%s has %q: give a custom source and the ARN of its role, as acme-logins=arn:aws:iam::111122223333:role/logins", g.what, pair)
			continue
		}
		s.Roles[source] = role
	}
}

// provider reads the role of the lake. Only the function fills in what stands for the source
// and the region.
func provider(r *reader, s *Settings, g given) {
	s.RoleARN = g.text()
	filled := strings.NewReplacer("{source}", "s", "{region}", "r").Replace(s.RoleARN)
	switch {
	case r.Door == CommandLine && filled != s.RoleARN:
		r.fault("%s is %q: only the function fills in the source and the region, so name the role of the source that you write", g.what, s.RoleARN)
	case strings.ContainsAny(filled, "{}"):
		r.fault("%s is %q: of what stands in braces there are {source} and {region}", g.what, s.RoleARN)
	case !isRole(filled):
		r.fault("%s is %q: give the ARN of the role, as arn:aws:iam::111122223333:role/AmazonSecurityLake-Provider-wazuh-eu-west-1", g.what, s.RoleARN)
	}
}

// isRole reports whether a text can be the ARN of a role: that of a user or of a session of a role
// would be refused when something is written for the first time.
func isRole(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[2] == "iam" && strings.HasPrefix(parts[5], "role/") && !strings.HasSuffix(arn, "/") && !strings.ContainsAny(arn, " \t\r\n")
}

// Setting gives the value of a mapping's setting: that of a flag, else that of its
// variable. Where is the flag or variable, as messages name it. An empty variable
// counts as unset.
func (s *Settings) Setting(name string, getenv func(string) string) (value, where string, given bool) {
	if value, ok := s.Set[name]; ok {
		return value, "--set " + name, true
	}
	where = setPrefix + strings.ToUpper(name)
	value = getenv(where)
	return value, where, value != ""
}

// OfVariable returns the setting whose variable this is.
func OfVariable(name string) string { return strings.ToLower(strings.TrimPrefix(name, setPrefix)) }

// StrayVariables returns the variables of an environment (NAME=VALUE) that are
// there for settings, but for none of these.
func StrayVariables(environ, settings []string) []string {
	known := map[string]bool{}
	for _, name := range settings {
		known[setPrefix+strings.ToUpper(name)] = true
	}
	var stray []string
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, setPrefix) && value != "" && !known[name] {
			stray = append(stray, name)
		}
	}
	return stray
}

// UnknownVariables returns the variables of an environment (NAME=VALUE) that are named like
// those of a door and are not any of them, nor a setting of a mapping. A variable with a typing
// error has no effect.
func UnknownVariables(environ []string, door Door) []string {
	known := map[string]bool{}
	for _, v := range Variables() {
		known[v.Name] = v.Doors&door != 0
	}
	var unknown []string
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "SLUICE_") && !strings.HasPrefix(name, setPrefix) && value != "" && !known[name] {
			unknown = append(unknown, name)
		}
	}
	return unknown
}
