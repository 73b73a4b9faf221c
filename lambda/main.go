package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"

	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// Main runs the function until the host ends it. It returns an exit code only when
// the environment or the mapping is wrong; then it has reported that to Lambda.
func Main(getenv func(string) string, stdout, stderr io.Writer) int {
	f, err := newFunction(context.Background(), getenv, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, string(initFault(err)))
		reportInit(f.config.RuntimeAPI, initFault(err))
		return 1
	}
	f.mappings.environ = os.Environ()
	f.mappings.strayVariables()
	f.unknownVariables()
	debug.SetMemoryLimit(f.config.memoryLimit())
	log.SetFlags(0)
	log.SetOutput(runtimeLog{f.log})
	awslambda.Start(f.handle)
	return 0
}

// unknownVariables warns of variables that are named like sluice's own and mean nothing.
func (f *function) unknownVariables() {
	var names []string
	for _, v := range settings.Variables() {
		names = append(names, v.Name)
	}
	for _, name := range settings.UnknownVariables(f.mappings.environ, settings.Function) {
		f.log.Warn("a variable has no effect: the function has no variable of this name"+spelling.DidYouMean(name, names), "variable", name)
	}
}

// initFault is the body that the Runtime API expects of a start that failed. It is
// a line of the log too.
func initFault(err error) []byte {
	text, _ := json.Marshal(struct { // strings always can be marshalled
		Level        string `json:"level"`
		Message      string `json:"message"`
		ErrorMessage string `json:"errorMessage"`
		ErrorType    string `json:"errorType"`
	}{"ERROR", "the function cannot start", err.Error(), "Sluice.Configuration"})
	return text
}

// reportInit tells Lambda that the function cannot start. An error of its own is
// dropped: the log and the exit code say the same.
func reportInit(address string, body []byte) {
	if address == "" {
		return
	}
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Post("http://"+address+"/2018-06-01/runtime/init/error", "application/json", bytes.NewReader(body))
	if err == nil {
		resp.Body.Close()
	}
}

// runtimeLog is where Lambda's library logs: errors of the function, which were logged
// before; panics; and that it ends the process, since it cannot reach Lambda or Lambda does
// not take the answer. Nobody else says so.
type runtimeLog struct{ log *slog.Logger }

func (l runtimeLog) Write(line []byte) (int, error) {
	text := string(bytes.TrimSpace(line))
	switch {
	case strings.Contains(text, `"stackTrace"`):
		l.log.Error("the function panicked: this is a bug, please report it", "panic", text)
	case strings.HasPrefix(text, `{"errorMessage"`):
	default:
		l.log.Error("the process ends, and Lambda starts another one; what it was working on is delivered again", "error", text)
	}
	return len(line), nil
}
