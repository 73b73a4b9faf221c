package lambda

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// newLog makes a logger of one JSON object a line, with the names that Lambda
// itself uses, or of plain lines where AWS_LAMBDA_LOG_FORMAT asks for text.
func newLog(w io.Writer, c config) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.level, ReplaceAttr: lambdacontext.ReplaceAttr}
	if c.LogText {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

// withRequest adds Lambda's id of the invocation.
func withRequest(ctx context.Context, log *slog.Logger) *slog.Logger {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return log.With("requestId", lc.AwsRequestID)
	}
	return log
}
