#!/usr/bin/env bash
# Judges the template with cfn-lint, whose rules come from CloudFormation's own schemas,
# and with checkov, which looks for what is insecure, reads the Terraform module with the
# parser that checkov has, and proves with seeded faults that they bite. What checkov asks
# for and the template does not do is in pip/checkov.yaml with the reason.
#
# It needs Python 3 with venv, and fetches both once, in the versions of
# pip/requirements.txt. Where that cannot be had, this says so and goes on; LINT=require
# makes that a failure.
set -euo pipefail
cd "$(dirname "$0")"
tools="cfn-lint and checkov" required=${LINT-}
. ./tools.sh

command -v python3 >/dev/null || without "python3 is not there."

# fetch DIR
fetch() { python3 -m venv --clear "$1" && "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r pip/requirements.txt; }
cached pip/requirements.txt lint fetch

# parsed FILE: whether it is HCL.
parsed() { "$cache/bin/python" -c 'import hcl2, sys; hcl2.load(open(sys.argv[1]))' "$1"; }
if ! parsed ../terraform/main.tf; then failed=1; fi
sed '0,/^}/s/^}//' ../terraform/main.tf >"$scratch/broken.tf"
if parsed "$scratch/broken.tf" 2>/dev/null; then
  echo "a module in which a brace is missing is not found to be broken" >&2
  failed=1
fi

# W1030 takes the empty default of a parameter for its value, also behind a condition that
# it is not empty.
lint() { "$cache/bin/cfn-lint" --ignore-checks W1030 --format parseable --regions us-east-1 eu-west-1 -- "$1"; }
secure() { "$cache/bin/checkov" --file "$1" --framework cloudformation --config-file pip/checkov.yaml --quiet --compact --skip-download; }
seeded broken -e 's/^      MessageRetentionPeriod: 1209600$/      MessageRetentionPeriod: five/' -e 's/^      Role: !GetAtt Role.Arn$/      Role: !GetAtt Roll.Arn/' \
  -e 's/^      VisibilityTimeout:/      VisibilityTimout:/' -e 's/^        BlockPublicAcls: true$/        BlockPublicAcls: false/' -e 's/!Ref CodeBucket$/!Ref CodeBuckett/' \
  -e 's/\[HasCodeVersion,/[HasCodeVersions,/' -e 's/Type: AWS::SQS::QueuePolicy/Type: AWS::SQS::QueuePolice/' -e 's/^      MemorySize: !Ref MemorySize$/      MemorySize: 512/'
clean lint
bites lint "$scratch/broken.yaml" five Roll VisibilityTimout CodeBuckett HasCodeVersions QueuePolice 'W2001.*MemorySize'
clean secure
bites secure "$scratch/broken.yaml" CKV_AWS_53
exit $failed
