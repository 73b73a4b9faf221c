package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/parquet-go/parquet-go"
)

// The leaf columns in the order of the schema, which is that of their names.
const (
	activityID = iota
	activityName
	analyticCategory
	analyticName
	analyticType
	analyticTypeID
	analyticUID
	subTechniqueName
	subTechniqueUID
	tacticName
	tacticUID
	techniqueName
	techniqueUID
	attackVersion
	categoryName
	categoryUID
	className
	classUID
	count
	dataSources
	findingTitle
	findingTypes
	findingUID
	message
	logName
	logProvider
	loggedTime
	originalTime
	productLang
	productName
	productVendor
	productVersion
	metadataUID
	metadataVersion
	nist
	rawData
	resourceName
	resourceUID
	riskScore
	severity
	severityID
	state
	stateID
	status
	statusID
	eventTime
	typeName
	typeUID
	columnCount
)

func schema() *parquet.Schema {
	text := parquet.Optional(parquet.Encoded(parquet.String(), &parquet.RLEDictionary))
	own := parquet.Optional(parquet.String()) // a text of each alert's own: no dictionary
	number := parquet.Optional(parquet.Encoded(parquet.Leaf(parquet.Int32Type), &parquet.RLEDictionary))
	large := parquet.Optional(parquet.Leaf(parquet.Int64Type))
	named := parquet.Optional(parquet.Group{"name": text, "uid": text})
	list := func(item parquet.Node) parquet.Node { return parquet.Optional(parquet.List(item)) }
	return parquet.NewSchema("security_finding", parquet.Group{
		"activity_id": number, "activity_name": text,
		"analytic": parquet.Optional(parquet.Group{"category": text, "name": text, "type": text, "type_id": number, "uid": text}),
		"attacks": list(parquet.Optional(parquet.Group{
			"sub_technique": named, "tactic": named, "technique": named, "version": text})),
		"category_name": text, "category_uid": number, "class_name": text, "class_uid": number, "count": number,
		"data_sources": list(text),
		"finding":      parquet.Optional(parquet.Group{"title": text, "types": list(text), "uid": own}),
		"message":      text,
		"metadata": parquet.Optional(parquet.Group{
			"log_name": text, "log_provider": text, "logged_time": large, "original_time": own,
			"product": parquet.Optional(parquet.Group{"lang": text, "name": text, "vendor_name": text, "version": text}),
			"uid":     own, "version": text}),
		"nist": list(text), "raw_data": own,
		"resources":  list(parquet.Optional(parquet.Group{"name": text, "uid": text})),
		"risk_score": number, "severity": text, "severity_id": number, "state": text, "state_id": number,
		"status": text, "status_id": number, "time": large, "type_name": text,
		"type_uid": parquet.Optional(parquet.Encoded(parquet.Leaf(parquet.Int64Type), &parquet.RLEDictionary)),
	})
}

// constants are the columns that are the same in every row, with their depth.
var constants = []parquet.Value{
	integer(1).Level(0, 1, activityID), literal("Create").Level(0, 1, activityName),
	literal("Findings").Level(0, 1, categoryName), integer(2).Level(0, 1, categoryUID),
	literal("Security Finding").Level(0, 1, className), integer(2001).Level(0, 1, classUID),
	literal("Security events").Level(0, 2, logName), literal("Wazuh").Level(0, 2, logProvider),
	literal("en").Level(0, 3, productLang), literal("Wazuh").Level(0, 3, productName),
	literal("Wazuh, Inc.").Level(0, 3, productVendor), literal("4.9.1").Level(0, 3, productVersion),
	literal("1.1.0").Level(0, 2, metadataVersion), literal("New").Level(0, 1, state), integer(1).Level(0, 1, stateID),
	literal("Alert").Level(0, 1, status), integer(99).Level(0, 1, statusID),
	literal("Security Finding: Create").Level(0, 1, typeName), parquet.Int64Value(200101).Level(0, 1, typeUID),
}

func literal(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)) }

func integer(n int32) parquet.Value { return parquet.Int32Value(n) }

const batchRows = 1024

// columns takes rows apart and hands them to a row group in batches.
type columns struct {
	writers  []*parquet.ColumnWriter
	values   [columnCount][]parquet.Value
	repeated [][]parquet.Value // constants, a batch of each
	rows     int               // in the row group
	batch    int               // of them not written yet
	scan     scanner
	known    known
}

func newColumns(rg *parquet.ConcurrentRowGroupWriter) *columns {
	c := &columns{writers: rg.ColumnWriters(), known: newKnown()}
	for _, v := range constants {
		all := make([]parquet.Value, batchRows)
		for i := range all {
			all[i] = v
		}
		c.repeated = append(c.repeated, all)
	}
	return c
}

// appendLines maps the lines of a chunk. The row group keeps none of its bytes.
func (c *columns) appendLines(chunk []byte) error {
	var a alert
	for len(chunk) > 0 {
		line := chunk
		if end := bytes.IndexByte(chunk, '\n'); end >= 0 {
			line, chunk = chunk[:end], chunk[end+1:]
		} else {
			chunk = nil
		}
		if len(line) == 0 {
			continue
		}
		if err := c.scan.scan(line, &a); err != nil {
			return fmt.Errorf("%w: %.200s", err, line)
		}
		if err := c.append(&a, line); err != nil {
			return fmt.Errorf("%w: %.200s", err, line)
		}
		if c.batch == batchRows {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return c.flush()
}

func (c *columns) flush() error {
	for i, all := range c.repeated {
		if _, err := c.writers[constants[i].Column()].WriteRowValues(all[:c.batch]); err != nil {
			return err
		}
	}
	for i := range c.values {
		if len(c.values[i]) == 0 {
			continue
		}
		if _, err := c.writers[i].WriteRowValues(c.values[i]); err != nil {
			return err
		}
		c.values[i] = c.values[i][:0]
	}
	c.batch, c.scan.arena = 0, c.scan.arena[:0]
	return nil
}

func (c *columns) add(column int, v parquet.Value) { c.values[column] = append(c.values[column], v) }

// text adds an optional text that is level deep; absent says how deep its parent is.
func (c *columns) text(column int, b []byte, level, absent int) {
	if b == nil {
		c.add(column, parquet.Value{}.Level(0, absent, column))
		return
	}
	c.add(column, parquet.ByteArrayValue(b).Level(0, level, column))
}

// append maps one alert, which has a row at once or not at all.
func (c *columns) append(a *alert, line []byte) error {
	when, original := a.timestamp, a.timestamp
	if when == nil {
		when = a.indexed
	}
	t, ok := milliseconds(when)
	if !ok {
		return fmt.Errorf("it has no time that can be read")
	}
	c.add(eventTime, parquet.Int64Value(t).Level(0, 1, eventTime))
	c.text(originalTime, original, 2, 1)
	if t, ok := milliseconds(a.indexed); ok {
		c.add(loggedTime, parquet.Int64Value(t).Level(0, 2, loggedTime))
	} else {
		c.add(loggedTime, parquet.Value{}.Level(0, 1, loggedTime))
	}
	c.text(metadataUID, a.id, 2, 1)
	c.finding(a, line)
	c.text(message, a.description, 1, 0)
	c.text(rawData, a.fullLog, 1, 0)
	c.rule(a)
	c.lists(a)
	c.batch++
	c.rows++
	return nil
}

func (c *columns) finding(a *alert, line []byte) {
	uid := a.id
	if uid == nil {
		sum := sha256.Sum256(line)
		uid = hex.AppendEncode(nil, sum[:])
	}
	c.text(findingUID, uid, 2, 1)
	title := a.description
	if title == nil && a.ruleID != nil {
		title = append([]byte("Wazuh rule "), a.ruleID...)
	}
	c.text(findingTitle, title, 2, 1)
	c.text(findingTypes, a.input, 4, 1)
}

func (c *columns) rule(a *alert) {
	level, ok := int32Of(a.level)
	c.number(riskScore, level, ok)
	s := severityOf(level, ok)
	c.add(severity, severities[s])
	c.add(severityID, parquet.Int32Value(s).Level(0, 1, severityID))
	fired, ok := int32Of(a.fired)
	c.number(count, fired, ok)

	category := c.known.category(a.groups)
	if category.IsNull() && a.decoder == nil && a.ruleID == nil {
		for column := analyticCategory; column <= analyticUID; column++ {
			c.add(column, parquet.Value{}.Level(0, 0, column))
		}
		return
	}
	c.add(analyticCategory, category)
	c.text(analyticName, a.decoder, 2, 1)
	c.add(analyticType, ruleType)
	c.add(analyticTypeID, ruleTypeID)
	c.text(analyticUID, a.ruleID, 2, 1)
}

var (
	ruleType   = literal("Rule").Level(0, 2, analyticType)
	ruleTypeID = integer(1).Level(0, 2, analyticTypeID)
)

func (c *columns) number(column int, n int32, ok bool) {
	if !ok {
		c.add(column, parquet.Value{}.Level(0, 0, column))
		return
	}
	c.add(column, parquet.Int32Value(n).Level(0, 1, column))
}

func (c *columns) lists(a *alert) {
	for i, values := range c.known.attacks(a.mitre) {
		c.values[subTechniqueName+i] = append(c.values[subTechniqueName+i], values...)
	}
	c.values[nist] = append(c.values[nist], c.known.controls(a.nist)...)
	repetition := 0
	for _, b := range [3][]byte{a.index, a.location, a.manager} {
		if b != nil {
			c.add(dataSources, parquet.ByteArrayValue(b).Level(repetition, 3, dataSources))
			repetition = 1
		}
	}
	if repetition == 0 {
		c.add(dataSources, parquet.Value{}.Level(0, 0, dataSources))
	}
	absent := 3
	if a.agentID == nil && a.agentName == nil {
		absent = 0
	}
	c.text(resourceName, a.agentName, 4, absent)
	c.text(resourceUID, a.agentID, 4, absent)
}
