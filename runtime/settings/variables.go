package settings

import "slices"

// Kind is how a value is written.
type Kind uint8

// The kinds.
const (
	Text   Kind = iota // one text
	Switch             // on or off, in any of their spellings
	List               // several texts: a repeatable flag, commas in a variable
	Pairs              // NAME=VALUE: a repeatable flag, a variable for each NAME
)

// Variable defines one variable of the environment. Its texts are phrases in
// Markdown.
type Variable struct {
	Name  string
	Doors Door
	Kind  Kind
	// Flag wins over the variable, "" where there is none; Short is its letter.
	Flag, Short string
	// Meaning is what the variable says. Usage is the same of the flag, "" where
	// the two are alike.
	Meaning, Usage string
	// Default is that of the command line, InFunction that of the function, ""
	// where the two are alike.
	Default, InFunction string

	fallback string // what the command line uses when nothing is given
	needed   bool   // by the function
	read     reading
}

// Variables are the definitions, in the order of the manual. The caller must not
// change them.
func Variables() []Variable { return variables }

var variables = slices.Concat(ofMappings, ofLake, ofAccess, ofFunction, ofIndexer, ofTerminal)
