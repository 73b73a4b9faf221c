package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// facts is a facts file, format 1. Keys that the tables do not use are listed too
// (as any), and a key that is not listed is an error, so that no new fact of a
// later version is dropped unseen.
type facts struct {
	Format     int                     `json:"format"`
	Version    string                  `json:"version"`
	Rules      any                     `json:"rules"`
	Extensions any                     `json:"extensions"`
	Profiles   map[string]profileFact  `json:"profiles"`
	Categories map[string]categoryFact `json:"categories"`
	Types      map[string]typeFact     `json:"types"`
	Objects    map[string]entityFact   `json:"objects"`
	Classes    map[string]entityFact   `json:"classes"`
}

type profileFact struct {
	Caption    string   `json:"caption"`
	Attributes []string `json:"attributes"`
}

type categoryFact struct {
	UID     int32  `json:"uid"`
	Caption string `json:"caption"`
}

type typeFact struct {
	Caption    string  `json:"caption"`
	Type       string  `json:"type"`
	MaxLen     int     `json:"max_len"`
	Range      []int64 `json:"range"`
	Regex      string  `json:"regex"`
	Values     any     `json:"values"`
	Observable uint8   `json:"observable"`
}

// entityFact is an object or a class; only classes have the second block.
type entityFact struct {
	Caption     string                   `json:"caption"`
	Extends     any                      `json:"extends"`
	Profiles    []string                 `json:"profiles"`
	Constraints constraintFact           `json:"constraints"`
	Deprecated  string                   `json:"deprecated"`
	Extension   any                      `json:"extension"`
	Observable  uint8                    `json:"observable"`
	Attributes  map[string]attributeFact `json:"attributes"`

	ClassUID        int32  `json:"class_uid"`
	UID             any    `json:"uid"`
	Category        string `json:"category"`
	CategoryUID     int32  `json:"category_uid"`
	CategoryCaption string `json:"category_caption"`
}

type constraintFact struct {
	AtLeastOne []string `json:"at_least_one"`
	JustOne    []string `json:"just_one"`
}

type attributeFact struct {
	Type           string            `json:"type"`
	Requirement    string            `json:"requirement"`
	Caption        string            `json:"caption"`
	IsArray        bool              `json:"is_array"`
	Profiles       []string          `json:"profiles"`
	Enum           map[string]string `json:"enum"`
	EnumDeprecated any               `json:"enum_deprecated"`
	Sibling        string            `json:"sibling"`
	Deprecated     string            `json:"deprecated"`
	Extension      any               `json:"extension"`
	Observable     uint8             `json:"observable"`
}

func decode(r io.Reader) (*facts, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	f := new(facts)
	if err := d.Decode(f); err != nil {
		return nil, fmt.Errorf("not a facts file (near byte %d): %w", d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("more than one JSON value: something follows at byte %d", d.InputOffset())
	}
	if f.Format != 1 {
		return nil, fmt.Errorf("format is %d; this program reads format 1", f.Format)
	}
	if f.Version == "" {
		return nil, errors.New(`"version" is missing`)
	}
	if len(f.Classes) == 0 {
		return nil, errors.New(`"classes" is missing or empty`)
	}
	return f, nil
}
