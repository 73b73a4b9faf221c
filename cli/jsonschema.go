package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// object is a piece of a JSON Schema. Its keys are printed in the order of
// their names, so equal schemas are equal bytes.
type object map[string]any

func (a *app) jsonSchema(what string) error {
	switch what {
	case "mapping":
		return writeJSONSchema(a.Out)
	case "tests":
		return writeTestsSchema(a.Out)
	}
	return usage(errNoJSONSchema)
}

// writeJSONSchema prints the schema of the mapping language, for draft 7, which
// is what editors know. It is wide where the compiler decides better: whatever
// compiles is valid.
func writeJSONSchema(w io.Writer) error {
	s := &editorSchema{definitions: languageTypes(), named: map[string]string{}}
	var branches []any
	var classes, versions []any
	seen := map[any]bool{}
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			return err
		}
		versions = append(versions, version)
		for i := range schema.Classes {
			c := &schema.Classes[i]
			branches = append(branches, s.branch(schema, c))
			for _, name := range []any{c.Name, c.UID} {
				if !seen[name] {
					seen[name] = true
					classes = append(classes, name)
				}
			}
		}
	}
	root := head(classes, versions)
	root["allOf"] = branches
	return s.write(w, root)
}

// write prints each definition on a line of its own, so that versions of the
// schema can be compared.
func (s *editorSchema) write(w io.Writer, root object) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(root); err != nil {
		return err
	}
	b.Truncate(bytes.LastIndexByte(b.Bytes(), '}'))
	b.WriteString(",\n\"definitions\":{")
	for i, name := range slices.Sorted(maps.Keys(s.definitions)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n%q:", name)
		if err := e.Encode(s.definitions[name]); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteString("\n}}\n")
	_, err := w.Write(b.Bytes())
	return err
}

// editorSchema gathers definitions, each once.
type editorSchema struct {
	definitions object
	named       map[string]string // JSON of an attribute's definition: its name
}

func ref(name string) object { return object{"$ref": "#/definitions/" + name} }

// branch is the part for mappings of one class of one version.
func (s *editorSchema) branch(schema *ocsf.Schema, c *ocsf.Class) object {
	name := schema.Version + ":" + c.Name
	def := s.body(schema.Version, c.Attributes, "")
	def["description"] = c.Caption + ", class " + c.Name + " of OCSF " + schema.Version + since(c.Deprecated) + "."
	s.definitions[name] = def
	return object{
		"if": object{
			"properties": object{"class": object{"enum": []any{c.Name, c.UID}}, "schema": object{"const": schema.Version}},
			"required":   []string{"class", "schema"},
		},
		"then": object{"properties": object{"event": ref(name), "profiles": profileNames(c)}},
	}
}

// profileNames is a profile of a class, or a list of them.
func profileNames(c *ocsf.Class) object {
	names := object{"enum": c.Profiles}
	return anyOf(names, object{"type": "array", "items": names})
}

// derived are the attributes that follow from class and schema.
var derived = map[string]bool{
	"class_uid": true, "class_name": true, "category_uid": true, "category_name": true, "type_uid": true, "type_name": true,
}

// body is a class or an object: its attributes and what they must be. Name is
// that of the object, "" for a class.
func (s *editorSchema) body(version string, attributes []ocsf.Attribute, name string) object {
	properties, required := object{}, []string{}
	var either []any // an id or its caption
	for i := range attributes {
		a := &attributes[i]
		properties[a.Name] = ref(s.attribute(version, a, name, enumIDOf(attributes, a)))
		given := name == "" && derived[a.Name] || name == "metadata" && a.Name == "version"
		switch {
		case a.Requirement != ocsf.Required || len(a.Profiles) > 0 || given:
		case hasCaption(attributes, a):
			either = append(either, anyGiven(a.Name, a.Sibling))
		default:
			required = append(required, a.Name)
		}
	}
	if name != "" {
		properties["$each"], properties["$when"] = ref("$each"), ref("$when")
	}
	properties["$part"] = ref("$part")
	whole := object{"required": required}
	if len(either) > 0 {
		whole["allOf"] = either
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false,
		"if": anyGiven("$part"), "else": whole} // a part may have whatever the object lacks
}

// enumIDOf returns the enum id whose caption an attribute holds, nil if there is
// none.
func enumIDOf(attributes []ocsf.Attribute, caption *ocsf.Attribute) *ocsf.Attribute {
	for i := range attributes {
		if id := &attributes[i]; id.Sibling == caption.Name && len(id.Enum) > 0 && id.Type.Kind != ocsf.String && caption.Type != nil && caption.Type.Kind == ocsf.String {
			return id
		}
	}
	return nil
}

// attribute returns the name of the definition of an attribute. Most attributes
// are the same in all classes that have them, so they are kept once.
func (s *editorSchema) attribute(version string, a *ocsf.Attribute, owner string, id *ocsf.Attribute) string {
	def := s.values(version, a)
	if id != nil {
		def = captionValues(id)
	}
	if owner == "" && a.Name == "unmapped" {
		def = ref("unmapped")
	}
	if owner == "" && a.Name == "observables" {
		def = anyOf(def, ref("$from"))
	}
	if a.Object == nil {
		def = anyOf(def, ref("part"))
	}
	if a.Array {
		def = object{"anyOf": []any{object{"type": "array", "items": def}, def}}
	}
	if _, ok := def["$ref"]; ok {
		def = object{"allOf": []any{def}} // a description beside $ref is not looked at
	}
	def["description"] = hover(a)
	if id != nil {
		def["description"] = hover(a) + " Without " + id.Name + ", a caption gives that id."
	}
	key, err := json.Marshal(def)
	if err != nil {
		return "value" // maps of texts and numbers always marshal
	}
	if name, ok := s.named[string(key)]; ok {
		return name
	}
	name := a.Name
	for n := 2; s.definitions["@"+name] != nil; n++ {
		name = a.Name + "." + strconv.Itoa(n)
	}
	s.named[string(key)] = "@" + name
	s.definitions["@"+name] = def
	return "@" + name
}

// values is what one value of an attribute may be.
func (s *editorSchema) values(version string, a *ocsf.Attribute) object {
	if o := a.Object; o != nil {
		name := version + ":object:" + o.Name
		if s.definitions[name] == nil {
			s.definitions[name] = object{} // it may hold itself
			s.definitions[name] = s.body(version, o.Attributes, o.Name)
		}
		return ref(name)
	}
	if len(a.Enum) > 0 {
		return enumValues(a)
	}
	switch a.Type.Kind {
	case ocsf.Boolean:
		return ref("boolean")
	case ocsf.Integer, ocsf.Long:
		return ref("integer")
	case ocsf.Float:
		return ref("number")
	case ocsf.Timestamp, ocsf.Datetime:
		return ref("time")
	case ocsf.Open:
		return ref("open")
	}
	return ref("value")
}

// hasCaption reports whether an attribute is an enum id with an attribute for its
// caption.
func hasCaption(attributes []ocsf.Attribute, id *ocsf.Attribute) bool {
	return slices.ContainsFunc(attributes, func(a ocsf.Attribute) bool { return a.Name == id.Sibling && enumIDOf(attributes, &a) == id })
}

// captionValues offers the captions of an enumeration; other texts are valid too.
func captionValues(id *ocsf.Attribute) object {
	var captions []any
	for _, e := range id.Enum {
		captions = append(captions, e.Caption)
	}
	return object{"anyOf": []any{object{"enum": captions}, ref("value")}}
}

// enumValues offers the values of an enumeration, or an expression.
func enumValues(a *ocsf.Attribute) object {
	text := a.Type.Kind == ocsf.String
	var values []any
	var captions []string
	for _, e := range a.Enum {
		if n, err := strconv.ParseInt(e.Value, 10, 64); err == nil && !text {
			values = append(values, n)
		} else {
			values = append(values, e.Value)
		}
		captions = append(captions, e.Caption)
	}
	choices := []any{object{"enum": values, "enumDescriptions": captions}, ref("expression")}
	if !text {
		choices = append(choices, ref("digits"))
	}
	return object{"anyOf": choices}
}
