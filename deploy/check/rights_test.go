package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRightsFaults: what grants too much, too little or to the wrong one is found.
func TestRightsFaults(t *testing.T) {
	tryFaults(t, []fault{
		{"every action", "Action: s3:GetObject\n                Resource: !Sub \"arn:${AWS::Partition}:s3:::${RawBucketName}/*\"", "Action: s3:*\n                Resource: !Sub \"arn:${AWS::Partition}:s3:::${RawBucketName}/*\"", "no call needs the right ReadRaw s3:*"},
		{"letters to the queue itself", "                  - !GetAtt DeadLetterQueue.Arn\n                  - !GetAtt FailedCalls.Arn", "                  - !GetAtt Queue.Arn\n                  - !GetAtt FailedCalls.Arn", "must be allowed by DeadLetters"},
		{"one action too many", "[sqs:ReceiveMessage, sqs:DeleteMessage,", "[sqs:ReceiveMessage, sqs:PurgeQueue, sqs:DeleteMessage,", "no call needs the right Queue sqs:PurgeQueue"},
		{"one action too few", "[sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes,", "[sqs:ReceiveMessage, sqs:GetQueueAttributes,", "sqs:DeleteMessage on arn:Queue is allowed by [] and must be allowed by Queue"},
		{"the whole lake", "${AwsBucket}/ext/${SourceLocation}/*", "${AwsBucket}/*", "must be allowed by none"},
		{"sources whose names begin alike", "${AwsBucket}/ext/${SourceLocation}/*", "${AwsBucket}/ext/${SourceLocation}*", "ext/wazuh2/"},
		{"copies of sources whose names begin alike", "                    - HasOcsfLocationArns\n                    - !Ref OcsfLocationArns\n", "                    - HasOcsfLocationArns\n                    - !Sub \"arn:${AWS::Partition}:s3:::${S3BucketOcsf}/ext/${SourceLocation}-*\"\n", "ext/wazuh-of-others/"},
		{"a beginning of names that no scenario tries", "- !Sub \"arn:${AWS::Partition}:s3:::${SluiceMappingBucket}/${SluiceMapping}\"\n", "- !Sub \"arn:${AWS::Partition}:s3:::${SluiceMappingBucket}/${SluiceMapping}-x*\"\n", "behind a whole name"},
		{"rejects anywhere", "${Bucket}/${RejectsPrefix}/*", "${Bucket}/*", "must be allowed by none"},
		{"rejects in the wrong bucket", "!If [HasOcsfBucket, !Ref S3BucketOcsf, !Ref RawBucketName]]\n              # Manifests, the", "!Ref RawBucketName]\n              # Manifests, the", "for JSON beside the lake, s3:PutObject on arn:aws:s3:::ocsf/rejects/"},
		{"the lake beside the role", "                - AssumesRole\n                - Sid: AssumeProvider", "                - WritesLakeItself\n                - Sid: AssumeProvider", "for the lake of another account"},
		{"a role without its external ID", "                        sts:ExternalId: !Ref ExternalId", "                        sts:ExternalIds: !Ref ExternalId", "must be allowed by AssumeProvider"},
		{"a denial that takes a right away", "              - Sid: ReadRaw\n                Effect: Allow", "              - Sid: ReadRaw\n                Effect: Deny", "must be allowed by ReadRaw"},
		{"a right to send back where nothing is collected", "                - Collects\n                - Sid: SendBack", "                - MakesRawBucket\n                - Sid: SendBack", "sqs:SendMessage on arn:Queue"},
		{"a listing of the whole bucket", "                  Condition:\n                    StringEquals:\n                      s3:prefix:\n                        - !Sub \"${SluiceMapping}/\"\n                        - !Sub \"${SluiceMapping}-next/\"\n", "", "for a mapping in a bucket, s3:ListBucket"},
		{"a key for any service", "                  Action: kms:Decrypt\n                  Resource: !Ref RawKmsKeyArn\n                  Condition:\n                    StringEquals:\n                      kms:ViaService: !Sub \"s3.${AWS::Region}.${AWS::URLSuffix}\"\n", "                  Action: kms:Decrypt\n                  Resource: !Ref RawKmsKeyArn\n", "kms:ViaService=sqs"},
		{"the key of a lake in another region", "kms:ViaService: !Sub \"s3.${Region}.", "kms:ViaService: !Sub \"s3.${AWS::Region}.", "must be allowed by WriteLakeWithKey"},
		{"folders whose names begin alike", "${SluiceMappingBucket}/${SluiceMapping}/*", "${SluiceMappingBucket}/${SluiceMapping}*", "rules/wazuh2/"},
		{"a listing of the alerts", "s3:prefix: !Sub \"${RejectsPrefix}/.manifests/*\"", "s3:prefix: \"*\"", "s3:prefix=20260314/"},
		{"a reading of the copies", "# Manifests, the last good mapping, and rejects that are run again.\n              - Sid: ReadRejects\n                Effect: Allow\n                Action: s3:GetObject\n                Resource: !Sub\n                  - \"arn:${AWS::Partition}:s3:::${Bucket}/${RejectsPrefix}/*\"", "- Sid: ReadRejects\n                Effect: Allow\n                Action: s3:GetObject\n                Resource: !Sub\n                  - \"arn:${AWS::Partition}:s3:::${Bucket}/*\"", "s3:GetObject on arn:aws:s3:::ocsf/ext"},
		{"a statement without a name", "              - Sid: ReadRaw\n                Effect", "              - Effect", "give it a Sid"},
	})
}

// TestBucketFaults: what opens the raw bucket, or breaks the way to the queue.
func TestBucketFaults(t *testing.T) {
	tryFaults(t, []fault{
		{"another key for the bucket", "KMSMasterKeyID: !If [HasRawKey, !Ref RawKmsKeyArn,", "KMSMasterKeyID: !If [HasRawKey, !Ref LakeKmsKeyArn,", "is encrypted under the key"},
		{"a key that does not encrypt", "!If [HasRawKey, aws:kms, AES256]", "!If [HasRawKey, AES256, AES256]", `where it must be aws:kms`},
		{"no packed files", "{Name: suffix, Value: .txt.gz}", "{Name: suffix, Value: .text.gz}", ".part0.txt.gz 0 times"},
		{"everything, and so the rejects", "{Name: suffix, Value: .txt.gz}", "{Name: suffix, Value: .gz}", "rejects/"},
		{"files told of twice", "{Name: suffix, Value: .txt.gz}", "{Name: prefix, Value: \"20\"}", "2 times"},
		{"no large files", "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "come in parts"},
		{"any account may send", "              StringEquals:\n                aws:SourceAccount: !Ref AWS::AccountId\n", "", "no queue policy lets RawBucket send"},
		{"any bucket may send", "              ArnEquals:\n                aws:SourceArn: !Sub \"arn:${AWS::Partition}:s3:::${RawBucketName}\"\n", "", "no queue policy lets RawBucket send"},
		{"events of any bucket", "            name:\n              - !Ref RawBucketName\n", "            region:\n              - us-east-1\n", "must tell of RawBucketName alone"},
		{"any rule may send", "                ArnEquals:\n                  aws:SourceArn: !GetAtt ObjectCreated.Arn\n", "                ArnEquals:\n                  aws:SourceArn: \"*\"\n", "from this rule alone"},
		{"a bucket before its queue's policy", "    DependsOn: QueuePolicy\n", "", "name that in DependsOn"},
	})
}

// TestCodeFaults: the table in the README, the template and the code must agree.
func TestCodeFaults(t *testing.T) {
	for _, f := range []struct{ name, code, want string }{
		{"a call without a right", "package lambda\nimport \"github.com/aws/aws-sdk-go-v2/service/s3\"\nvar _ = s3.CopyObjectInput{}", "makes the call s3 CopyObject"},
		{"a service without a right", "package lambda\nimport x \"github.com/aws/aws-sdk-go-v2/service/sqs\"\nvar _ = x.PurgeQueueInput{}", "makes the call sqs PurgeQueue"},
		{"calls that are no more", "package lambda", "makes the call s3 GetObject no more"},
		{"a variable that is not given", "package lambda\nvar _ = getenv(\"SLUICE_COLOUR\")", "does not give the function SLUICE_COLOUR"},
		{"a variable that is not read", "package lambda", "gives the function ROLE_ARN, which its code does not read"},
		{"a metric that is not counted", "package lambda", `RejectsAlarm watches "Rejected"`},
	} {
		t.Run(f.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, folder := range []string{"engine", "runtime", "lambda"} {
				if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "lambda", "x.go"), []byte(f.code), 0o600); err != nil {
				t.Fatal(err)
			}
			found, err := run(shipped, "../README.md", dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range found {
				if strings.Contains(got.text, f.want) {
					return
				}
			}
			t.Errorf("got %v, want a finding with %q", found, f.want)
		})
	}
}

// TestTableFaults: a README that grants, calls or names something else is found.
func TestTableFaults(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := read("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []fault{
		{"a statement that is not there", "| `ReadRaw` |", "| `ReadRaws` |", "the role has no statement ReadRaws"},
		{"another action", "| `ReadRaw` | `s3:GetObject` |", "| `ReadRaw` | `s3:ListBucket` |", "fix one of them"},
		{"a call that nobody makes", "`s3 HeadObject`", "`s3 HeadBucket`", "nothing makes the call s3 HeadBucket"},
		{"a statement told twice", "| `Log` |", "| `Queue` |", "has two rows"},
		{"a call left out", "`sts AssumeRole`", "", "does not say what allows the call sts AssumeRole"},
	} {
		t.Run(f.name, func(t *testing.T) {
			if !strings.Contains(string(text), f.old) {
				t.Fatalf("the README no more has %q: seed the fault elsewhere", f.old)
			}
			file := filepath.Join(t.TempDir(), "README.md")
			if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), f.old, f.new)), 0o600); err != nil {
				t.Fatal(err)
			}
			found, err := check(shipped, file, code)
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range found {
				if strings.Contains(got.text, f.want) {
					return
				}
			}
			t.Errorf("got %v, want a finding with %q", found, f.want)
		})
	}
}
