// Judges a template with AWS's own validator and with cdk-nag's rules of the AWS
// Solutions, both as the CDK has them, without a network: a line for each finding.
import { App, Stack, Validations } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { AwsSolutionsChecks } from "cdk-nag";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

// What is asked for and not done, each with the reason.
const passed = {
  "W1001": "the output of the alias has the condition inside, which the validator does not follow",
  "W1030": "the empty default of a parameter is taken for its value, also behind a condition that it is not empty",
  "W9052": "there are more combinations of conditions than the validator tries; cfn-lint looks at them too",
  "AwsSolutions-SQS3": "these queues are where letters and failed calls end: they have no dead letters of their own",
  "AwsSolutions-S1": "access logs of the raw bucket need another bucket, and who reads it is in CloudTrail",
};

// Stars are for objects below a prefix, or for all alerts: deploy/check tries that they reach no others.
const prefixes = /^AwsSolutions-IAM5\[Resource::.*:s3:::.*\/\*/;

const [template, folder] = process.argv.slice(2);

function found(what) {
  process.stdout.write(`${template}: ${what}\n`);
  process.exitCode = 1;
}

function judge() {
  const app = new App({ outdir: folder, analyticsReporting: false });
  new CfnInclude(new Stack(app, "sluice"), "template", { templateFile: template });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  console.log = console.error = console.warn = () => {}; // what it says for people
  app.synth();
}

const report = join(folder, "validation-report.json");
try {
  judge();
} catch (e) {
  // Either there are findings, which the report has, or the CDK cannot read the template.
  if (!existsSync(report)) found(e.message);
}
for (const { violations } of existsSync(report) ? JSON.parse(readFileSync(report)).pluginReports : []) {
  for (const { ruleName, description, severity, violatingConstructs } of violations) {
    if (severity === "info" || ruleName in passed || prefixes.test(ruleName)) continue;
    found(`${violatingConstructs.map((c) => c.constructPath).join(", ")}: ${description} [${ruleName}]`);
  }
}
