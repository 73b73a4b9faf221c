package mapping

import (
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/spelling"
)

// OfClass gives the name of the shipped mapping of a class, which is named in any
// case or by its number. What names the setting in the error.
func OfClass(what, class string) (string, error) {
	name, err := className(class)
	if err != nil {
		return "", err
	}
	var classes []string
	for _, shipped := range Shipped() {
		of := strings.TrimPrefix(shipped, "wazuh/")
		if of == name {
			return shipped, nil
		}
		classes = append(classes, of)
	}
	return "", fmt.Errorf("%s: there is no shipped mapping for class %q%s; shipped are %s", what, class,
		spelling.DidYouMean(name, classes), strings.Join(classes, ", "))
}

// ClassName gives the name of a class of OCSF, which is named in any case or by its
// number. What names the setting in the error.
func ClassName(what, class string) (string, error) {
	name, err := className(class)
	if err != nil || len(ocsf.ClassVersions(name)) > 0 {
		return name, err
	}
	var names []string
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			return "", err
		}
		names = append(names, schema.ClassNames()...)
	}
	return "", fmt.Errorf("%s: OCSF has no class %q%s; `sluice schema` lists the classes", what, class, spelling.DidYouMean(name, names))
}

// className gives the name of a class that is given by its number, and any other
// text in lower case.
func className(class string) (string, error) {
	if strings.Trim(class, "0123456789") != "" {
		return strings.ToLower(class), nil
	}
	for _, version := range ocsf.Versions() {
		schema, err := ocsf.Load(version)
		if err != nil {
			return "", err
		}
		if c, ok := schema.Class(class); ok {
			return c.Name, nil
		}
	}
	return class, nil
}
