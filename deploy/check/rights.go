package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// sample is a deployment as the guide has it: what must be given, and nothing
// else.
var sample = map[string]string{"CodeBucket": "code", "RawBucketName": "raw", "AwsBucket": "lake", "AccountId": "external", "Region": "eu-west-1"}

const provider = "arn:aws:iam::444455556666:role/AmazonSecurityLake-Provider-wazuh-eu-west-1"

// scenario is a deployment and what its role is asked for.
type scenario struct {
	name  string
	given map[string]string // beside sample
	tries []try
}

// try is a request and the one statement that must allow it: "" for none.
type try struct {
	action, resource, by string
	context              string // key=value, "" for none
}

const (
	alerts  = "20260314/ls.s3.7f3dcd3a-1f52-4b3c-a4d5-62a1b3c4d5e6.2026-03-14T09.05.part0.txt.gz"
	parquet = "ext/wazuh/region=eu-west-1/accountId=external/eventDay=20260314/7f3dcd3a1f524b3ca4d562a1b3c4d5e6.parquet"
	reject  = "rejects/20260314/part0.txt.gz-0123456789abcdef0123456789abcdef.ndjson.gz"
	record  = "rejects/.manifests/0123456789abcdef0123456789abcdef.json"
)

var scenarios = []scenario{
	{"what must be given and nothing else", nil, []try{
		{"s3:GetObject", on("raw", alerts), "ReadRaw", ""},
		{"s3:PutObject", on("lake", parquet), "WriteLake", ""},
		{"s3:AbortMultipartUpload", on("lake", parquet), "WriteLake", ""},
		{"s3:PutObject", on("raw", reject), "WriteRejects", ""},
		{"s3:AbortMultipartUpload", on("raw", reject), "WriteRejects", ""},
		{"s3:DeleteObject", on("raw", reject), "WriteRejects", ""},
		{"s3:PutObject", on("raw", record), "WriteRejects", ""},
		{"s3:ListBucket", "arn:aws:s3:::raw", "ListManifests", "s3:prefix=" + record},
		{"s3:ListBucket", "arn:aws:s3:::raw", "", "s3:prefix=" + alerts},
		{"sqs:ReceiveMessage", "arn:Queue", "Queue", ""},
		{"sqs:DeleteMessage", "arn:Queue", "Queue", ""},
		{"sqs:GetQueueAttributes", "arn:Queue", "Queue", ""},
		{"sqs:ChangeMessageVisibility", "arn:Queue", "Queue", ""},
		{"sqs:SendMessage", "arn:DeadLetterQueue", "DeadLetters", ""},
		{"sqs:SendMessage", "arn:FailedCalls", "DeadLetters", ""},
		{"xray:PutTraceSegments", "*", "", ""},
		{"sqs:ChangeMessageVisibility", "arn:DeadLetterQueue", "", ""},
		{"logs:CreateLogStream", "arn:LogGroup", "Log", ""},
		{"logs:PutLogEvents", "arn:LogGroup", "Log", ""},
		{"s3:PutObject", on("raw", alerts), "", ""},
		{"s3:DeleteObject", on("raw", alerts), "", ""},
		{"s3:ListBucket", "arn:aws:s3:::raw", "", ""},
		{"s3:GetObject", on("raw-of-others", alerts), "", ""},
		{"s3:PutObject", on("raw", "rejects-of-others/x"), "", ""},
		{"s3:GetObject", on("lake", parquet), "", ""},
		{"s3:DeleteObject", on("lake", parquet), "", ""},
		{"s3:PutObject", on("lake", "ext/wazuh2/region=eu-west-1/x.parquet"), "", ""},
		{"s3:PutObject", on("lake", "aws/CLOUD_TRAIL/x.parquet"), "", ""},
		{"s3:PutObject", on("lake", reject), "", ""},
		{"sts:AssumeRole", provider, "", ""},
		{"kms:Decrypt", keyOf("raw"), "", "kms:ViaService=s3.us-east-1.amazonaws.com"},
		{"sqs:SendMessage", "arn:Queue", "", ""},
		{"sqs:ReceiveMessage", "arn:DeadLetterQueue", "", ""},
		{"logs:CreateLogGroup", "arn:LogGroup", "", ""},
	}},
	{"the lake of another account", map[string]string{"RoleArn": provider, "ExternalId": "wazuh-7"}, []try{
		{"sts:AssumeRole", provider, "AssumeProvider", "sts:ExternalId=wazuh-7"},
		{"sts:AssumeRole", provider, "", "sts:ExternalId=other"},
		{"sts:AssumeRole", provider + "2", "", "sts:ExternalId=wazuh-7"},
		{"s3:PutObject", on("lake", parquet), "", ""},
		{"s3:GetObject", on("raw", alerts), "ReadRaw", ""},
		{"s3:PutObject", on("raw", reject), "WriteRejects", ""},
	}},
	{"a role for each of several sources", map[string]string{"ProviderAccountId": "444455556666", "ExternalId": "wazuh-7", "OcsfClass": "BY_CLASS",
		"SluiceRoles": "logins=arn:aws:iam::444455556666:role/odd", "SluiceRoleArns": provider + ",arn:aws:iam::444455556666:role/AmazonSecurityLake-Provider-wazuh-auth-eu-west-1,arn:aws:iam::444455556666:role/odd"}, []try{
		{"sts:AssumeRole", provider, "AssumeProvider", "sts:ExternalId=wazuh-7"},
		{"sts:AssumeRole", "arn:aws:iam::444455556666:role/AmazonSecurityLake-Provider-wazuh-auth-eu-west-1", "AssumeProvider", "sts:ExternalId=wazuh-7"},
		{"sts:AssumeRole", "arn:aws:iam::444455556666:role/odd", "AssumeProvider", "sts:ExternalId=wazuh-7"},
		{"sts:AssumeRole", "arn:aws:iam::444455556666:role/AmazonSecurityLake-Provider-wazuh-dns-eu-west-1", "", "sts:ExternalId=wazuh-7"},
		{"sts:AssumeRole", "arn:aws:iam::444455556666:role/AmazonSecurityLake-Provider-wazuh2-eu-west-1", "", "sts:ExternalId=wazuh-7"},
		{"sts:AssumeRole", "arn:aws:iam::444455556666:role/AmazonSecurityLake-Provider-others-eu-west-1", "", "sts:ExternalId=wazuh-7"},
		{"sts:AssumeRole", "arn:aws:iam::444455556666:role/AmazonSecurityLake-Provider-wazuh-auth-us-east-1", "", "sts:ExternalId=wazuh-7"},
		{"sts:AssumeRole", provider, "", "sts:ExternalId=other"},
		{"s3:PutObject", on("lake", parquet), "", ""},
	}},
	{"several sources in the own lake", map[string]string{"OcsfClass": "BY_CLASS", "SluiceLocationArns": on("lake", "ext/wazuh-auth/*") + "," + on("lake", "ext/wazuh-dns/*")}, []try{
		{"s3:PutObject", on("lake", "ext/wazuh-auth/region=eu-west-1/x.parquet"), "WriteLake", ""},
		{"s3:AbortMultipartUpload", on("lake", "ext/wazuh-dns/region=eu-west-1/x.parquet"), "WriteLake", ""},
		{"s3:PutObject", on("lake", "ext/wazuh-file/region=eu-west-1/x.parquet"), "", ""},
		{"s3:PutObject", on("lake", parquet), "", ""},
	}},
	{"copies of several sources", map[string]string{"OcsfClass": "BY_CLASS", "S3BucketOcsf": "ocsf", "OcsfLocationArns": on("ocsf", "ext/wazuh-auth/*") + "," + on("ocsf", "ext/logins/*")}, []try{
		{"s3:PutObject", on("ocsf", "ext/wazuh-auth/region=eu-west-1/x.json.gz"), "WriteJSON", ""},
		{"s3:AbortMultipartUpload", on("ocsf", "ext/logins/region=eu-west-1/x.json.gz"), "WriteJSON", ""},
		{"s3:PutObject", on("ocsf", "ext/wazuh-of-others/region=eu-west-1/x.json.gz"), "", ""},
		{"s3:PutObject", on("ocsf", "ext/wazuh/region=eu-west-1/x.json.gz"), "", ""},
	}},
	{"small objects are collected", map[string]string{"SluiceCollect": "60", "S3BucketOcsf": "ocsf"}, []try{
		{"sqs:SendMessage", "arn:Queue", "SendBack", ""},
		{"s3:DeleteObject", on("ocsf", "rejects/.manifests/collect/pending/20260314T0900/0123456789abcdef0123456789abcdef"), "WriteRejects", ""},
		{"s3:GetObject", on("ocsf", "rejects/.manifests/collect/plans/00000001.json"), "ReadRejects", ""},
	}},
	{"traces", map[string]string{"Tracing": "true"}, []try{
		{"xray:PutTraceSegments", "*", "Trace", ""},
		{"xray:PutTelemetryRecords", "*", "Trace", ""},
	}},
	{"a role without an external ID", map[string]string{"RoleArn": provider}, []try{
		{"sts:AssumeRole", provider, "AssumeProvider", ""},
	}},
	{"JSON beside the lake", map[string]string{"S3BucketOcsf": "ocsf"}, []try{
		{"s3:PutObject", on("ocsf", parquet), "WriteJSON", ""},
		{"s3:AbortMultipartUpload", on("ocsf", parquet), "WriteJSON", ""},
		{"s3:PutObject", on("ocsf", reject), "WriteRejects", ""},
		{"s3:GetObject", on("ocsf", record), "ReadRejects", ""},
		{"s3:GetObject", on("ocsf", reject), "ReadRejects", ""},
		{"s3:GetObject", on("ocsf", parquet), "", ""},
		{"s3:DeleteObject", on("ocsf", parquet), "", ""},
		{"s3:ListBucket", "arn:aws:s3:::ocsf", "ListManifests", "s3:prefix=" + record},
		{"s3:PutObject", on("raw", reject), "", ""},
		{"s3:PutObject", on("ocsf", "other/x"), "", ""},
	}},
	{"a place of their own for rejects", map[string]string{"S3BucketOcsf": "ocsf", "RejectsBucket": "kept", "RejectsPrefix": "a/b"}, []try{
		{"s3:PutObject", on("kept", "a/b/unmatched/x.ndjson.gz"), "WriteRejects", ""},
		{"s3:GetObject", on("kept", "a/b/.manifests/x.json"), "ReadRejects", ""},
		{"s3:ListBucket", "arn:aws:s3:::kept", "ListManifests", "s3:prefix=a/b/.manifests/x.json"},
		{"s3:ListBucket", "arn:aws:s3:::kept", "", "s3:prefix=a/b/unmatched/"},
		{"s3:PutObject", on("kept", reject), "", ""},
		{"s3:PutObject", on("ocsf", "a/b/x"), "", ""},
	}},
	{"a mapping in a bucket", map[string]string{"SluiceMappingBucket": "rules", "SluiceMapping": "wazuh"}, []try{
		{"s3:GetObject", on("rules", "wazuh/mapping.yaml"), "ReadMapping", ""},
		{"s3:GetObject", on("rules", "wazuh-next/mapping.yaml"), "ReadMapping", ""},
		{"s3:ListBucket", "arn:aws:s3:::rules", "ListMapping", "s3:prefix=wazuh-next/"},
		{"s3:GetObject", on("rules", "wazuh2/mapping.yaml"), "", ""},
		{"s3:ListBucket", "arn:aws:s3:::rules", "ListMapping", "s3:prefix=wazuh/"},
		{"s3:ListBucket", "arn:aws:s3:::rules", "", "s3:prefix=secret/"},
		{"s3:ListBucket", "arn:aws:s3:::rules", "", ""},
		{"s3:GetObject", on("rules", "secret/x"), "", ""},
		{"s3:PutObject", on("rules", "wazuh/mapping.yaml"), "", ""},
	}},
	{"a mapping in a file of a bucket", map[string]string{"SluiceMappingBucket": "rules", "SluiceMapping": "a/wazuh.yaml"}, []try{
		{"s3:GetObject", on("rules", "a/wazuh.yaml"), "ReadMapping", ""},
		{"s3:GetObject", on("rules", "a/other.yaml"), "", ""},
	}},
	{"keys", map[string]string{"RawKmsKeyArn": keyOf("raw"), "LakeKmsKeyArn": keyOf("lake"), "OcsfKmsKeyArn": keyOf("ocsf"), "MappingKmsKeyArn": keyOf("rules"),
		"S3BucketOcsf": "ocsf", "SluiceMappingBucket": "rules", "SluiceMapping": "wazuh"}, []try{
		{"kms:Decrypt", keyOf("raw"), "ReadRawWithKey", "kms:ViaService=s3.us-east-1.amazonaws.com"},
		{"kms:Decrypt", keyOf("raw"), "", "kms:ViaService=sqs.us-east-1.amazonaws.com"},
		{"kms:Decrypt", keyOf("raw"), "", ""},
		{"kms:GenerateDataKey", keyOf("raw"), "", "kms:ViaService=s3.us-east-1.amazonaws.com"},
		{"kms:GenerateDataKey", keyOf("lake"), "WriteLakeWithKey", "kms:ViaService=s3.eu-west-1.amazonaws.com"},
		{"kms:Decrypt", keyOf("lake"), "WriteLakeWithKey", "kms:ViaService=s3.eu-west-1.amazonaws.com"},
		{"kms:GenerateDataKey", keyOf("ocsf"), "WriteJSONWithKey", "kms:ViaService=s3.us-east-1.amazonaws.com"},
		{"kms:Decrypt", keyOf("ocsf"), "WriteJSONWithKey", "kms:ViaService=s3.us-east-1.amazonaws.com"},
		{"kms:Decrypt", keyOf("rules"), "ReadMappingWithKey", "kms:ViaService=s3.us-east-1.amazonaws.com"},
		{"kms:GenerateDataKey", keyOf("rules"), "", "kms:ViaService=s3.us-east-1.amazonaws.com"},
	}},
	{"rejects in an encrypted raw bucket, the lake by a role", map[string]string{"RawKmsKeyArn": keyOf("raw"), "LakeKmsKeyArn": keyOf("lake"), "RoleArn": provider}, []try{
		{"kms:GenerateDataKey", keyOf("raw"), "WriteRawWithKey", "kms:ViaService=s3.us-east-1.amazonaws.com"},
		{"kms:GenerateDataKey", keyOf("lake"), "", "kms:ViaService=s3.eu-west-1.amazonaws.com"},
	}},
}

func keyOf(name string) string { return "arn:aws:kms:us-east-1:111122223333:key/" + name }

func on(bucket, key string) string { return "arn:aws:s3:::" + bucket + "/" + key }

// rights tries every request of every scenario against the function's role, and
// looks for statements that no scenario needs.
func (t *template) rights() {
	role := "Role"
	for _, f := range t.ofType("AWS::Lambda::Function") {
		role = names(t.properties(f).at("Role"))
	}
	at := t.root.at("Resources", role)
	used := map[string]bool{}
	for _, s := range scenarios {
		d := t.deploy(merged(sample, s.given))
		rights := d.rights(role)
		for _, try := range s.tries {
			by := allowing(rights, try.request())
			if len(by) == 1 && by[0] == try.by || len(by) == 0 && try.by == "" {
				used[try.by+" "+try.action] = true
				continue
			}
			asked := strings.TrimSuffix(fmt.Sprintf("%s on %s with %s", try.action, try.resource, try.context), " with ")
			t.found.add(at, "for %s, %s is allowed by %v and must be allowed by %s", s.name, asked, by, cmp.Or(try.by, "none"))
		}
		for _, r := range rights {
			t.stars(at, r)
			for _, a := range r.actions {
				used[r.sid+" "+a] = used[r.sid+" "+a] || false
			}
		}
	}
	for what, needed := range used {
		if !needed {
			t.found.add(at, "no call needs the right %s: take it out, or add the call to rights.go", what)
		}
	}
}

// stars looks for resources of which a right has only the beginning of a name: it is a right on
// others, too, that begin alike. X-Ray knows no resources.
func (t *template) stars(at *value, r right) {
	for _, resource := range r.resources {
		name := strings.TrimSuffix(resource, "/*")
		if strings.ContainsAny(name, "*?") && !(r.sid == "Trace" && name == "*") {
			t.found.add(at, "%s is a right on %s: end it with /* behind a whole name, or list what is meant", r.sid, resource)
		}
	}
}

func (y try) request() request {
	q := request{action: y.action, resource: y.resource, context: map[string]string{}}
	if key, text, ok := strings.Cut(y.context, "="); ok {
		q.context[key] = text
	}
	return q
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// statements gives each statement of the role in any deployment, with its actions.
func (t *template) statements() map[string][]string {
	all := map[string][]string{}
	for _, role := range t.ofType("AWS::IAM::Role") {
		for _, p := range t.properties(role).at("Policies").items {
			for _, s := range p.at("PolicyDocument", "Statement").items {
				for _, s := range branches(s) {
					sid := s.at("Sid").text
					if all[sid] != nil || sid == "" {
						t.found.add(s, "the statement %q of %s has no name of its own: give it a Sid", sid, role)
					}
					all[sid] = slices.Sorted(slices.Values(t.deploy(nil).texts(s.at("Action"))))
				}
			}
		}
	}
	return all
}
