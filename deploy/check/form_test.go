package main

import "testing"

// TestFormFaults: what CloudFormation itself would refuse, or take for something
// else than was meant.
func TestFormFaults(t *testing.T) {
	tryFaults(t, []fault{
		{"no YAML", "Resources:\n", "Resources: [\n", "fix the YAML"},
		{"an alias", "Handler: bootstrap", "Handler: *Runtime", "fix the YAML"},
		{"an anchor that is used", "      Runtime: provided.al2023\n      Handler: bootstrap", "      Runtime: &r provided.al2023\n      Handler: *r", "reads no YAML aliases"},
		{"no resources", "\nResources:", "\nResource:", "there are no resources"},
		{"kept from deletion and not from replacement", "UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete", "has another DeletionPolicy than UpdateReplacePolicy"},
		{"a policy of deletion that is none", "DeletionPolicy: Delete", "DeletionPolicy: Dilute", "it must be Delete or Retain"},
		{"an attribute of a parameter that is none", "MinLength: 1", "MinLen: 1", "did you mean MinLength?"},
		{"a type of parameter that is none", "Type: Number", "Type: Num", "it must be String or Number"},
		{"a parameter that is not described", "    Description: SLUICE_LOG_LEVEL\n", "", "lacks a Description"},
		{"GetAtt without an attribute", "Role: !GetAtt Role.Arn", "Role: !GetAtt Role", "names no attribute"},
		{"If with one value", "!If [HasRawKey, true, !Ref AWS::NoValue]", "!If [HasRawKey, true]", "wants a condition and two values"},
		{"Sub with a value in vain", "- \"s3://${Bucket}/${RejectsPrefix}\"", "- \"s3://bucket/${RejectsPrefix}\"", "its text does not use it"},
		{"a group with a parameter that is not there", "Parameters: [CodeBucket,", "Parameters: [CodeBuckett,", "the group names CodeBuckett"},
		{"a list for a number", "Threshold: 0", "Threshold: [0]", "is no number"},
		{"a text for a boolean", "BlockPublicAcls: true", "BlockPublicAcls: yess", "must be true or false"},
		{"a text that is made, for a number", "      Timeout: !Ref Timeout\n", "      Timeout: !Sub \"300\"\n", "must be a number"},
		{"a parameter of text for a number", "MemorySize: !Ref MemorySize", "MemorySize: !Ref SluiceLogLevel", "give it Number"},
		{"a parameter without bounds for a number", "    MinValue: 2\n    MaxValue: 1000\n", "", "give it MinValue and MaxValue"},
		{"a number for a map", "ScalingConfig:\n        MaximumConcurrency: !Ref MaximumConcurrency", "ScalingConfig: 3", "is no map"},
		{"a bucket without encryption", "      BucketEncryption:\n        ServerSideEncryptionConfiguration:\n          - ServerSideEncryptionByDefault:\n              SSEAlgorithm: !If [HasRawKey, aws:kms, AES256]\n              KMSMasterKeyID: !If [HasRawKey, !Ref RawKmsKeyArn, !Ref AWS::NoValue]\n            BucketKeyEnabled: !If [HasRawKey, true, !Ref AWS::NoValue]\n", "", "says nothing of encryption"},
		{"another key for the bucket", "KMSMasterKeyID: !If [HasRawKey, !Ref RawKmsKeyArn,", "KMSMasterKeyID: !If [HasRawKey, !Ref LakeKmsKeyArn,", "is encrypted under the key"},
		{"an element of a statement that is none", "Resource: !Ref RawKmsKeyArn", "Resources: !Ref RawKmsKeyArn", "did you mean Resource?"},
		{"an effect that is none", "Effect: Deny", "Effect: Denied", "it must be Allow or Deny"},
		{"a statement without an action", "                  Action: sts:AssumeRole\n                  Resource:\n", "                  Resource:\n", "lacks Action"},
		{"a policy that is a text", "      PolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n          - Sid: FromRawBucket", "      PolicyDocument: open\n      Queus:\n          - Sid: FromRawBucket", "give it Version and Statement"},
		{"a statement outside a list", "        Statement:\n          - Sid: TLSOnly\n            Effect", "        Statement:\n            Sid: TLSOnly\n            Effect", "begin each statement with a hyphen"},
		{"an alarm that tells nobody's topic", "AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]", "AlarmActions: [!Ref AlarmTopicArn]", "make it depend on one"},
		{"no alarm on rejects", "MetricName: Rejected", "MetricName: Unmatched", "no alarm watches the metric Rejected"},
		{"dead letters for as long as SQS keeps them", "    UpdateReplacePolicy: Retain\n    Properties:\n      SqsManagedSseEnabled: true\n      MessageRetentionPeriod: 1209600\n", "    UpdateReplacePolicy: Retain\n    Properties:\n      SqsManagedSseEnabled: true\n", "forgets sooner"},
		{"a denial that takes a right away", "              - Sid: ReadRaw\n                Effect: Allow", "              - Sid: ReadRaw\n                Effect: Deny", "must be allowed by ReadRaw"},
	})
}
