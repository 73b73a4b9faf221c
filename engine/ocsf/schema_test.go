package ocsf

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func load(t testing.TB) *Schema {
	t.Helper()
	s, err := Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// schemas are the facts of every version.
func schemas(t testing.TB) []*Schema {
	t.Helper()
	var list []*Schema
	for _, version := range Versions() {
		s, err := Load(version)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// find walks from a class ("detection_finding.finding_info.analytic").
func find(t *testing.T, s *Schema, path string) *Attribute {
	t.Helper()
	names := strings.Split(path, ".")
	c, ok := s.Class(names[0])
	if !ok {
		t.Fatalf("no class %s", names[0])
	}
	a, ok := c.Attribute(names[1])
	for _, name := range names[2:] {
		if !ok || a.Object == nil {
			t.Fatalf("%s: no object before %s", path, name)
		}
		a, ok = a.Object.Attribute(name)
	}
	if !ok {
		t.Fatalf("no attribute %s", path)
	}
	return a
}

// Facts of OCSF 1.1.0, each looked up by hand.
func TestFacts(t *testing.T) {
	s := load(t)
	for _, c := range []struct {
		path, typ   string
		requirement Requirement
		profiles    string
		sibling     string
	}{
		{"security_finding.state_id", "integer_t", Required, "", "state"},
		{"security_finding.nist", "string_t[]", Optional, "", ""},
		{"security_finding.finding", "finding", Required, "", ""},
		{"security_finding.attacks", "attack[]", Optional, "", ""},
		{"security_finding.time", "timestamp_t", Required, "", ""},
		{"security_finding.time_dt", "datetime_t", Optional, "datetime", ""},
		{"security_finding.type_uid", "long_t", Required, "", "type_name"},
		{"security_finding.unmapped", "object", Optional, "", ""},
		{"detection_finding.device", "device", Optional, "host", ""},
		{"detection_finding.device.type_id", "integer_t", Required, "", "type"},
		{"detection_finding.finding_info", "finding_info", Required, "", ""},
		{"detection_finding.finding_info.title", "string_t", Required, "", ""},
		{"detection_finding.finding_info.analytic.type_id", "integer_t", Required, "", "type"},
		{"detection_finding.metadata.product.name", "string_t", Recommended, "", ""},
		{"detection_finding.confidence_id", "integer_t", Recommended, "", ""},
		{"network_activity.src_endpoint.port", "port_t", Recommended, "", ""},
		{"dns_activity.answers.flag_ids", "integer_t[]", Optional, "", "flags"},
		{"process_activity.process.parent_process.parent_process", "process", Recommended, "", ""},
		{"process_activity.process.xattributes", "object", Optional, "", ""},
		{"http_activity.http_request.http_method", "string_t", Optional, "", ""},
		{"api_activity.actor.user.uid", "string_t", Recommended, "", ""},
	} {
		a := find(t, s, c.path)
		if got := a.TypeName(); got != c.typ {
			t.Errorf("%s has the type %s, want %s", c.path, got, c.typ)
		}
		if a.Requirement != c.requirement || strings.Join(a.Profiles, ",") != c.profiles || a.Sibling != c.sibling {
			t.Errorf("%s: requirement %d, profiles %q, sibling %q; want %d, %q, %q",
				c.path, a.Requirement, a.Profiles, a.Sibling, c.requirement, c.profiles, c.sibling)
		}
	}
	for _, absent := range []string{"nist", "state_id", "analytic", "attacks_"} {
		if c, _ := s.Class("2004"); c != nil {
			if _, ok := c.Attribute(absent); ok {
				t.Errorf("2004 has an attribute %s", absent)
			}
		}
	}
}

func TestEnumCaptions(t *testing.T) {
	s := load(t)
	for _, c := range []struct{ path, value, caption string }{
		{"security_finding.state_id", "1", "New"},
		{"security_finding.class_uid", "2001", "Security Finding"},
		{"security_finding.category_uid", "2", "Findings"},
		{"detection_finding.status_id", "1", "New"},
		{"detection_finding.activity_id", "1", "Create"},
		{"detection_finding.severity_id", "5", "Critical"},
		{"detection_finding.finding_info.analytic.type_id", "1", "Rule"},
		{"vulnerability_finding.vulnerabilities.cve.cvss.depth", "Base", "Base"},
	} {
		if got, ok := find(t, s, c.path).EnumCaption(c.value); !ok || got != c.caption {
			t.Errorf("%s %s is %q (%t), want %q", c.path, c.value, got, ok, c.caption)
		}
	}
	if got, ok := find(t, s, "detection_finding.severity_id").EnumCaption("7"); ok {
		t.Errorf("severity_id 7 has the caption %q", got)
	}
}

// The number of an attribute is its own, else its type's, else its object's.
func TestObservables(t *testing.T) {
	s := load(t)
	for path, want := range map[string]int{
		"network_activity.src_endpoint.ip":       2,
		"network_activity.src_endpoint.hostname": 1,
		"network_activity.src_endpoint.port":     0,
		"network_activity.src_endpoint":          0, // network_endpoint extends endpoint, which is one
		"network_activity.src_endpoint.location": 26,
		"email_activity.email.to":                5, // a list
		"process_activity.process":               25,
		"process_activity.process.cmd_line":      0,
		"process_activity.process.name":          9,
		"process_activity.process.file.hashes":   30, // a list
		"authentication.user":                    21,
		"authentication.user.name":               4,
		"security_finding.message":               0,
		"security_finding.unmapped":              0,
	} {
		if got := find(t, s, path).Observable; got != want {
			t.Errorf("%s is observable %d, want %d", path, got, want)
		}
	}
}

func TestTypes(t *testing.T) {
	s := load(t)
	for _, c := range []struct {
		name     string
		kind     Kind
		maxLen   int
		own, cut bool
	}{
		{"boolean_t", Boolean, 0, false, false},
		{"integer_t", Integer, 0, false, false},
		{"port_t", Integer, 0, false, false},
		{"long_t", Long, 0, false, false},
		{"float_t", Float, 0, false, false},
		{"json_t", JSON, 0, false, false},
		{"timestamp_t", Timestamp, 0, false, false},
		{"object", Open, 0, false, false},
		{"string_t", String, 65535, true, true},
		{"hostname_t", String, 65535, false, true},
		{"file_name_t", String, 65535, false, true},
		{"ip_t", String, 40, true, false},
		{"file_hash_t", String, 64, true, false},
		{"datetime_t", Datetime, 65535, false, false},
	} {
		ty, ok := s.Type(c.name)
		if !ok {
			t.Errorf("no type %s", c.name)
			continue
		}
		if ty.Kind != c.kind || ty.MaxLen != c.maxLen || ty.OwnMaxLen != c.own || ty.Cuttable() != c.cut {
			t.Errorf("%s: kind %s, max %d, own %t, cuttable %t; want %+v", c.name, ty.Kind, ty.MaxLen, ty.OwnMaxLen, ty.Cuttable(), c)
		}
	}
	if port, _ := s.Type("port_t"); !port.Ranged || port.Min != 0 || port.Max != 65535 {
		t.Errorf("port_t is %+v, want the range 0 to 65535", port)
	}
	if _, ok := s.Type("finding"); ok {
		t.Error("the object finding is found as a type")
	}
}

func TestDeprecations(t *testing.T) {
	s := load(t)
	security, _ := s.Class("security_finding")
	finding, _ := s.Object("finding")
	detection, _ := s.Class("detection_finding")
	if security.Deprecated != "1.1.0" || finding.Deprecated != "1.0.0" || detection.Deprecated != "" {
		t.Errorf("deprecated: security_finding %q, finding %q, detection_finding %q", security.Deprecated, finding.Deprecated, detection.Deprecated)
	}
	session, _ := s.Class("authorize_session")
	if !slices.Equal(session.Constraint.JustOne, []string{"privileges", "group"}) {
		t.Errorf("authorize_session's constraint is %+v", session.Constraint)
	}
	if len(s.Classes) != 50 || len(s.Objects) != 105 || len(s.Profiles) != 8 || len(s.Categories) != 6 {
		t.Errorf("%d classes, %d objects, %d profiles, %d categories", len(s.Classes), len(s.Objects), len(s.Profiles), len(s.Categories))
	}
}

// Facts of OCSF 1.3.0 that differ from those of 1.1.0, each looked up by hand.
func TestFacts130(t *testing.T) {
	s, err := Load("1.3.0")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Classes) != 72 || len(s.Objects) != 120 || len(s.Profiles) != 10 || len(s.Categories) != 7 {
		t.Errorf("%d classes, %d objects, %d profiles, %d categories", len(s.Classes), len(s.Objects), len(s.Profiles), len(s.Categories))
	}
	for _, c := range []struct {
		path, typ   string
		requirement Requirement
		profiles    string
		observable  int
	}{
		{"detection_finding.device", "device", Recommended, "host", 0},
		{"detection_finding.duration", "long_t", Optional, "", 0},
		{"detection_finding.risk_details", "string_t", Optional, "", 0},
		{"detection_finding.osint", "osint[]", Required, "osint", 0},
		{"detection_finding.resources.name", "string_t", Recommended, "", 0},
		{"detection_finding.vulnerabilities.cve.uid", "string_t", Required, "", 18},
		{"network_activity.src_endpoint.port", "port_t", Recommended, "", 11},
		{"process_activity.process.cmd_line", "string_t", Recommended, "", 13},
		{"process_activity.process.pid", "integer_t", Recommended, "", 15},
		{"http_activity.http_request.user_agent", "string_t", Recommended, "", 16},
		{"authentication.user.credential_uid", "string_t", Optional, "", 19},
		{"file_remediation_activity.file", "file", Required, "", 24},
		{"event_log.log_type_id", "integer_t", Recommended, "", 0},
	} {
		a := find(t, s, c.path)
		if a.TypeName() != c.typ || a.Requirement != c.requirement || strings.Join(a.Profiles, ",") != c.profiles || a.Observable != c.observable {
			t.Errorf("%s: %s, requirement %d, profiles %q, observable %d; want %+v", c.path, a.TypeName(), a.Requirement, a.Profiles, a.Observable, c)
		}
	}
	if old := load(t); find(t, old, "network_activity.src_endpoint.port").Type.Observable != 0 {
		t.Error("port_t of 1.1.0 is observable")
	}
}

func TestVersions(t *testing.T) {
	if got := strings.Join(Versions(), " "); got != "1.1.0 1.3.0" {
		t.Errorf("versions: %s", got)
	}
	for class, want := range map[string]string{
		"detection_finding": "1.1.0 1.3.0", "2004": "1.1.0 1.3.0", "event_log": "1.3.0", "1008": "1.3.0",
		"registry_key_info": "1.1.0", "registry_key_query": "1.3.0", "nothing": "", "": "", "99999999999": "",
	} {
		if got := strings.Join(ClassVersions(class), " "); got != want {
			t.Errorf("class %q is in %q, want %q", class, got, want)
		}
	}
	for _, s := range schemas(t) {
		if byNumber, _ := s.Class("2004"); byNumber == nil || byNumber.Name != "detection_finding" {
			t.Errorf("%s: class 2004 is %v", s.Version, byNumber)
		}
	}
}

// Laws of every version's facts: names ascend, patterns compile and match the
// whole value, an attribute has a type or an object, siblings exist and are
// arrays where their enum is one, constraints name attributes, observable
// numbers have a caption and follow the precedence.
func TestSchemaLaws(t *testing.T) {
	for _, s := range schemas(t) {
		for i := range s.Types {
			p := s.Types[i].Pattern
			if p == "" {
				continue
			}
			re, err := regexp.Compile(p)
			if err != nil {
				t.Errorf("%s: %v", s.Types[i].Name, err)
			} else if re.MatchString("00000000-0000-0000-0000-000000000000!") {
				t.Errorf("%s: its pattern matches a part of a value", s.Types[i].Name)
			}
		}
		observable, _ := s.Object("observable")
		typeID, ok := observable.Attribute("type_id")
		if !ok {
			t.Fatalf("OCSF %s: observable has no type_id", s.Version)
		}
		eachAttribute(s, func(owner string, a *Attribute) {
			if _, ok := typeID.EnumCaption(itoa(a.Observable)); !ok {
				t.Errorf("%s: %s is observable %d, which has no caption", owner, a.Name, a.Observable)
			}
			if a.Object != nil && a.Observable == 0 && a.Object.Observable != 0 || a.Type != nil && a.Observable == 0 && a.Type.Observable != 0 {
				t.Errorf("%s: %s (%s) is not an observable, its type is", owner, a.Name, a.TypeName())
			}
		})
		for i := range s.Objects {
			o := &s.Objects[i]
			attributeLaws(t, "object "+o.Name, o.Attributes, o.Constraint)
		}
		for i := range s.Classes {
			c := &s.Classes[i]
			attributeLaws(t, "class "+c.Name, c.Attributes, c.Constraint)
			if i > 0 && c.UID <= s.Classes[i-1].UID {
				t.Errorf("class %s is out of order", c.Name)
			}
		}
	}
}

// eachAttribute visits the attributes of all objects and classes.
func eachAttribute(s *Schema, visit func(owner string, a *Attribute)) {
	for i := range s.Objects {
		for j := range s.Objects[i].Attributes {
			visit("object "+s.Objects[i].Name, &s.Objects[i].Attributes[j])
		}
	}
	for i := range s.Classes {
		for j := range s.Classes[i].Attributes {
			visit("class "+s.Classes[i].Name, &s.Classes[i].Attributes[j])
		}
	}
}

// noSibling are siblings that OCSF names and does not have, or that are not text
// and so cannot hold a caption.
var noSibling = map[string]bool{
	"object related_event type_uid":      true, // no type_name there
	"class incident_finding priority_id": true, // priority is an integer_t
}

func attributeLaws(t *testing.T, owner string, list []Attribute, c Constraint) {
	t.Helper()
	for i := range list {
		a := &list[i]
		if i > 0 && list[i-1].Name >= a.Name {
			t.Errorf("%s: %s is out of order", owner, a.Name)
		}
		if (a.Type == nil) == (a.Object == nil) {
			t.Errorf("%s: %s has not exactly one of Type and Object", owner, a.Name)
		}
		if got, ok := attribute(list, a.Name); !ok || got != a {
			t.Errorf("%s: %s is not found by its name", owner, a.Name)
		}
		if a.Sibling == "" || noSibling[owner+" "+a.Name] {
			continue
		}
		sibling, ok := attribute(list, a.Sibling)
		if !ok {
			t.Errorf("%s: %s has no sibling %s", owner, a.Name, a.Sibling)
		} else if sibling.Array != a.Array || sibling.Type == nil || sibling.Type.Kind != String {
			t.Errorf("%s: sibling %s of %s is %s", owner, a.Sibling, a.Name, sibling.TypeName())
		}
	}
	for _, path := range slices.Concat(c.AtLeastOne, c.JustOne) {
		here := list
		for _, name := range strings.Split(path, ".") {
			a, ok := attribute(here, name)
			if !ok {
				t.Errorf("%s: constraint names %s", owner, path)
				break
			}
			if a.Object != nil {
				here = a.Object.Attributes
			}
		}
	}
}

func TestLoadUnknownVersion(t *testing.T) {
	for _, version := range []string{"1.1", "", "2.0.0", strings.Repeat("9", 1000)} {
		s, err := Load(version)
		if s != nil || err == nil || !strings.Contains(err.Error(), "known: 1.1.0, 1.3.0") {
			t.Errorf("%q: %v", version, err)
		}
	}
}

func TestClassLookup(t *testing.T) {
	s := load(t)
	byName, ok := s.Class("detection_finding")
	byUID, ok2 := s.Class("2004")
	if !ok || !ok2 || byName != byUID || byName.UID != 2004 || byName.CategoryCaption != "Findings" {
		t.Errorf("by name %v, by number %v", byName, byUID)
	}
	for _, wrong := range []string{"", "Detection Finding", "2999", "99999999999", "-1"} {
		if c, ok := s.Class(wrong); ok {
			t.Errorf("%q finds %s", wrong, c.Name)
		}
	}
	if names := s.ClassNames(); len(names) != 50 || names[0] != "base_event" || !slices.Contains(names, "registry_value_info") {
		t.Errorf("class names: %q", names)
	}
	if o, ok := s.Object("finding"); !ok || o.Name != "finding" {
		t.Error("the object finding is not found")
	}
	if _, ok := s.Object("object"); ok {
		t.Error("the open object is found as an object")
	}
}

func TestApplies(t *testing.T) {
	a := find(t, load(t), "detection_finding.device")
	if a.Applies(nil) || a.Applies([]string{"cloud"}) || !a.Applies([]string{"cloud", "host"}) {
		t.Error("device exists not just with the profile host")
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, version := range Versions() {
		b.Run(version, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Load(version); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
