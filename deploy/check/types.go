package main

// resource is a type of resource: its properties, and the attributes that
// GetAtt can ask for.
type resource struct {
	attributes []string
	properties spec
}

// types are those that the template uses, with the properties that it uses and
// their near neighbours. It follows AWS's resource specification; what is not
// here is a finding, so that a misspelt name cannot pass for a new one.
var types = map[string]resource{
	"AWS::S3::Bucket":                 {[]string{"Arn", "DomainName", "RegionalDomainName"}, object(bucket)},
	"AWS::S3::BucketPolicy":           {nil, object(map[string]spec{"Bucket!": text(), "PolicyDocument!": policy()})},
	"AWS::SQS::Queue":                 {[]string{"Arn", "QueueName", "QueueUrl"}, object(queue)},
	"AWS::SQS::QueuePolicy":           {nil, object(map[string]spec{"Queues!": listOf(text()), "PolicyDocument!": policy()})},
	"AWS::Logs::LogGroup":             {[]string{"Arn"}, object(logGroup)},
	"AWS::IAM::Role":                  {[]string{"Arn", "RoleId"}, object(role)},
	"AWS::Lambda::Function":           {[]string{"Arn"}, object(lambdaFunction)},
	"AWS::Events::Rule":               {[]string{"Arn"}, object(eventsRule)},
	"AWS::Lambda::EventInvokeConfig":  {nil, object(eventInvoke)},
	"AWS::Lambda::EventSourceMapping": {[]string{"Id", "EventSourceMappingArn"}, object(eventSource)},
	"AWS::CloudWatch::Dashboard":      {nil, object(map[string]spec{"DashboardName": text(), "DashboardBody!": text()})},
	"AWS::CloudWatch::Alarm":          {[]string{"Arn"}, object(alarm)},
}

var bucket = map[string]spec{
	"BucketName": text(),
	"OwnershipControls": object(map[string]spec{"Rules!": listOf(object(map[string]spec{
		"ObjectOwnership": oneOf("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")}))}),
	"PublicAccessBlockConfiguration": object(map[string]spec{"BlockPublicAcls": boolean(), "BlockPublicPolicy": boolean(),
		"IgnorePublicAcls": boolean(), "RestrictPublicBuckets": boolean()}),
	"BucketEncryption": object(map[string]spec{"ServerSideEncryptionConfiguration!": listOf(object(map[string]spec{
		"BucketKeyEnabled": boolean(),
		"ServerSideEncryptionByDefault": object(map[string]spec{
			"SSEAlgorithm!": oneOf("AES256", "aws:kms", "aws:kms:dsse"), "KMSMasterKeyID": text()}),
	}))}),
	"VersioningConfiguration":   object(map[string]spec{"Status!": oneOf("Enabled", "Suspended")}),
	"LifecycleConfiguration":    object(map[string]spec{"Rules!": listOf(object(lifecycleRule))}),
	"NotificationConfiguration": object(map[string]spec{"QueueConfigurations": listOf(object(queueNotification))}),
	"Tags":                      tags,
}

var lifecycleRule = map[string]spec{
	"Id": text(), "Prefix": text(), "Status!": oneOf("Enabled", "Disabled"), "ExpirationInDays": number(1, 1<<31-1),
	"AbortIncompleteMultipartUpload": object(map[string]spec{"DaysAfterInitiation!": number(0, 1<<31-1)}),
}

var queueNotification = map[string]spec{
	"Event!": oneOf("s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload"),
	"Queue!": text(),
	"Filter": object(map[string]spec{"S3Key!": object(map[string]spec{"Rules!": listOf(object(map[string]spec{
		"Name!": oneOf("prefix", "suffix"), "Value!": text()}))})}),
}

var queue = map[string]spec{
	"QueueName": text(), "SqsManagedSseEnabled": boolean(), "KmsMasterKeyId": text(),
	"VisibilityTimeout": number(0, 43200), "MessageRetentionPeriod": number(60, 1209600),
	"RedrivePolicy": object(map[string]spec{"deadLetterTargetArn!": text(), "maxReceiveCount!": number(1, 1000)}),
	"Tags":          tags,
}

var logGroup = map[string]spec{
	"LogGroupName": text(), "KmsKeyId": text(), "Tags": tags,
	"RetentionInDays": oneOf("1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731",
		"1096", "1827", "2192", "2557", "2922", "3288", "3653"),
}

var role = map[string]spec{
	"AssumeRolePolicyDocument!": policy(), "Description": text(), "RoleName": text(), "PermissionsBoundary": text(),
	"ManagedPolicyArns": listOf(text()), "MaxSessionDuration": number(3600, 43200), "Tags": tags,
	"Policies": listOf(object(map[string]spec{"PolicyName!": text(), "PolicyDocument!": policy()})),
}

var lambdaFunction = map[string]spec{
	"Description": text(), "FunctionName": text(), "Handler": text(), "Role!": text(), "Tags": tags,
	"Runtime":                      oneOf("provided.al2023"),
	"Architectures":                listOf(oneOf("arm64", "x86_64")),
	"MemorySize":                   number(128, 10240),
	"Timeout":                      number(1, 900),
	"ReservedConcurrentExecutions": number(0, 1<<31-1),
	"TracingConfig":                object(map[string]spec{"Mode": oneOf("Active", "PassThrough")}),
	"Code!":                        object(map[string]spec{"S3Bucket!": text(), "S3Key!": text(), "S3ObjectVersion": text()}),
	"EphemeralStorage":             object(map[string]spec{"Size!": number(512, 10240)}),
	"LoggingConfig": object(map[string]spec{"LogGroup": text(), "LogFormat": oneOf("Text", "JSON"),
		"ApplicationLogLevel": oneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"), "SystemLogLevel": oneOf("DEBUG", "INFO", "WARN")}),
	"Environment": object(map[string]spec{"Variables": anyOf()}),
}

var eventSource = map[string]spec{
	"EventSourceArn": text(), "FunctionName!": text(), "Enabled": boolean(), "BatchSize": number(1, 10000),
	"MaximumBatchingWindowInSeconds": number(0, 300),
	"FunctionResponseTypes":          listOf(oneOf("ReportBatchItemFailures")),
	"ScalingConfig":                  object(map[string]spec{"MaximumConcurrency": number(2, 1000)}),
}

var eventsRule = map[string]spec{
	"EventPattern": anyOf(), "Description": text(), "State": oneOf("ENABLED", "DISABLED"),
	"Targets": listOf(object(map[string]spec{"Id!": text(), "Arn!": text()})),
}

var eventInvoke = map[string]spec{
	"FunctionName!": text(), "Qualifier!": text(), "MaximumRetryAttempts": number(0, 2), "MaximumEventAgeInSeconds": number(60, 21600),
	"DestinationConfig": object(map[string]spec{"OnFailure": object(map[string]spec{"Destination!": text()})}),
}

var alarm = map[string]spec{
	"AlarmDescription": text(), "AlarmName": text(), "Namespace": text(), "MetricName": text(), "Unit": text(),
	"Dimensions":         listOf(object(map[string]spec{"Name!": text(), "Value!": text()})),
	"Statistic":          oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum"),
	"Period":             number(10, 86400),
	"ExtendedStatistic":  oneOf("p99"),
	"EvaluationPeriods!": number(1, 8640),
	"DatapointsToAlarm":  number(1, 8640),
	"Threshold":          number(0, 1<<31-1),
	"ComparisonOperator!": oneOf("GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
		"LessThanOrEqualToThreshold"),
	"TreatMissingData": oneOf("breaching", "notBreaching", "ignore", "missing"),
	"AlarmActions":     listOf(text()), "OKActions": listOf(text()), "Tags": tags,
}

var tags = listOf(object(map[string]spec{"Key!": text(), "Value!": text()}))
