package syntax

import "fmt"

// Mapping is one mapping file as it was written. It is immutable once parsed.
type Mapping struct {
	File     string
	Files    []string // that it includes, directly or not, in the order they were read
	Extends  bool     // it is a variant of another
	Name     Text
	Schema   Text
	Class    Text
	Source   Text // zero if the file names none
	Priority int
	When     *Expression // nil: the mapping takes every alert
	// Profiles are those that events list if they have what a profile requires.
	Profiles []Text
	// Also lets an alert that the mapping took go on to the next mappings of a set,
	// OtherwiseNext one that it would reject. Their places are zero where they are
	// not given.
	Also, OtherwiseNext   bool
	AlsoPos, OtherwisePos Pos
	// Drop drops the alerts that the mapping takes. Then it has a When, and neither
	// Schema nor Class nor Event.
	Drop bool

	Absent   []string  // texts that are nothing wherever the alert has them
	Settings []Setting // in the order of the files and their lines
	Tables   map[string]*Table
	TablePos map[string]Pos
	unread   map[string]bool // see Unread
	// TableFiles are the tables that are read from files. TablePos has them too.
	TableFiles []TableFile
	Let        []Let
	Parts      []*Part
	Uses       []*Use // of parts in the event, each before those inside of it
	// Event is an Object, in which parts are in place of their uses.
	Event     *Node
	Functions []Function
	// Guests and Transforms are from WebAssembly.
	Guests     []GuestFunction
	Transforms []Transform
}

// Unread reports whether the mapping has a setting, table or function of that name that
// could not be read. For "" it reports whether there may be others, in something
// that could not be read at all.
func (m *Mapping) Unread(name string) bool { return m.unread[name] }

// Whole reports whether everything was read that Unread is about.
func (m *Mapping) Whole() bool { return len(m.unread) == 0 }

func (m *Mapping) notRead(name string) {
	if m.unread == nil {
		m.unread = map[string]bool{}
	}
	m.unread[name] = true
}

// Text is a scalar of the file's head with its place.
type Text struct {
	Pos   Pos
	Value string
}

// Let is a named value, evaluated at most once for each alert.
type Let struct {
	Pos   Pos // of the name
	Name  string
	Value *Node // Constant or Computed
	// Sees says how many lets of the mapping, from the first on, it may use: those that are
	// written before it. It stands before some of them if it replaced one.
	Sees int
}

// Kind is the kind of a Node.
type Kind uint8

// The kinds of nodes.
const (
	Constant Kind = iota // Scalar
	Computed             // Expression
	Object               // Fields, and Each, When or Rest
	List                 // Items
)

// Node is a value of the event as the mapping writes it.
type Node struct {
	Kind       Kind
	Pos        Pos
	Scalar     Scalar
	Expression *Expression
	Fields     []Field
	Items      []*Node
	Each       *Expression // `$each`: one item for each element
	EachBroken bool        // `$each` is given but could not be read
	Broken     bool        // not all of the Object or List could be read
	When       *Expression // `$when`: which of them
	Rest       bool        // `$rest`
	RestPos    Pos
	From       *FromEvent // `$from`; then there is nothing else
	Part       *PartRef   // `$part`, in the Value of a Part only: in the event the part is in place
}

// At returns the position of the byte at an offset of an expression's text; for
// any other value, the position of the value.
func (n *Node) At(offset int) Pos {
	if n.Expression != nil {
		return n.Expression.At(offset)
	}
	return n.Pos
}

// Field is one `name: value` of an Object.
type Field struct {
	Pos   Pos // of the name
	Name  string
	Value *Node
}

// ScalarKind is how YAML reads an unquoted scalar.
type ScalarKind uint8

// The kinds of scalars.
const (
	Null ScalarKind = iota
	Bool
	Int
	Float
	String
)

// Scalar is a constant. Text is always the text of the file, so that the version
// 4.10 stays "4.10" if the target is text.
type Scalar struct {
	Kind ScalarKind
	Text string
}

func (s Scalar) String() string {
	if s.Kind == String {
		return fmt.Sprintf("the text %q", s.Text)
	}
	return "`" + s.Text + "`"
}
