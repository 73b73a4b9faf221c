package syntax

import (
	"strings"
	"testing"
)

func TestLongSourceNamesAreWarnedOf(t *testing.T) {
	if w := WarnSource(strings.Repeat("s", 20)); w != "" {
		t.Errorf("20 characters: %s", w)
	}
	if w := WarnSource(strings.Repeat("s", 21)); !strings.Contains(w, "at most 20") {
		t.Errorf("21 characters: %q", w)
	}
}
