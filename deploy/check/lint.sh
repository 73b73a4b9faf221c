#!/usr/bin/env bash
# Judges the template with cfn-lint, whose rules come from CloudFormation's own schemas,
# and with checkov, which looks for what is insecure, and reads the Terraform module with
# the parser that checkov has; and proves with seeded faults that they bite. What checkov asks for and the template does not do stands in
# pip/checkov.yaml with the reason.
#
# It needs Python 3 with venv, and fetches both once, in the versions of
# pip/requirements.txt, into the user's cache; from then on no network is needed. Where
# that cannot be had, this says so and leaves the template to the check in Go, which
# always runs. LINT=require makes that a failure.
set -euo pipefail
cd "$(dirname "$0")"

# without REASON: the linters cannot run.
without() {
  echo "cfn-lint and checkov were not run: $1" >&2
  [ "${LINT-}" != require ] || exit 1
  exit 0
}

command -v python3 >/dev/null || without "python3 is not there."
lock=$(git hash-object pip/requirements.txt)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sluice/lint-${lock:0:12}
if [ ! -e "$cache/complete" ]; then
  said=$(python3 -m venv --clear "$cache" 2>&1) || without "python3 has no venv: ${said##*$'\n'}"
  said=$("$cache/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r pip/requirements.txt 2>&1) || without "pip could not fetch them: ${said##*$'\n'}"
  touch "$cache/complete"
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
sed 's/^      MessageRetentionPeriod: 1209600$/      MessageRetentionPeriod: five/; s/^      Role: !GetAtt Role.Arn$/      Role: !GetAtt Roll.Arn/; s/^        BlockPublicAcls: true$/        BlockPublicAcls: false/' \
  ../cloudformation.yaml >"$scratch/broken.yaml"

failed=0
# W1030 takes the empty default of a parameter for its value, also behind a condition that
# it is not empty; the validator of AWS is given values (validate.sh).
lint() { "$cache/bin/cfn-lint" --ignore-checks W1030 --format parseable --regions us-east-1 eu-west-1 -- "$1"; }
secure() { "$cache/bin/checkov" --file "$1" --framework cloudformation --config-file pip/checkov.yaml --quiet --compact --skip-download; }
# parsed FILE: whether it is HCL.
parsed() { "$cache/bin/python" -c 'import hcl2, sys; hcl2.load(open(sys.argv[1]))' "$1"; }
if ! parsed ../terraform/main.tf; then failed=1; fi
sed '0,/^}/s/^}//' ../terraform/main.tf >"$scratch/broken.tf"
if parsed "$scratch/broken.tf" 2>/dev/null; then
  echo "a module in which a brace is missing is not found to be broken" >&2
  failed=1
fi
for program in lint secure; do
  if ! $program ../cloudformation.yaml >"$scratch/said" 2>"$scratch/errors"; then
    cat "$scratch/said" "$scratch/errors"
    failed=1
  fi
  $program "$scratch/broken.yaml" >"$scratch/$program" 2>&1 && failed=1
done
for fault in "lint five" "lint Roll" "secure CKV_AWS_53"; do
  if ! grep -q "${fault#* }" "$scratch/${fault% *}"; then
    echo "the seeded fault ${fault#* } was not found; it said:" >&2
    cat "$scratch/${fault% *}" >&2
    failed=1
  fi
done
exit $failed
