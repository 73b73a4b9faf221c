#!/usr/bin/env bash
# Judges the template with AWS's own validator and with cdk-nag, both by the CDK, and proves
# with seeded faults that they bite. What they ask for and the template does not do is in
# npm/validate.mjs with the reason.
#
# It needs node 20 and npm, which nothing else here needs. Where they are not there, or npm
# cannot fetch the packages (200 MB, in the versions and with the digests of
# npm/package-lock.json), this says so and goes on; VALIDATE=require makes that a failure.
set -euo pipefail
cd "$(dirname "$0")"
tools="the validator of CloudFormation and cdk-nag" required=${VALIDATE-}
. ./tools.sh

command -v node >/dev/null && command -v npm >/dev/null || without "node and npm are not there."
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || without "node is version $major, and it needs 20."

# fetch DIR
fetch() { cp npm/package.json npm/package-lock.json "$1" && npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund; }
cached npm/package-lock.json cdk fetch

cp npm/validate.mjs "$cache/validate.mjs" # beside the packages, where node looks for them
validate() { node "$cache/validate.mjs" "$1" "$(mktemp -d "$scratch/out.XXXXXX")"; }
clean validate
seeded broken -e 's/^      Runtime: provided.al2023$/      Runtime: provided.al1999/' -e 's/^        BlockPublicAcls: true$/        BlockPublicAcls: false/' \
  -e 's/^                Action: s3:GetObject$/                Action: s3:*/' -e 's/^                aws:SecureTransport: "false"$/                aws:SecureTransport: "true"/'
bites validate "$scratch/broken.yaml" provided.al1999 AwsSolutions-S2 AwsSolutions-S10 AwsSolutions-SQS4 'AwsSolutions-IAM5\[Action::s3:\*\]'
# The CDK itself reads no template with one of these.
for fault in 's/^      VisibilityTimeout:/      VisibilityTimout:/ VisibilityTimout' 's/!GetAtt Role.Arn/!GetAtt Roll.Arn/ Roll'; do
  seeded unread "${fault% *}"
  bites validate "$scratch/unread.yaml" "${fault##* }"
done
exit $failed
