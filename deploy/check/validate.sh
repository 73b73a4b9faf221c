#!/usr/bin/env bash
# Judges the template with @aws/cloudformation-validate, AWS's own validator, and
# proves with a seeded fault that it bites.
#
# It needs node 20 and npm, which nothing else here needs. Where they are not
# there, or npm cannot fetch the package, this says so and leaves the template to
# the check in Go, which always runs. VALIDATE=require makes that a failure.
# The package is fetched once, in the version and with the digest that
# npm/package-lock.json pins, into the user's cache; from then on no network is
# needed.
set -euo pipefail
cd "$(dirname "$0")"

# without REASON: the validator cannot run.
without() {
  echo "cloudformation-validate was not run: $1" >&2
  [ "${VALIDATE-}" != require ] || exit 1
  exit 0
}

command -v node >/dev/null && command -v npm >/dev/null || without "node and npm are not there."
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || without "node is version $major, and it needs 20."

lock=$(git hash-object npm/package-lock.json)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sluice/cloudformation-validate-${lock:0:12}
if [ ! -d "$cache" ]; then
  fresh=$(mkdir -p "${cache%/*}" && mktemp -d "$cache.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  cp npm/package.json npm/package-lock.json "$fresh"
  said=$(npm ci --prefix "$fresh" --ignore-scripts --no-audit --no-fund 2>&1) || without "npm could not fetch it: ${said%%$'\n'*}"
  mv -T "$fresh" "$cache" 2>/dev/null || [ -d "$cache" ] # another run was first
fi

# The faults are looked for in the same call, since each start takes seconds, and in a
# template of their own, since this one takes a minute.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch" ${fresh+"$fresh"}' EXIT
cat >"$scratch/broken.yaml" <<'TEMPLATE'
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: five
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Roll.Arn
      Handler: bootstrap
      Runtime: provided.al2023
      Code: {S3Bucket: bucket, S3Key: key}
TEMPLATE
cp ../cloudformation.yaml "$scratch"
cp npm/validate.mjs "$cache/validate.mjs" # beside the package, where node looks for it
(cd "$scratch" && node "$cache/validate.mjs" cloudformation.yaml broken.yaml) >"$scratch/said"

failed=0
if grep ^cloudformation.yaml "$scratch/said"; then failed=1; fi
for fault in MessageRetentionPeriod Roll; do
  if ! grep -q "^broken.yaml.*$fault" "$scratch/said"; then
    echo "cloudformation-validate did not find the seeded fault of $fault; it said:" >&2
    cat "$scratch/said" >&2
    failed=1
  fi
done
exit $failed
