package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var product = Product{Lang: "en", Name: "Wazuh", VendorName: "Wazuh, Inc.", Version: "4.9.1"}

var errNoTime = errors.New("the alert has neither timestamp nor @timestamp")

// mapLine makes the event of one alert.
func mapLine(line []byte) (*Finding, error) {
	alert, err := decode(line)
	if err != nil {
		return nil, err
	}
	if source, ok := alert["_source"].(map[string]any); ok {
		for name, v := range alert {
			if _, ok := source[name]; !ok && name != "_source" {
				source[name] = v
			}
		}
		alert = source
	}
	when, err := alertTime(alert)
	if err != nil {
		return nil, err
	}
	rest := newRest()
	f := &Finding{
		ActivityID: 1, ActivityName: "Create",
		CategoryUID: 2, CategoryName: "Findings",
		ClassUID: 2001, ClassName: "Security Finding",
		TypeUID: 200101, TypeName: "Security Finding: Create",
		StateID: 1, State: "New",
		StatusID: 99, Status: "Alert",
		Time:     when,
		Message:  text(alert, "rule", "description"),
		NIST:     texts(alert, "rule", "nist_800_53"),
		Attacks:  attacks(alert),
		Analytic: analytic(alert),
		Finding:  details(alert, line),
		Metadata: Metadata{
			LogName: "Security events", LogProvider: "Wazuh", Product: product, Version: "1.1.0",
			UID: text(alert, "id"), OriginalTime: text(alert, "timestamp"), LoggedTime: loggedTime(alert),
		},
	}
	f.Count = integer(alert, rest, "rule", "firedtimes")
	f.RiskScore = integer(alert, rest, "rule", "level")
	f.SeverityID, f.Severity = severity(f.RiskScore)
	f.RawData = cutLong(text(alert, "full_log"), "full_log", rest)
	if r := (Resource{UID: text(alert, "agent", "id"), Name: text(alert, "agent", "name")}); r != (Resource{}) {
		f.Resources = []Resource{r}
	}
	for _, source := range []string{text(alert, "_index"), text(alert, "location"), text(alert, "manager", "name")} {
		if source != "" {
			f.DataSources = append(f.DataSources, source)
		}
	}
	f.Unmapped = rest.collect(alert)
	return f, nil
}

func decode(line []byte) (map[string]any, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("the line is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber() // unmapped numbers keep their digits
	var alert map[string]any
	if err := dec.Decode(&alert); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("something follows the alert on its line")
	}
	return alert, nil
}

// loggedTime is when the indexer took the alert.
func loggedTime(alert map[string]any) *int64 {
	t, err := milliseconds(text(alert, "@timestamp"))
	if err != nil {
		return nil
	}
	return &t
}

func alertTime(alert map[string]any) (int64, error) {
	for _, name := range []string{"timestamp", "@timestamp"} {
		if s := text(alert, name); s != "" {
			return milliseconds(s)
		}
	}
	return 0, errNoTime
}

func milliseconds(s string) (int64, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch len(s) {
		case 10:
			return n * 1000, nil
		case 13:
			return n, nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z0700", time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.UnixMilli() >= 0 {
			return t.UnixMilli(), nil
		}
	}
	return 0, fmt.Errorf("%q is not a time", s)
}

func severity(level *int32) (id int32, caption string) {
	switch {
	case level == nil || *level < 0:
		return 0, "Unknown"
	case *level >= 15:
		return 5, "Critical"
	case *level >= 11:
		return 4, "High"
	case *level >= 8:
		return 3, "Medium"
	case *level >= 4:
		return 2, "Low"
	}
	return 1, "Informational"
}

func analytic(alert map[string]any) *Analytic {
	a := &Analytic{
		Category: strings.Join(texts(alert, "rule", "groups"), ", "),
		Name:     text(alert, "decoder", "name"),
		UID:      text(alert, "rule", "id"),
		Type:     "Rule", TypeID: 1,
	}
	if a.Name == "" && a.UID == "" {
		return nil
	}
	return a
}

func details(alert map[string]any, line []byte) FindingDetails {
	d := FindingDetails{
		UID:   text(alert, "id"),
		Title: text(alert, "rule", "description"),
		Types: texts(alert, "input", "type"),
	}
	if d.UID == "" {
		sum := sha256.Sum256(line)
		d.UID = hex.EncodeToString(sum[:])
	}
	if d.Title == "" {
		d.Title = "Wazuh rule " + text(alert, "rule", "id")
	}
	return d
}

// cutLong cuts text at the length of OCSF's string_t and keeps the whole.
func cutLong(s, path string, rest *rest) string {
	const longest = 65535
	if len(s) <= longest || utf8.RuneCountInString(s) <= longest {
		return s
	}
	rest.kept[path] = s
	return string([]rune(s)[:longest])
}

// member walks down the alert; nil means that something is missing on the way.
func member(alert map[string]any, path ...string) any {
	var v any = alert
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func text(alert map[string]any, path ...string) string { return asText(member(alert, path...)) }

func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// texts takes a list, or one value as a list of one.
func texts(alert map[string]any, path ...string) []string {
	v := member(alert, path...)
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var all []string
	for _, item := range list {
		if s := asText(item); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// integer leaves what is not a 32-bit integer to the rest.
func integer(alert map[string]any, rest *rest, path ...string) *int32 {
	s := text(alert, path...)
	if s == "" {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < math.MinInt32 || n > math.MaxInt32 {
		rest.kept[strings.Join(path, ".")] = s
		return nil
	}
	v := int32(n)
	return &v
}
