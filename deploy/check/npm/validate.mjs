// Judges templates by AWS's own rules, without a network: a line for each
// finding above INFO.
import { CelEngine, TemplateFile } from "@aws/cloudformation-validate";

// The validator resolves parameters by their defaults, and then finds the empty
// text where a condition says that it is not empty. So it is given values.
const given = {
  CodeBucket: "code-of-sluice",
  CodeVersion: "3HL4kqtJlcpXroDTDmJ",
  AwsBucket: "aws-security-data-lake-eu-west-1-example",
  AccountId: "111122223333",
  LakeAccountId: "111122223333",
  ProviderAccountId: "111122223333",
  Region: "eu-west-1",
  RoleArn: "arn:aws:iam::111122223333:role/AmazonSecurityLake-Provider-wazuh-eu-west-1",
  SluiceRoles: "wazuh=arn:aws:iam::111122223333:role/AmazonSecurityLake-Provider-wazuh-eu-west-1",
  SluiceRoleArns: "arn:aws:iam::111122223333:role/AmazonSecurityLake-Provider-wazuh-eu-west-1",
  SluiceSources: "authentication=wazuh-auth",
  SluiceMappingFallback: "packaged",
  SluiceSetProductVersion: "4.14.0",
  PermissionsBoundaryArn: "arn:aws:iam::111122223333:policy/Boundary",
  ExternalId: "wazuh-7",
  RawBucketName: "wazuh-aws-security-lake-raw",
  S3BucketOcsf: "wazuh-ocsf",
  RejectsBucket: "wazuh-rejects",
  SluiceMapping: "wazuh",
  SluiceMappingBucket: "wazuh-mappings",
  RawKmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000001",
  LakeKmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000002",
  OcsfKmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000003",
  MappingKmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000004",
  SluiceSse: "aws:kms",
  AlarmTopicArn: "arn:aws:sns:eu-west-1:111122223333:alarms",
};

// W9052 says that there are more combinations of conditions than the validator tries. It
// is no fault of the template, and cfn-lint looks at them too (lint.sh).
const passed = ["W9052"];

const engine = new CelEngine();
for (const file of process.argv.slice(2)) {
  for (const d of engine.validateDetailed(new TemplateFile(file), { parameterOverrides: given }).diagnostics) {
    if (d.severity === "INFO" || passed.includes(d.ruleId)) continue;
    console.log(`${file}:${d.startLine}: ${d.message} [${d.ruleId} ${d.severity}] ${d.entity?.logicalId ?? ""} ${d.propertyPath ?? ""}`);
  }
}
