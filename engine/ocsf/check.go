package ocsf

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// Finding is one rule of OCSF that an event breaks.
type Finding struct {
	// Path is the place, such as attacks[1].technique.uid, or "" for the event as
	// a whole.
	Path string
	// Message says what is wrong and what would be right.
	Message string
	// Own is set if the rule is sluice's and not OCSF's: see Check.
	Own bool
}

// String is the finding on one line.
func (f Finding) String() string {
	if f.Path == "" {
		return "event: " + f.Message
	}
	return f.Path + ": " + f.Message
}

// Checker checks events against one Schema. It is immutable and may be shared
// by goroutines.
type Checker struct {
	schema   *Schema
	patterns map[*Type]*regexp.Regexp
}

// NewChecker compiles the patterns of the schema's types, which takes much longer
// than a check: make one and keep it.
func NewChecker(s *Schema) *Checker {
	c := &Checker{schema: s, patterns: map[*Type]*regexp.Regexp{}}
	for i := range s.Types {
		if t := &s.Types[i]; t.Pattern != "" {
			// The generator rejects facts whose patterns do not compile.
			c.patterns[t] = regexp.MustCompile(t.Pattern)
		}
	}
	return c
}

// Check returns a finding for every rule of its class that a decoded JSON event
// breaks, in a fixed order, and nil for a good event. Numbers may be json.Number,
// float64 or Go integers, lists are []any and objects map[string]any. An event
// without a known class_uid gets that one finding, since nothing else can be
// checked.
//
// Beyond OCSF's own rules it enforces sluice's: no null, empty text, empty list or
// empty object anywhere outside json_t; only text in the open object.
func (c *Checker) Check(event map[string]any) []Finding {
	k := &check{Checker: c}
	class := k.class(event)
	if class == nil {
		return k.found
	}
	k.readProfiles(class, event)
	k.entity("", "class "+class.Name, class.Attributes, class.Constraint, event)
	k.agreement(class, event)
	return k.found
}

// check is one run of a Checker.
type check struct {
	*Checker
	profiles []string
	found    []Finding
}

func (k *check) add(path, message string) {
	k.found = append(k.found, Finding{Path: path, Message: message})
}

// addOwn adds a finding of a rule that is not OCSF's.
func (k *check) addOwn(path, message string) {
	k.found = append(k.found, Finding{Path: path, Message: message, Own: true})
}

func (k *check) class(event map[string]any) *Class {
	value, ok := event["class_uid"]
	if !ok {
		k.add("class_uid", "is missing: without it the event's class is unknown and nothing else is checked")
		return nil
	}
	uid, ok := integer(value)
	if !ok {
		k.add("class_uid", "must be an integer, is "+show(value))
		return nil
	}
	if uid >= math.MinInt32 && uid <= math.MaxInt32 {
		if class, ok := k.schema.classOf(int32(uid)); ok {
			return class
		}
	}
	k.add("class_uid", "no class of OCSF "+k.schema.Version+" has the number "+strconv.FormatInt(uid, 10))
	return nil
}

// readProfiles reads the profiles that the event lists, and checks that the class
// has them. Their form is checked with metadata.
func (k *check) readProfiles(class *Class, event map[string]any) {
	metadata, _ := event["metadata"].(map[string]any)
	list, _ := metadata["profiles"].([]any)
	for i, item := range list {
		name, ok := item.(string)
		if !ok {
			continue
		}
		k.profiles = append(k.profiles, name)
		if !slices.Contains(class.Profiles, name) {
			k.add(at("metadata.profiles", i), "class "+class.Name+" has no profile "+strconv.Quote(name)+
				spelling.DidYouMean(name, class.Profiles))
		}
	}
}

// entity checks the attributes of a class or object.
func (k *check) entity(path, owner string, list []Attribute, constraint Constraint, values map[string]any) {
	for i := range list {
		a := &list[i]
		value, present := values[a.Name]
		switch {
		case present && !a.Applies(k.profiles):
			k.add(join(path, a.Name), "exists only with the profile "+anyOf(a.Profiles)+", which metadata.profiles does not list")
		case present:
			k.attribute(join(path, a.Name), a, value)
			k.enum(path, a, value, values)
		case a.Requirement == Required && a.Applies(k.profiles):
			k.add(join(path, a.Name), "is missing: "+owner+" requires it")
		}
	}
	k.unknown(path, owner, list, values)
	k.constraint(path, owner, constraint, values)
}

func (k *check) unknown(path, owner string, list []Attribute, values map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, ok := attribute(list, name); ok {
			continue
		}
		names := make([]string, len(list))
		for i := range list {
			names[i] = list[i].Name
		}
		k.add(join(path, name), owner+" has no such attribute"+spelling.DidYouMean(name, names))
	}
}

func (k *check) attribute(path string, a *Attribute, value any) {
	if !a.Array {
		k.value(path, a, value)
		return
	}
	items, ok := value.([]any)
	if !ok {
		k.add(path, "must be a list ("+a.TypeName()+"), is "+show(value))
		return
	}
	if len(items) == 0 {
		k.addOwn(path, "is an empty list: leave it out")
	}
	for i, item := range items {
		k.value(at(path, i), a, item)
	}
}

func (k *check) value(path string, a *Attribute, value any) {
	if message := empty(value); message != "" {
		k.addOwn(path, message)
		return
	}
	if a.Object == nil {
		k.scalar(path, a.Type, value)
		return
	}
	values, ok := value.(map[string]any)
	if !ok {
		k.add(path, "must be an object ("+a.Object.Name+"), is "+show(value))
		return
	}
	k.entity(path, "object "+a.Object.Name, a.Object.Attributes, a.Object.Constraint, values)
}
