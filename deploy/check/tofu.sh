#!/usr/bin/env bash
# Judges the Terraform module with OpenTofu: names, types, and that its demands on variables
# accept what the template accepts and refuse what it refuses; and proves with seeded faults
# that it bites.
#
# The AWS provider is only in the registry of providers. Without it the arguments of the one
# resource are not known, so that is made a resource of OpenTofu's own. OpenTofu is built
# once, by Go, in the version of tofu.mod, which takes some minutes. Where it cannot be had,
# this says so and goes on; TOFU=require makes that a failure.
set -euo pipefail
cd "$(dirname "$0")"
tools="OpenTofu" required=${TOFU-}
. ./tools.sh

# fetch DIR
fetch() { cp tofu.mod "$1/go.mod" && (cd "$1" && CGO_ENABLED=0 GOFLAGS=-mod=mod go build -trimpath -o tofu github.com/opentofu/opentofu/cmd/tofu); }
cached tofu.mod tofu fetch

# module NAME [SED]: makes $scratch/NAME of the module, with a fault.
module() {
  mkdir -p "$scratch/$1/terraform"
  cp ../cloudformation.yaml "$scratch/$1"
  awk '/^  required_providers/ { skip = 1 } skip { if (/^  }/) skip = 0; next }
    /^resource "aws_cloudformation_stack"/ { print "resource \"terraform_data\" \"sluice\" {"; print "  input = {"; inside = 1; next }
    inside && /^}/ { print "  }"; inside = 0 }
    { sub(/aws_cloudformation_stack\.sluice\.outputs/, "terraform_data.sluice.output"); print }' ../terraform/main.tf |
    sed "${2-}" >"$scratch/$1/terraform/main.tf"
}

# plan NAME VARIABLE=VALUE…: what a plan of it says, with values for all that has no default.
plan() {
  local at=$scratch/$1/terraform set=()
  shift
  for v in code_bucket=code raw_bucket_name=raw aws_bucket=lake account_id=111122223333 region=eu-west-1 "$@"; do set+=(-var "$v"); done
  (cd "$at" && CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 "$cache/tofu" init -no-color -input=false && "$cache/tofu" plan -no-color -input=false "${set[@]}") >"$scratch/said" 2>&1
}

# wrong WHAT: it was not as it must be.
wrong() {
  echo "OpenTofu: $1; it said:" >&2
  cat "$scratch/said" >&2
  failed=1
}

module whole
roles=arn:aws:iam::111122223333:role/a,arn:aws:iam::111122223333:role/b
plan whole || wrong "the module does not plan"
release=$(grep -o '"\?Release"\? *= "[0-9a-f]*"' "$scratch/said") || wrong "the plan has no release"
plan whole memory_size=1024 "sluice_role_arns=$roles" "ocsf_location_arns=arn:aws:s3:::copies/ext/wazuh-auth/*" sluice_collect=60 || wrong "the module does not plan with a list"
if grep -qF -- "$release" "$scratch/said"; then wrong "other settings have the same release"; fi
plan whole release=mine || wrong "the module does not plan with a release"
grep -q '= "mine"' "$scratch/said" || wrong "a release that is named does not count"
for bad in memory_size=1 sluice_collect=7 aws_bucket=NO "sluice_role_arns=$roles*" "ocsf_location_arns=arn:aws:s3:::copies/ext/wazuh-*" timeout=31 release='a b'; do
  if plan whole "$bad" || ! grep -q "Invalid value for variable" "$scratch/said"; then wrong "$bad is accepted"; fi
done
module misspelt 's/var.sluice_collect$/var.sluice_colect/'
if plan misspelt || ! grep -q sluice_colect "$scratch/said"; then wrong "a misspelt variable was not found"; fi
module mistyped 's/sha256(jsonencode(/sha257(jsonencode(/'
if plan mistyped || ! grep -q sha257 "$scratch/said"; then wrong "a function that is none was not found"; fi
exit $failed
