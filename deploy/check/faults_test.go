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
	{"a misspelt property", "      VisibilityTimeout: !Find", "      VisibilityTimout: !Find", "did you mean VisibilityTimeout?"},
	{"an unknown type", "Type: AWS::SQS::QueuePolicy", "Type: AWS::SQS::QueuePolice", `which types.go does not know`},
	{"an unknown section", "\nOutputs:", "\nOutput:", "did you mean Outputs?"},
	{"an unknown attribute of a resource", "DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties:\n      BucketName", "DeletePolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties:\n      BucketName", "did you mean DeletionPolicy?"},
	{"a key that stands twice", "      Timeout: !Ref Timeout\n", "      Timeout: !Ref Timeout\n      Timeout: 301\n", "stands twice"},
	{"a dangling Ref", "CodeBucket\n        S3Key", "CodeBuckets\n        S3Key", "did you mean CodeBucket?"},
	{"a dangling GetAtt", "Queue: !GetAtt Queue.Arn", "Queue: !GetAtt Queu.Arn", "did you mean Queue?"},
	{"an unknown attribute", "Role: !GetAtt Role.Arn", "Role: !GetAtt Role.Ann", "did you mean Arn?"},
	{"a dangling name in Sub", "${AwsBucket}/ext", "${AwsBuckett}/ext", "did you mean AwsBucket?"},
	{"an unknown condition", "!If [HasCodeVersion,", "!If [HasCodeVersions,", "did you mean HasCodeVersion?"},
	{"a dangling DependsOn", "DependsOn: QueuePolicy", "DependsOn: QueuePolice", "did you mean QueuePolicy?"},
	{"an unknown function", "LogGroup: !Ref LogGroup", "LogGroup: !Reff LogGroup", "not a function that references.go knows"},
	{"a parameter in vain", "      MemorySize: !Ref MemorySize", "      MemorySize: 512", "the parameter MemorySize is used by nothing"},
	{"a condition in vain", "Condition HasRawKey, !Condition RejectsInRaw", "Condition HasRawKey, !Condition HasRawKey", "the condition RejectsInRaw is used by nothing"},
	{"a circle", `!Sub "arn:${AWS::Partition}:s3:::${RawBucketName}"`, "!GetAtt RawBucket.Arn", "waits for itself"},
	{"a parameter in no group", "RejectsBucket, RejectsPrefix]", "RejectsBucket]", "stands in 0 groups"},
	{"a default that is not allowed", "    Default: arm64\n", "    Default: arm\n", "not one of its AllowedValues"},
	{"a required property left out", "      Role: !GetAtt Role.Arn\n", "", "lacks Role"},
	{"a required property that is nothing", "      Role: !GetAtt Role.Arn\n", "      Role: !Ref AWS::NoValue\n", "lacks Role"},
	{"an unknown processor", "AllowedValues: [arm64, x86_64]", "AllowedValues: [arm64, amd64]", `is "amd64": it must be one of arm64, x86_64`},
	{"a parameter of any text for a choice", "    AllowedValues: [arm64, x86_64]\n", "", "give it AllowedValues"},
	{"an old runtime", "Runtime: provided.al2023", "Runtime: provided.al2", "must be one of provided.al2023"},
	{"another handler", "Handler: bootstrap", "Handler: main", "the zip holds bootstrap"},
	{"a timeout out of range", "600, 900]", "600, 901]", "from 1 to 900"},
	{"a number that is none", "AllowedValues: [30, 60,", "AllowedValues: [five, 60,", "must be a whole number"},
	{"a bound of a parameter out of range", "MaxValue: 10240", "MaxValue: 20480", "from 128 to 10240"},
	{"a text for a list", "      Architectures:\n        - !Ref Architecture", "      Architectures: arm64", "is no list"},
	{"too little memory", "    Default: 512\n    MinValue: 512", "    Default: 128\n    MinValue: 128", "it is measured with 512"},
	{"a visibility under six timeouts", "Visibility: 1800", "Visibility: 1799", "at least six times"},
	{"a timeout over a sixth of the visibility", "AllowedValues: [30, 60,", "AllowedValues: [30, 61,", "at least six times"},
	{"whole batches fail", "      FunctionResponseTypes:\n        - ReportBatchItemFailures\n", "", "bring back its whole batch"},
	{"no dead letters", "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt DeadLetterQueue.Arn\n        maxReceiveCount: 10\n", "", "has no dead-letter queue"},
	{"dead letters into the same queue", "deadLetterTargetArn: !GetAtt DeadLetterQueue.Arn", "deadLetterTargetArn: !GetAtt Queue.Arn", "has no dead-letter queue"},
	{"too few tries", "maxReceiveCount: 10", "maxReceiveCount: 1", "give it at least 5"},
	{"dead letters that are forgotten sooner", "      SqsManagedSseEnabled: true\n      MessageRetentionPeriod: 1209600", "      SqsManagedSseEnabled: true\n      MessageRetentionPeriod: 86400", "forgets sooner"},
	{"a queue in the clear", "      SqsManagedSseEnabled: true\n      MessageRetentionPeriod", "      MessageRetentionPeriod", "DeadLetterQueue is not encrypted"},
	{"a log without an end", "      RetentionInDays: !Ref LogRetentionDays", "      LogGroupName: x", "keeps everything for ever"},
	{"a log that Lambda makes", "        LogGroup: !Ref LogGroup\n", "", "a group that Lambda makes"},
	{"an alarm on the wrong queue", "{Name: QueueName, Value: !GetAtt DeadLetterQueue.QueueName}", "{Name: QueueName, Value: !GetAtt Queue.QueueName}", "it must watch DeadLetterQueue"},
	{"an alarm on a misspelt metric", "MetricName: Errors", "MetricName: Error", "no alarm watches AWS/Lambda Errors"},
	{"nobody hears of failures", "MetricName: ObjectsFailed", "MetricName: ObjectsSkipped", "no alarm watches the metric ObjectsFailed"},
	{"nobody hears of silence", "MetricName: RecordsIn", "MetricName: RowsOut", "no alarm watches the metric RecordsIn"},
	{"nobody hears of throttles", "MetricName: Throttles", "MetricName: Errors", "no alarm watches AWS/Lambda Throttles"},
	{"others may take the role", "Service: lambda.amazonaws.com", "Service: ec2.amazonaws.com", "may be taken by others"},
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
