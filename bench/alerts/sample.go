package alerts

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

type samples []sample

// readSamples leaves out the odd ones, which not every program of the comparison
// maps alike.
func readSamples(s Settings) (samples, error) {
	var all samples
	for name := range strings.SplitSeq(s.Samples, ",") {
		err := filepath.WalkDir(name, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == "odd.ndjson" {
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
		return nil, fmt.Errorf("no alert of at most %d bytes in %s", s.Longest, s.Samples)
	}
	return all, nil
}

func appendSamples(all samples, path string, content []byte, s Settings) (samples, error) {
	number := 0
	for line := range bytes.Lines(content) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 || len(line) > s.Longest {
			continue
		}
		cut := cutter{ownLog: s.Input == "L"}
		if err := cut.object(line); err != nil {
			return nil, fmt.Errorf("%s:%d: not a JSON object: %w", path, number, err)
		}
		if cut.ownLog && !cut.hasLog {
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
	ownLog bool // each copy has a full_log of its own
	hasLog bool
}

// object writes the object again, member by member, without the spaces between
// them.
func (c *cutter) object(line []byte) error {
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
		c.member(name, value)
	}
	if separator == '{' {
		c.text = append(c.text, '{')
	}
	c.text = append(c.text, '}')
	_, err := dec.Token()
	return err
}

func (c *cutter) member(name string, value []byte) {
	s := slots[name]
	switch {
	case name == "timestamp" && value[0] >= '0' && value[0] <= '9':
		c.pieces = append(c.pieces, piece{text: c.text, slot: numericTime})
		c.text = nil
		return
	case value[0] != '"' || s == none || s == fullLog && !c.ownLog:
		c.text = append(c.text, value...)
		return
	}
	p := piece{text: append(c.text, '"'), slot: s}
	if s == fullLog {
		c.hasLog = true
		p.log = withoutStamp(value[1 : len(value)-1])
	}
	c.pieces = append(c.pieces, p)
	c.text = []byte{'"'}
}

// slots names the members that are replaced, where they are text.
var slots = map[string]slot{"timestamp": wazuhTime, "@timestamp": indexerTime, "id": alertID, "full_log": fullLog}

// addLog puts a full_log in front of the last bracket.
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
