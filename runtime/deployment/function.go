package deployment

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Function is a function of AWS Lambda.
type Function struct {
	ARN         string
	State       string // Active, Pending, Inactive, Failed
	StateReason string
	Update      string // of the last change: Successful, InProgress, Failed
	Timeout     time.Duration
	MemoryMB    int64
	Role        string // ARN
	Environment map[string]string
	// EnvironmentError is why its environment cannot be decrypted, "" where it can.
	EnvironmentError string
}

// Function returns a function by its name or ARN. It needs
// lambda:GetFunctionConfiguration.
func (c *Client) Function(ctx context.Context, name string) (*Function, error) {
	var said struct {
		FunctionArn, State, StateReason, LastUpdateStatus, Role string
		Timeout, MemorySize                                     int64
		Environment                                             struct {
			Variables map[string]string
			Error     *struct{ Message string }
		}
	}
	r := request{service: "lambda", right: "lambda:GetFunctionConfiguration on " + name, what: "look at the function " + name,
		method: http.MethodGet, path: "/2015-03-31/functions/" + url.PathEscape(name) + "/configuration"}
	if err := c.send(ctx, r, func(b []byte) error { return json.Unmarshal(b, &said) }); err != nil {
		return nil, err
	}
	f := &Function{ARN: said.FunctionArn, State: said.State, StateReason: said.StateReason, Update: said.LastUpdateStatus, Role: said.Role,
		Timeout: time.Duration(said.Timeout) * time.Second, MemoryMB: said.MemorySize, Environment: said.Environment.Variables}
	if said.Environment.Error != nil {
		f.EnvironmentError = said.Environment.Error.Message
	}
	return f, nil
}

// Trigger is a queue that a function reads.
type Trigger struct {
	Queue string // ARN
	State string // Enabled, Disabled, Creating and so on
	// Partial is true if the function may say which messages of a batch failed.
	Partial bool
}

// Triggers returns the queues that a function reads. It needs
// lambda:ListEventSourceMappings.
func (c *Client) Triggers(ctx context.Context, function string) (all []Trigger, err error) {
	query := url.Values{"FunctionName": {function}}
	for {
		var said struct {
			EventSourceMappings []struct {
				EventSourceArn, State string
				FunctionResponseTypes []string
			}
			NextMarker string
		}
		r := request{service: "lambda", right: "lambda:ListEventSourceMappings", what: "list what calls the function " + function,
			method: http.MethodGet, path: "/2015-03-31/event-source-mappings/", query: query}
		if err := c.send(ctx, r, func(b []byte) error { return json.Unmarshal(b, &said) }); err != nil {
			return nil, err
		}
		for _, m := range said.EventSourceMappings {
			t := Trigger{Queue: m.EventSourceArn, State: m.State}
			for _, kind := range m.FunctionResponseTypes {
				t.Partial = t.Partial || kind == "ReportBatchItemFailures"
			}
			all = append(all, t)
		}
		if said.NextMarker == "" {
			return all, nil
		}
		query.Set("Marker", said.NextMarker)
	}
}
