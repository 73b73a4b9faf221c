package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shipped = "../cloudformation.yaml"

// TestShipped: what is shipped has no finding, against the code as it is.
func TestShipped(t *testing.T) {
	found, err := run(shipped, "../README.md", "../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

// fault is one change of the shipped template, and what must be said of it.
type fault struct{ name, old, new, want string }

var faults = []fault{
	{"another handler", "Handler: bootstrap", "Handler: main", "the zip holds bootstrap"},
	{"too little memory", "    Default: 512\n    MinValue: 512", "    Default: 128\n    MinValue: 128", "it is measured with 512"},
	{"a visibility under six timeouts", "Visibility: 1800", "Visibility: 1799", "at least six times"},
	{"a timeout over a sixth of the visibility", "AllowedValues: [30, 60,", "AllowedValues: [30, 61,", "at least six times"},
	{"no YAML", "Resources:\n", "Resources: [\n", "fix the YAML"},
	{"an anchor that is used", "      Runtime: provided.al2023\n      Handler: bootstrap", "      Runtime: &r provided.al2023\n      Handler: *r", "reads no YAML aliases"},
	{"a key that appears twice", "      Timeout: !Ref Timeout\n", "      Timeout: !Ref Timeout\n      Timeout: 301\n", "appears twice"},
	{"an alarm that tells nobody's topic", "AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]", "AlarmActions: [!Ref AlarmTopicArn]", "make it depend on one"},
	{"no alarm on rejects", "MetricName: Rejected", "MetricName: Unmatched", "no alarm watches the metric Rejected"},
	{"dead letters for as long as SQS keeps them", "    UpdateReplacePolicy: Retain\n    Properties:\n      SqsManagedSseEnabled: true\n      MessageRetentionPeriod: 1209600\n", "    UpdateReplacePolicy: Retain\n    Properties:\n      SqsManagedSseEnabled: true\n", "forgets sooner"},
	{"a template that is too large", "\nOutputs:", "\n" + strings.Repeat("# more\n", 1000) + "Outputs:", "CloudFormation takes 51200 at most"},
	{"whole batches fail", "      FunctionResponseTypes:\n        - ReportBatchItemFailures\n", "", "bring back its whole batch"},
	{"no dead letters", "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt DeadLetterQueue.Arn\n        maxReceiveCount: 10\n", "", "has no dead-letter queue"},
	{"dead letters into the same queue", "deadLetterTargetArn: !GetAtt DeadLetterQueue.Arn", "deadLetterTargetArn: !GetAtt Queue.Arn", "has no dead-letter queue"},
	{"too few tries", "maxReceiveCount: 10", "maxReceiveCount: 1", "give it at least 5"},
	{"dead letters that are forgotten sooner", "      SqsManagedSseEnabled: true\n      MessageRetentionPeriod: 1209600", "      SqsManagedSseEnabled: true\n      MessageRetentionPeriod: 86400", "forgets sooner"},
	{"an alarm on the wrong queue", "{Name: QueueName, Value: !GetAtt DeadLetterQueue.QueueName}", "{Name: QueueName, Value: !GetAtt Queue.QueueName}", "it must watch DeadLetterQueue"},
	{"an alarm on a misspelt metric", "MetricName: Errors", "MetricName: Error", "no alarm watches AWS/Lambda Errors"},
	{"nobody hears of failures", "MetricName: ObjectsFailed", "MetricName: ObjectsSkipped", "no alarm watches the metric ObjectsFailed"},
	{"nobody hears of silence", "MetricName: RecordsIn", "MetricName: RowsOut", "no alarm watches the metric RecordsIn"},
	{"nobody hears of throttles", "MetricName: Throttles", "MetricName: Errors", "no alarm watches AWS/Lambda Throttles"},
}

func TestFaults(t *testing.T) { tryFaults(t, faults) }

// tryFaults makes each change by itself. The shipped template is clean, so what
// is said is said of the change.
func tryFaults(t *testing.T, faults []fault) {
	t.Helper()
	clean, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	code, err := read("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			if !strings.Contains(string(clean), f.old) {
				t.Fatalf("the template no more has %q: seed the fault elsewhere", f.old)
			}
			said := judged(t, strings.Replace(string(clean), f.old, f.new, 1), code)
			if !strings.Contains(said, f.want) {
				t.Errorf("got:\n%s\nwant a finding with %q", said, f.want)
			}
		})
	}
}

// judged gives all findings of a template's text, a line each.
func judged(t *testing.T, text string, code *sources) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := check(file, "../README.md", code)
	if err != nil {
		return err.Error()
	}
	var said strings.Builder
	for _, f := range found {
		said.WriteString(f.String() + "\n")
	}
	return said.String()
}
