package main

import (
	"maps"
	"regexp"
	"strings"
)

// deployment is the template with values for its parameters: what
// CloudFormation would make of it.
type deployment struct {
	*template
	given map[string]string
}

// deploy takes the values given, and the defaults for the rest.
func (t *template) deploy(given map[string]string) *deployment {
	all := map[string]string{
		"AWS::Partition": "aws", "AWS::AccountId": "111122223333", "AWS::Region": "us-east-1", "AWS::URLSuffix": "amazonaws.com",
		"AWS::StackName": "sluice",
	}
	for _, name := range t.root.at("Parameters").keys {
		all[name] = t.root.at("Parameters", name, "Default").text
	}
	maps.Copy(all, given)
	return &deployment{t, all}
}

// ifs follows Fn::If until something else comes; nil when it is nothing.
func (d *deployment) ifs(v *value) *value {
	for v.kind == call && v.text == "Fn::If" && len(v.arg.items) == 3 {
		branch := 2
		if d.holds(d.root.at("Conditions", v.arg.items[0].text)) {
			branch = 1
		}
		v = v.arg.items[branch]
	}
	if absent(v) {
		return nil
	}
	return v
}

func (d *deployment) holds(v *value) bool {
	if v.kind != call {
		return false
	}
	switch v.text {
	case "Condition":
		return d.holds(d.root.at("Conditions", v.arg.text))
	case "Fn::Not":
		return len(v.arg.items) == 1 && !d.holds(v.arg.items[0])
	case "Fn::Equals":
		return len(v.arg.items) == 2 && d.text(v.arg.items[0]) == d.text(v.arg.items[1])
	case "Fn::And", "Fn::Or":
		for _, item := range v.arg.items {
			if d.holds(item) == (v.text == "Fn::Or") {
				return v.text == "Fn::Or"
			}
		}
		return v.text == "Fn::And"
	}
	return false
}

var placeholder = regexp.MustCompile(`\$\{([^!][^}]*)\}`)

// text is what a value comes to. Attributes of resources come to a text with
// the resource's name, which no other resource has: arn:Queue.
func (d *deployment) text(v *value) string {
	if v = d.ifs(v); v == nil {
		return ""
	}
	if v.kind != call {
		return v.text
	}
	switch v.text {
	case "Ref":
		return d.name(v.arg.text)
	case "Fn::GetAtt":
		return d.name(v.arg.text)
	case "Fn::Join":
		if len(v.arg.items) == 2 {
			return strings.Join(d.texts(v.arg.items[1]), v.arg.items[0].text)
		}
	case "Fn::FindInMap":
		at := d.root.at("Mappings")
		for _, key := range v.arg.items {
			at = at.at(d.text(key))
		}
		return at.text
	case "Fn::Sub":
		text, local := v.arg, nothing
		if v.arg.kind == list && len(v.arg.items) == 2 {
			text, local = v.arg.items[0], v.arg.items[1]
		}
		return placeholder.ReplaceAllStringFunc(text.text, func(found string) string {
			name := found[2 : len(found)-1]
			if own := local.at(name); own != nothing {
				return d.text(own)
			}
			return d.name(name)
		})
	}
	return ""
}

func (d *deployment) name(name string) string {
	if value, ok := d.given[name]; ok {
		return value
	}
	if resource, ok := strings.CutSuffix(name, ".Arn"); ok {
		return "arn:" + resource
	}
	return name
}

// texts is what a value or a list of values comes to.
func (d *deployment) texts(v *value) (all []string) {
	if v = d.ifs(v); v == nil || v == nothing {
		return nil
	}
	if v.kind == call && v.text == "Ref" && d.root.at("Parameters", v.arg.text, "Type").text == listType {
		return strings.Split(d.name(v.arg.text), ",")
	}
	if v.kind != list {
		return []string{d.text(v)}
	}
	for _, item := range v.items {
		if item = d.ifs(item); item != nil {
			all = append(all, d.text(item))
		}
	}
	return all
}
