package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// slot says what stands between two pieces of a sample's own text.
type slot uint8

const (
	none slot = iota
	wazuhTime
	numericTime
	indexerTime
	alertID
	agentID
	agentName
	agentIP
	fullLog
)

// piece is bytes that every copy of a sample has, followed by a value that each
// copy has of its own.
type piece struct {
	text []byte
	slot slot
	log  []byte // fullLog: the sample's own line, still escaped, without a stamp
}

type sample []piece

func readSamples(s settings) ([]sample, error) {
	var all []sample
	for name := range strings.SplitSeq(s.samples, ",") {
		err := filepath.WalkDir(name, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all, err = appendSamples(all, path, content, s)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("samples: %w", err)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no alert of at most %d bytes in %s", s.longest, s.samples)
	}
	return all, nil
}

func appendSamples(all []sample, path string, content []byte, s settings) ([]sample, error) {
	number := 0
	for line := range bytes.Lines(content) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 || len(line) > s.longest {
			continue
		}
		var cut cutter
		if err := cut.object(line, ""); err != nil {
			return nil, fmt.Errorf("%s:%d: not a JSON object: %w", path, number, err)
		}
		if s.fill && !cut.hasLog {
			cut.addLog()
		}
		all = append(all, append(cut.pieces, piece{text: cut.text}))
	}
	return all, nil
}

// cutter takes a sample apart at the values that each copy gets of its own.
type cutter struct {
	pieces sample
	text   []byte
	hasLog bool
}

// object writes the object again, member by member, without the spaces between
// them. within is "" at the top and inside _source, else the member's name.
func (c *cutter) object(line []byte, within string) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	if t, err := dec.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return fmt.Errorf("it starts with %v", t)
	}
	separator := byte('{')
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		name := key.(string)
		quoted, err := json.Marshal(name)
		if err != nil {
			return err
		}
		c.text = append(append(append(c.text, separator), quoted...), ':')
		separator = ','
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := c.member(within, name, value); err != nil {
			return err
		}
	}
	if separator == '{' {
		c.text = append(c.text, '{')
	}
	c.text = append(c.text, '}')
	_, err := dec.Token()
	return err
}

func (c *cutter) member(within, name string, value []byte) error {
	inner := value[0] == '{' && within == "" && (name == "_source" || name == "agent")
	if inner && name == "_source" {
		return c.object(value, "")
	}
	if inner {
		return c.object(value, name)
	}
	if within+"."+name == ".timestamp" && value[0] >= '0' && value[0] <= '9' {
		c.pieces = append(c.pieces, piece{text: c.text, slot: numericTime})
		c.text = nil
		return nil
	}
	s := none
	if value[0] == '"' {
		s = slots[within+"."+name]
	}
	// The manager speaks for itself under 000, and keeps its name.
	if s == none || s == agentID && string(value) == `"000"` {
		c.text = append(c.text, value...)
		return nil
	}
	p := piece{text: append(c.text, '"'), slot: s}
	if s == fullLog {
		c.hasLog = true
		p.log = withoutStamp(value[1 : len(value)-1])
	}
	c.pieces = append(c.pieces, p)
	c.text = []byte{'"'}
	return nil
}

// slots names the members that are replaced, where they are text.
var slots = map[string]slot{
	".timestamp": wazuhTime, ".@timestamp": indexerTime, ".id": alertID, ".full_log": fullLog,
	"agent.id": agentID, "agent.name": agentName, "agent.ip": agentIP,
}

// addLog puts a full_log in front of the last bracket. In a wrapped sample that
// is outside of _source, where the mapping takes it for one more leaf.
func (c *cutter) addLog() {
	text := bytes.TrimSuffix(c.text, []byte("}"))
	c.pieces = append(c.pieces, piece{
		text: append(text, `,"full_log":"`...),
		slot: fullLog,
		log:  []byte("sample[1]: nothing to tell"),
	})
	c.text = []byte(`"}`)
}

// withoutStamp takes the date and host off a syslog line; each copy has its own.
func withoutStamp(log []byte) []byte {
	const stamp = len("Mar 14 00:04:10 ")
	if len(log) <= stamp || log[3] != ' ' || log[9] != ':' || log[12] != ':' {
		return log
	}
	_, rest, found := bytes.Cut(log[stamp:], []byte(" "))
	if !found {
		return log
	}
	return rest
}
