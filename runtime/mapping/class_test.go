package mapping_test

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: a class means the same by name, in any case, and by number.
func TestOfClass(t *testing.T) {
	for class, want := range map[string]string{
		"security_finding": "wazuh/security_finding", "Security_Finding": "wazuh/security_finding", "2001": "wazuh/security_finding",
		"DETECTION_FINDING": "wazuh/detection_finding", "2004": "wazuh/detection_finding", "BY_CLASS": "wazuh/by_class",
	} {
		if got, err := mapping.OfClass("--class", class); got != want || err != nil {
			t.Errorf("%s: %q, %v", class, got, err)
		}
	}
	for class, says := range map[string]string{
		"detection_findin": "did you mean", "2002": `class "2002"`, "9999": "shipped are by_class, detection_finding, security_finding", "": "OCSF_CLASS: ", "wazuh/security_finding": "no shipped mapping",
	} {
		if got, err := mapping.OfClass("OCSF_CLASS", class); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %q, %v", class, got, err)
		}
	}
}

func TestClassName(t *testing.T) {
	for class, want := range map[string]string{"3002": "authentication", "Authentication": "authentication", "201002": "registry_value_activity"} {
		if got, err := mapping.ClassName("--class-source", class); got != want || err != nil {
			t.Errorf("%s: %q, %v", class, got, err)
		}
	}
	for class, says := range map[string]string{"authenticate": "did you mean `authentication`", "42": `--class-source: OCSF has no class "42"`, "": "no class"} {
		if got, err := mapping.ClassName("--class-source", class); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %q, %v", class, got, err)
		}
	}
}
