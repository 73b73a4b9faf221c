package cli

import (
	"fmt"
	"strings"
	"testing"
)

// However much guests log, the summary shows three texts of each module, of its
// gravest level, and begins anew after each run.
func TestGuestLogs(t *testing.T) {
	var err strings.Builder
	a := &app{Streams: Streams{Err: &err}, logged: &guestLogs{}}
	for i := range 5 {
		a.logged.add("b.wasm", "debug", fmt.Sprint("detail ", i))
		a.logged.add("b.wasm", "warning", fmt.Sprint("odd ", i))
		a.logged.add("b.wasm", "info", fmt.Sprint("fine ", i))
		a.logged.add("a.wasm", "debug", fmt.Sprint("step ", i))
	}
	a.guestsLogged()
	want := "a.wasm logged 5 debug, such as\n    debug: step 0\n    debug: step 1\n    debug: step 2\n" +
		"b.wasm logged 5 warning, 5 info, 5 debug, such as\n    warning: odd 0\n    warning: odd 1\n    warning: odd 2\n"
	if err.String() != want {
		t.Errorf("got\n%swant\n%s", err.String(), want)
	}
	err.Reset()
	if a.guestsLogged(); err.String() != "" {
		t.Errorf("the next run shows %s", err.String())
	}
}
