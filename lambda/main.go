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
	"runtime/debug"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"
)

// Main runs the function until the host ends it. It returns an exit code, and
// only when the environment or the mapping is wrong: then it has told Lambda.
func Main(getenv func(string) string, stdout, stderr io.Writer) int {
	f, err := newFunction(context.Background(), getenv, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, string(initFault(err)))
		tellRuntime(getenv("AWS_LAMBDA_RUNTIME_API"), initFault(err))
		return 1
	}
	if getenv("GOMEMLIMIT") == "" {
		// The collector works harder near the limit instead of being killed at
		// it. What is left is for stacks, the program itself and the kernel.
		debug.SetMemoryLimit(f.config.memory * 2 / 3)
	}
	log.SetFlags(0)
	log.SetOutput(runtimeLog{f.log})
	awslambda.Start(f.handle)
	return 0
}

// initFault is what the Runtime API wants of a start that failed, and a line of
// the log as well.
func initFault(err error) []byte {
	text, _ := json.Marshal(struct { // strings always can be marshalled
		Level        string `json:"level"`
		Message      string `json:"message"`
		ErrorMessage string `json:"errorMessage"`
		ErrorType    string `json:"errorType"`
	}{"ERROR", "the function cannot start", err.Error(), "Sluice.Configuration"})
	return text
}

func tellRuntime(address string, body []byte) {
	if address == "" {
		return
	}
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Post("http://"+address+"/2018-06-01/runtime/init/error", "application/json", bytes.NewReader(body))
	if err == nil { // else it has been logged, and the exit code says it too
		resp.Body.Close()
	}
}

// runtimeLog takes what Lambda's library logs. That is every error of the
// function, which has been logged here, and panics, which nobody else sees.
type runtimeLog struct{ log *slog.Logger }

func (l runtimeLog) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(`"stackTrace"`)) {
		l.log.Error("the function panicked: this is a fault of the program, please report it", "panic", string(bytes.TrimSpace(line)))
	}
	return len(line), nil
}
