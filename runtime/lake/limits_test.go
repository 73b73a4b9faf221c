package lake

import (
	"strings"
	"testing"
)

// Zero is the default of each limit, and only what is negative is refused, by its name.
func TestLimits(t *testing.T) {
	if err := (Limits{}).Check(); err != nil {
		t.Error(err)
	}
	l := Limits{}.WithDefaults()
	if err := l.Check(); err != nil || l != l.WithDefaults() {
		t.Errorf("%+v: %v", l, err)
	}
	for name, l := range map[string]Limits{
		"ObjectBytes": {ObjectBytes: -1}, "ObjectRows": {ObjectRows: -1}, "RowGroupBytes": {RowGroupBytes: -1},
		"RowGroupRows": {RowGroupRows: -1}, "HeldBytes": {HeldBytes: -1}, "OpenObjects": {OpenObjects: -1},
	} {
		if err := l.Check(); err == nil || !strings.Contains(err.Error(), name+" is -1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
