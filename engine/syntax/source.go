package syntax

import "fmt"

// maxSource is the most characters that Security Lake takes for the name of a
// custom source.
const maxSource = 20

// WarnSource returns a warning for a source name that Security Lake will not
// register as a custom source, "" for one that it will. Such a name still makes
// valid keys of the lake, so it is no fault.
func WarnSource(name string) string {
	if len(name) <= maxSource {
		return ""
	}
	return fmt.Sprintf("source name %q has %d characters: Security Lake registers custom sources of at most %d; choose a shorter one", name, len(name), maxSource)
}
