package ocsf

// Kind is the base type that decides how an attribute's values are held in an
// Event and stored in Parquet.
type Kind uint8

// The kinds, with the Parquet type each is stored as.
const (
	Boolean   Kind = iota // BOOLEAN
	Integer               // INT32
	Long                  // INT64
	Float                 // DOUBLE
	String                // BYTE_ARRAY, STRING
	JSON                  // BYTE_ARRAY, STRING: the JSON text of a json_t
	Timestamp             // INT64, no logical type: milliseconds since 1970 UTC
	Datetime              // INT64, TIMESTAMP_MILLIS UTC; RFC 3339 text in JSON
	Open                  // MAP<string,string>: the open object (unmapped, xattributes)
)

// Requirement says whether a class or object needs an attribute.
type Requirement uint8

// The requirements of OCSF.
const (
	Optional Requirement = iota
	Recommended
	Required
)

// Schema holds the facts of one OCSF version. It is immutable and may be
// shared by goroutines.
type Schema struct {
	Version    string
	Types      []Type
	Objects    []Object
	Classes    []Class // ascending UID
	Profiles   []Profile
	Categories []Category
}

// Type is a scalar OCSF type such as ip_t.
type Type struct {
	Name, Caption string
	Kind          Kind
	// MaxLen is in characters (Unicode code points), 0 when unbounded. A type
	// without a length of its own has its base type's; OwnMaxLen tells which.
	MaxLen    int
	OwnMaxLen bool
	// Min and Max bound a number where Ranged is set (port_t).
	Min, Max int64
	Ranged   bool
	// Pattern is the type's regular expression in RE2 syntax, "" when it has none.
	Pattern string
	// Observable is the type_id that a value of the type has as an observable
	// (ip_t: 2), 0 if it is not one.
	Observable int
}

// EnumValue is one allowed value of an enumerated attribute. Value is its text
// form: a decimal number for integer attributes.
type EnumValue struct {
	Value, Caption string
}

// Attribute is one attribute of a class or object. Exactly one of Type and
// Object is set; an open object has Type with Kind Open.
type Attribute struct {
	Name, Caption string
	Type          *Type
	Object        *Object
	Array         bool
	Requirement   Requirement
	// Profiles, if not empty: the attribute exists only in events whose
	// metadata.profiles list one of these.
	Profiles   []string
	Enum       []EnumValue
	Sibling    string // attribute that holds the enum value's caption
	Deprecated string // version since which it is deprecated, "" if it is not
	// Observable is the type_id of observable that the attribute's value has, or
	// each of its values if it is an array: the attribute's own number, else that
	// of its type or object; 0 if it is not an observable. The caption is in the
	// enum of type_id of the object observable.
	Observable int
}

// Constraint says which of several attributes must be present; a name can be
// a dotted path.
type Constraint struct {
	AtLeastOne []string
	JustOne    []string
}

// Object is a nested OCSF object such as finding_info.
type Object struct {
	Name, Caption string
	Attributes    []Attribute // ascending by name
	Constraint    Constraint
	Deprecated    string
	// Observable is the object's own type_id as an observable, 0 if it is not
	// one. An object does not inherit it from the one that it extends:
	// network_endpoint, unlike endpoint, is not an observable.
	Observable int
}

// Class is an event class. UID is the number an event carries (2001).
type Class struct {
	Name, Caption   string
	UID             int32
	Category        string
	CategoryUID     int32
	CategoryCaption string
	Attributes      []Attribute // ascending by name
	Constraint      Constraint
	Profiles        []string
	Deprecated      string
}

// Profile names a set of attributes that an event may opt into.
type Profile struct {
	Name, Caption string
	Attributes    []string
}

// Category groups classes.
type Category struct {
	Name, Caption string
	UID           int32
}
