package mappings_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The oracle says what the shipped mappings must make of a line. It is written
// over encoding/json and plain maps, from the table that the mappings promise
// (class facts, severity bands, fallbacks), and knows nothing of the engine. Numbers
// are int64, lists []any, objects map[string]any, and what is absent is absent. Of
// Security Finding it knows the whole event, of Detection Finding what every alert
// says, whatever its source: see promised.

type object = map[string]any

// oracle gives the event of a line, or false where the alert must be rejected.
func oracle(t *testing.T, class, line string) (object, bool) {
	t.Helper()
	o := decode(t, line)
	if o.get("rule.id") == nil && o.get("rule.level") == nil && o.get("rule.description") == nil {
		return nil, false // no rule, no alert
	}
	millis, ok := o.time()
	if !ok {
		return nil, false
	}
	o.put(o.event, "activity_id", int64(1))
	o.put(o.event, "activity_name", "Create")
	o.put(o.event, "category_uid", int64(2))
	o.put(o.event, "category_name", "Findings")
	o.put(o.event, "time", millis)
	o.severity()
	o.text(o.event, "message", "rule.description")
	o.integer(o.event, "count", "rule.firedtimes", 32)
	o.integer(o.event, "risk_score", "rule.level", 32)
	o.text(o.event, "raw_data", "full_log")
	o.put(o.event, "metadata", o.metadata())
	if r := o.resource(); len(r) > 0 {
		o.put(o.event, "resources", []any{r})
	}
	finding, ok := o.finding(line)
	if !ok {
		return nil, false
	}
	switch class {
	case "security_finding":
		o.securityFinding(finding)
		o.rest()
	case "detection_finding":
		o.detectionFinding(finding)
	default:
		t.Fatalf("no oracle for class %s", class)
	}
	return promised(class, o.event), true
}

// sourceless are the attributes of a Detection Finding that do not depend on the
// source of the alert. Those of kinds_test.go do.
var sourceless = []string{
	"activity_id", "activity_name", "category_uid", "category_name", "class_uid", "class_name", "type_uid", "type_name", "status_id", "status",
	"severity_id", "severity", "time", "message", "risk_score", "raw_data",
	"finding_info.uid", "finding_info.title", "finding_info.analytic", "finding_info.attacks", "metadata.version", "metadata.uid", "metadata.product",
}

// promised is the part of an event that the oracle knows.
func promised(class string, event object) object {
	if class != "detection_finding" {
		return event
	}
	out := object{}
	for _, path := range sourceless {
		top, inner, nested := strings.Cut(path, ".")
		v, ok := event[top]
		switch {
		case ok && !nested:
			out[top] = v
		case ok:
			if v, ok = v.(object)[inner]; !ok {
				continue
			}
			if out[top] == nil {
				out[top] = object{}
			}
			out[top].(object)[inner] = v
		}
	}
	return out
}

func (o *oracleOf) securityFinding(finding object) {
	o.put(o.event, "class_uid", int64(2001))
	o.put(o.event, "class_name", "Security Finding")
	o.put(o.event, "type_uid", int64(200101))
	o.put(o.event, "type_name", "Security Finding: Create")
	o.put(o.event, "state_id", int64(1))
	o.put(o.event, "state", "New")
	o.put(o.event, "status_id", int64(99))
	o.put(o.event, "status", "Alert")
	o.put(o.event, "finding", finding)
	o.put(o.event, "analytic", o.analytic())
	o.put(o.event, "attacks", o.attacks())
	o.put(o.event, "data_sources", o.dataSources())
	o.put(o.event, "nist", o.texts("rule.nist_800_53"))
}

func (o *oracleOf) detectionFinding(finding object) {
	o.put(o.event, "class_uid", int64(2004))
	o.put(o.event, "class_name", "Detection Finding")
	o.put(o.event, "type_uid", int64(200401))
	o.put(o.event, "type_name", "Detection Finding: Create")
	o.put(o.event, "status_id", int64(1))
	o.put(o.event, "status", "New")
	if o.get("data.vulnerability.status") == "Solved" {
		o.put(o.event, "activity_id", int64(3))
		o.put(o.event, "activity_name", "Close")
		o.put(o.event, "type_uid", int64(200403))
		o.put(o.event, "type_name", "Detection Finding: Close")
		o.put(o.event, "status_id", int64(4))
		o.put(o.event, "status", "Resolved")
	}
	titles := []string{"data.aws.title", "data.aws.finding.Title", "data.ms-graph.title", "data.vulnerability.title", "data.sca.check.title", "data.cis.rule_title", "data.oscap.check.title", "data.finding_info.title"}
	if o.get("decoder.name") == "rootcheck" {
		titles = append(titles, "data.title")
	}
	for _, path := range titles {
		if s, ok := scalar(o.get(path)); ok && s != "" {
			finding["title"] = s
			break
		}
	}
	o.put(finding, "analytic", o.ruleAnalytic())
	o.put(finding, "attacks", append(o.namedAttacks(), o.reportedAttacks()...))
	o.put(o.event, "finding_info", finding)
}

// oracleOf is one alert on its way through the oracle.
type oracleOf struct {
	alert object
	event object
	// wrote are the keys of the values that are in the event as a whole.
	wrote map[string]bool
}

// decode reads the line and takes it out of the indexer's wrapping: what is in
// _source are members of the alert, and win over those around it.
func decode(t *testing.T, line string) *oracleOf {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	alert := object{}
	if err := d.Decode(&alert); err != nil {
		t.Fatalf("the oracle cannot read %.200s: %v", line, err)
	}
	if inner, ok := alert["_source"].(object); ok {
		delete(alert, "_source")
		for name, v := range inner {
			alert[name] = v
		}
	}
	return &oracleOf{alert: alert, event: object{}, wrote: map[string]bool{}}
}

// put leaves out what is empty.
func (o *oracleOf) put(to object, name string, v any) {
	switch x := v.(type) {
	case nil:
		return
	case string:
		if x == "" {
			return
		}
	case []any:
		if len(x) == 0 {
			return
		}
	case object:
		if len(x) == 0 {
			return
		}
	}
	to[name] = v
}

// get follows a path of names.
func (o *oracleOf) get(path string) any {
	var v any = o.alert
	for name := range strings.SplitSeq(path, ".") {
		v = v.(object)[name]
		if _, ok := v.(object); !ok && v == nil {
			return nil
		} else if !ok && name != path[strings.LastIndexByte(path, '.')+1:] {
			return nil // text or a list, where an object would have to be
		}
	}
	return v
}

// scalar gives a value's text as it stands; lists and objects have none.
func scalar(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		if x {
			return "true", true
		}
		return "false", true
	}
	return "", empty(v)
}

// empty tells of what counts as absent.
func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case []any:
		return len(x) == 0
	case object:
		return len(x) == 0
	}
	return false
}

// maxText is what OCSF's string_t holds, in characters.
const maxText = 65535

func (o *oracleOf) text(to object, name, path string) {
	s, ok := scalar(o.get(path))
	if runes := []rune(s); len(runes) > maxText {
		o.put(to, name, string(runes[:maxText]))
	} else if ok {
		o.put(to, name, s)
		o.wrote[path] = true
	}
}

func (o *oracleOf) texts(path string) []any {
	var out []any
	for i, v := range list(o.get(path)) {
		if s, ok := scalar(v); ok && s != "" {
			out = append(out, s)
			o.wrote[o.item(path, i)] = true
		}
	}
	return out
}

// item is the key of an item of what is a list or a single value.
func (o *oracleOf) item(path string, i int) string {
	if _, isList := o.get(path).([]any); isList {
		return path + "." + strconv.Itoa(i)
	}
	return path
}

// list lifts a single value to a list of it.
func list(v any) []any {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		return x
	}
	return []any{v}
}

func (o *oracleOf) integer(to object, name, path string, bits uint) {
	s, ok := scalar(o.get(path))
	if s == "" && ok {
		return
	}
	n, numeric := new(big.Rat).SetString(s)
	if !numeric || !n.IsInt() || !n.Num().IsInt64() || n.Num().Int64()>>(bits-1) != 0 && n.Num().Int64()>>(bits-1) != -1 {
		return
	}
	to[name] = n.Num().Int64()
	o.wrote[path] = true
}

func (o *oracleOf) severity() {
	id, caption := int64(0), "Unknown"
	s, _ := scalar(o.get("rule.level"))
	if level, ok := new(big.Rat).SetString(s); ok {
		for _, band := range []struct {
			from, id int64
			caption  string
		}{{0, 1, "Informational"}, {4, 2, "Low"}, {8, 3, "Medium"}, {11, 4, "High"}, {15, 5, "Critical"}} {
			if level.Cmp(new(big.Rat).SetInt64(band.from)) >= 0 {
				id, caption = band.id, band.caption
			}
		}
	}
	o.event["severity_id"], o.event["severity"] = id, caption
}

// time is that of timestamp, or of @timestamp where there is none.
func (o *oracleOf) time() (int64, bool) {
	path := "timestamp"
	if s, ok := scalar(o.get(path)); s == "" && ok {
		path = "@timestamp"
	}
	s, _ := scalar(o.alert[path])
	ms, ok := millisOf(s)
	o.wrote[path] = ok
	return ms, ok
}

func millisOf(s string) (int64, bool) {
	if len(s) > 10 && (s[10] == 't' || s[10] == ' ') {
		s = s[:10] + "T" + s[11:]
	}
	for _, zone := range []string{"Z07:00", "Z0700", "Z07", ""} {
		at, err := time.Parse("2006-01-02T15:04:05"+zone, strings.Replace(s, "z", "Z", 1))
		if err == nil {
			return at.UnixMilli(), at.Year() >= 1970 && at.UnixMilli() >= 0
		}
	}
	n, numeric := new(big.Rat).SetString(s)
	if !numeric {
		return 0, false
	}
	whole := new(big.Int).Quo(n.Num(), n.Denom()).String()
	switch len(whole) {
	case 10:
		n.Mul(n, big.NewRat(1000, 1))
	case 13:
	default:
		return 0, false
	}
	return new(big.Int).Quo(n.Num(), n.Denom()).Int64(), true
}

// finding has fallbacks for what is absent, and none for what does not fit: an
// id that is a list makes a reject.
func (o *oracleOf) finding(line string) (object, bool) {
	f := object{}
	o.text(f, "uid", "id")
	if id := o.get("id"); id == nil || id == "" {
		sum := sha256.Sum256([]byte(line))
		f["uid"] = hex.EncodeToString(sum[:])
	}
	o.text(f, "title", "rule.description")
	description := o.get("rule.description")
	ruleID := o.get("rule.id")
	if _, isBool := ruleID.(bool); isBool {
		ruleID = nil // no id at all
	}
	if id, ok := scalar(ruleID); (description == nil || description == "") && ok && id != "" {
		f["title"] = "Wazuh rule " + id
	}
	o.put(f, "types", o.texts("input.type"))
	return f, f["title"] != nil && f["uid"] != nil
}

// category joins the groups. A list or object among them joins with nothing.
func (o *oracleOf) category() string {
	var groups []string
	for _, v := range list(o.get("rule.groups")) {
		s, ok := scalar(v)
		if !ok {
			return ""
		}
		if strings.TrimSpace(s) != "" {
			groups = append(groups, strings.TrimSpace(s))
		}
	}
	return strings.Join(groups, ", ")
}

func (o *oracleOf) analytic() object {
	a := object{}
	category := o.category()
	o.put(a, "category", category)
	o.text(a, "name", "decoder.name")
	o.text(a, "uid", "rule.id")
	if a["name"] == nil && a["uid"] == nil {
		return nil // OCSF requires one of the two; a category alone stays under unmapped
	}
	o.wrote["rule.groups"] = category != ""
	a["type_id"], a["type"] = int64(1), "Rule"
	return a
}

// control is a control of a framework among the groups.
var control = regexp.MustCompile(`^(pci_dss|gdpr|hipaa|nist_800_53|gpg13|tsc|cis)_`)

// ruleAnalytic is the rule itself, by its own name, or that of the tool that Wazuh
// read.
func (o *oracleOf) ruleAnalytic() object {
	a := o.analytic()
	delete(a, "name")
	if a == nil {
		a = object{}
	}
	o.text(a, "name", "rule.description")
	if o.get("data.scanned_file") != nil {
		o.text(a, "name", "data.rule_name")
	}
	for _, name := range []string{"data.yara_rule", "data.YARA.rule_name", "data.osquery.name", "data.alert.signature"} {
		o.text(a, "name", name)
	}
	o.text(a, "uid", "data.alert.signature_id")
	o.text(a, "version", "data.alert.rev")
	if a["name"] == nil && a["uid"] == nil {
		return nil
	}
	delete(a, "category")
	o.put(a, "category", strings.Join(slices.DeleteFunc(strings.Split(o.category(), ", "), control.MatchString), ", "))
	a["type_id"], a["type"] = int64(1), "Rule"
	return a
}

func (o *oracleOf) resource() object {
	r := object{}
	o.text(r, "uid", "agent.id")
	o.text(r, "name", "agent.name")
	return r
}

func (o *oracleOf) dataSources() []any {
	var out []any
	for _, path := range []string{"_index", "location", "manager.name"} {
		out = append(out, o.texts(path)...)
	}
	return out
}

func (o *oracleOf) metadata() object {
	m := object{
		"version": "1.1.0", "log_name": "Security events", "log_provider": "Wazuh",
		"product": object{"name": "Wazuh", "vendor_name": "Wazuh, Inc.", "version": "4.9.1", "lang": "en"},
	}
	o.text(m, "uid", "id")
	o.text(m, "original_time", "timestamp")
	if s, _ := scalar(o.alert["@timestamp"]); s != "" {
		if ms, ok := millisOf(s); ok {
			m["logged_time"], o.wrote["@timestamp"] = ms, true
		}
	}
	return m
}
