#!/usr/bin/env bash
# The import rules: which package may import which, which one package imports
# each third-party package, what the engine must not touch, and who may log. Run from the top of the module:
#
#   .ci/imports.sh              checks the tree; a sentence for each fault, exit 1
#   .ci/imports.sh --self-test  checks seeded faults; exit 1 if it misses one
#
# Tests may import any package of ours, but no front door imports the other, and
# no third-party package that is not listed below.
set -euo pipefail

module=github.com/sluice-lake/sluice

# package: what of ours it may import. A package without a line here is a fault.
packages='
engine/jsontext     -
engine/arena        -
engine/spelling     -
engine/lazyregexp   -
engine/timestamp    -
engine/wazuh        -
engine/syntax       engine/lazyregexp engine/spelling
engine/ocsf         engine/alert engine/arena engine/jsontext engine/spelling
engine/ocsf/gen     engine/ocsf
engine/alert        engine/arena engine/jsontext
engine/function     engine/alert engine/timestamp
engine/expression   engine/alert engine/function engine/spelling
engine/plan         engine/wazuh engine/spelling engine/syntax engine/ocsf engine/alert engine/function engine/expression
engine              engine/lazyregexp engine/spelling engine/syntax engine/ocsf engine/alert engine/expression engine/plan
engine/enginetest   engine
engine/mappingtest  engine engine/ocsf engine/spelling engine/syntax
mappings            -
mappings/gen        -
runtime/settings    -
runtime/version     -
runtime/memory      -
runtime/source      engine/jsontext
runtime/wasm        engine/alert runtime/wasm/bytecode runtime/wasm/interrupt
runtime/wasm/bytecode   -
runtime/wasm/interrupt  runtime/wasm/bytecode
runtime/wasm/guest  -
runtime/table       engine/ocsf
runtime/table/inspect  engine/jsontext
runtime/table/glue  engine/ocsf
runtime/table/verify  engine/ocsf runtime/table runtime/table/glue runtime/table/inspect
runtime/lake        runtime/table engine/spelling
runtime/lake/dir    runtime/lake
runtime/lake/s3     runtime/lake runtime/source runtime/memory
runtime/lake/s3/s3test  -
runtime/queue       -
runtime/lake/compact  runtime/lake runtime/table runtime/table/inspect runtime/memory
runtime/lake/stats  runtime/lake runtime/table/inspect
runtime/lake/audit  engine/lazyregexp runtime/lake runtime/lake/stats runtime/table/glue runtime/table/verify
runtime/securitylake  engine/lazyregexp
runtime/diagnosis   -
runtime/deployment  runtime/lake/s3 runtime/queue
runtime/mapping     engine engine/* mappings runtime/wasm
runtime/profile     engine engine/* runtime/source
runtime/indexer     engine/jsontext
runtime/indexer/indexertest  -
runtime/feed        engine/lazyregexp runtime/source runtime/indexer
runtime/compare     engine engine/* runtime/source
runtime/pipeline    engine engine/* mappings runtime/*
cli/studio          engine engine/* runtime/*
cli                 engine engine/* mappings runtime/* cli/studio
cli/sluice          cli
lambda              engine engine/* mappings runtime/*
lambda/bootstrap    lambda
lambda/pack         mappings
'

# third-party package: who imports it. The programs of cli and lambda are its
# front doors.
doors='
gopkg.in/yaml.v3                  engine/syntax
github.com/expr-lang/expr         engine/expression
github.com/parquet-go/parquet-go  runtime/table runtime/table/inspect runtime/table/verify
github.com/klauspost/compress     runtime/source runtime/table runtime/table/inspect
github.com/andybalholm/brotli      runtime/table/inspect
github.com/zeebo/xxh3             runtime/source
golang.org/x/sys                  runtime/lake/dir runtime/feed
github.com/tetratelabs/wazero     runtime/wasm
github.com/aws/aws-sdk-go-v2      runtime/lake/s3 runtime/queue runtime/securitylake
github.com/aws/smithy-go          runtime/lake/s3 runtime/queue runtime/securitylake
github.com/aws/aws-lambda-go      lambda
github.com/spf13/cobra            cli
github.com/spf13/pflag            cli
golang.org/x/term                 cli
github.com/VictoriaMetrics/metrics cli
github.com/coreos/go-systemd/v22  cli
github.com/itchyny/timefmt-go      engine/timestamp
github.com/google/go-cmp          tests
github.com/rogpeppe/go-internal   tests
github.com/apache/arrow-go/v18    tests
github.com/dop251/goja            tests
'

# what no file of engine/ imports (except its generator, and what its tests share),
# because the same alert must give the same event anywhere and at any time.
forbidden='os os/exec os/signal os/user io/ioutil path/filepath net net/http syscall plugin math/rand math/rand/v2 crypto/rand'

# judge reads lines "use PACKAGE IMPORT" and "test PACKAGE IMPORT", and prints a
# sentence for every line that breaks a rule.
judge() {
  awk -v module="$module" -v packages="$packages" -v doors="$doors" -v forbidden="$forbidden" '
    BEGIN {
      n = split(packages, line, "\n")
      for (i = 1; i <= n; i++) if (line[i] != "") {
        name = line[i]; sub(/ .*/, "", name)
        may[name] = squeeze(substr(line[i], length(name) + 1))
      }
      n = split(doors, line, "\n")
      for (i = 1; i <= n; i++) if (split(line[i], f, " ") > 1) {
        door[f[1]] = squeeze(substr(line[i], length(f[1]) + 1))
      }
      n = split(forbidden, f, " ")
      for (i = 1; i <= n; i++) touch[f[i]] = 1
    }
    function squeeze(list) { gsub(/ +/, " ", list); return list " " }
    function allowed(list, package,    star) {
      if (index(list, " " package " ")) return 1
      star = package
      while (sub(/\/[^\/]*$/, "", star)) if (index(list, " " star "/* ")) return 1
      return 0
    }
    function doorOf(imported,    p) {
      for (p in door) if (imported == p || index(imported, p "/") == 1) return p
      return ""
    }
    function front(package) { sub(/\/.*/, "", package); return package == "cli" || package == "lambda" ? package : "" }
    {
      kind = $1; package = substr($2, length(module) + 2); imported = $3
      if (package == "runtime") {
        print "runtime/ has Go files of its own: move them into a package below it, or it shadows the standard one."; next
      }
      if (!(package in may)) {
        if (!seen[package]++) print (package == "" ? "the top level" : package) " is not listed: give it a line in .ci/imports.sh, or move it into another package."
        next
      }
    }
    index(imported, module "/") == 1 {
      other = substr(imported, length(module) + 2)
      if (front(package) != "" && front(other) != "" && front(package) != front(other))
        print package " imports " other ": the front doors must not know each other; move what both need into runtime/pipeline."
      else if (kind == "use" && other != package && !allowed(may[package], other))
        print package " imports " other ": it may import" (may[package] == " - " ? " nothing of ours." : may[package] "and nothing else of ours.")
      next
    }
    imported ~ /^[^\/]*\./ {
      p = doorOf(imported)
      if (p == "")
        print package " imports " imported ": it is not listed; name the one package that imports it in .ci/imports.sh, or do without."
      else if (kind == "use" && door[p] ~ / tests /)
        print package " imports " imported ": only tests import that."
      else if (kind == "use" && !allowed(door[p], package))
        print package " imports " imported ": only" door[p] "imports it - call what is there."
      next
    }
    kind == "use" && (imported in touch) && package ~ /^engine(\/|$)/ && package !~ /^engine\/(ocsf\/gen|enginetest)$/ {
      print package " imports " imported ": the engine touches no file, environment, network or random numbers; take the value as an argument."
    }
    kind == "use" && (imported == "log" || imported == "log/slog") && front(package) == "" {
      print package " imports " imported ": only the front doors log; return an error or count in the tally."
    }
  '
}

# clock prints a sentence for every use of the clock in the files named.
clock() {
  [ $# -gt 0 ] || return 0
  grep -nE '\btime\.(Now|Since|Until|After|AfterFunc|Tick|NewTicker|NewTimer|Sleep|Local)\b' "$@" /dev/null |
    sed "s|^$PWD/||; s|\$|: the engine asks no clock and no time zone of the host; take the time as an argument.|" || true
}

imports_of_tree() {
  go list -f '{{$p := .ImportPath}}use {{$p}} -
{{range .Imports}}use {{$p}} {{.}}
{{end}}{{range .TestImports}}test {{$p}} {{.}}
{{end}}{{range .XTestImports}}test {{$p}} {{.}}
{{end}}' ./... | sed '/^$/d'
}

judge_tree() {
  local listed files
  listed=$(imports_of_tree) || return
  judge <<<"$listed" || return
  files=$(go list -f '{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}} {{end}}' ./engine/...) || return
  # shellcheck disable=SC2086 # the paths of this module hold no spaces
  clock $files
}

# expect FRAGMENT LINE: judge must report the line, in a sentence with FRAGMENT.
expect() {
  local said
  said=$(judge <<<"$2")
  if [[ $said != *"$1"* ]]; then
    echo "self-test: '$2' should be reported with '$1', but the report is '$said'."
    failures=$((failures + 1))
  fi
}

self_test() {
  local m=$module scratch said
  failures=0
  expect 'may import nothing of ours' "use $m/engine/spelling $m/engine/ocsf"
  expect 'may import engine/ocsf' "use $m/runtime/table $m/engine/plan" 
  expect 'must not know each other' "use $m/cli $m/lambda"
  expect 'must not know each other' "test $m/lambda $m/cli"
  expect 'only engine/syntax imports it' "use $m/engine/plan gopkg.in/yaml.v3"
  expect 'only runtime/table' "use $m/cli github.com/parquet-go/parquet-go/format"
  expect 'only runtime/lake/s3 runtime/queue runtime/securitylake imports it' "use $m/lambda github.com/aws/aws-sdk-go-v2/service/s3"
  expect 'only tests import' "use $m/runtime/table github.com/apache/arrow-go/v18/parquet"
  expect 'is not listed' "test $m/engine github.com/stretchr/testify/assert"
  expect 'touches no file' "use $m/engine/plan os"
  expect 'touches no file' "use $m/engine math/rand/v2"
  expect 'only the front doors log' "use $m/runtime/pipeline log/slog"
  expect 'shadows the standard one' "use $m/runtime -"
  expect 'is not listed' "use $m/util -"
  expect 'is not listed' "use $m -"
  said=$(judge <<<"use $m/engine/plan $m/engine/ocsf
use $m/cli $m/runtime/lake/dir
use $m/cli log/slog
use $m/engine/ocsf/gen os
use $m/engine/syntax gopkg.in/yaml.v3
use $m/engine/plan net/netip
use $m/engine/plan time
test $m/runtime/table github.com/apache/arrow-go/v18/parquet
test $m/mappings $m/engine
test $m/engine/plan os")
  if [ -n "$said" ]; then
    echo "self-test: allowed imports were reported: $said"
    failures=$((failures + 1))
  fi
  scratch=$(mktemp -d)
  printf 'package plan\nvar t = time.Now()\n' >"$scratch/a.go"
  said=$(clock "$scratch/a.go")
  rm -r "$scratch"
  if [[ $said != *'asks no clock'* ]]; then
    echo "self-test: time.Now in the engine was missed: '$said'."
    failures=$((failures + 1))
  fi
  return $((failures > 0))
}

case "${1-}" in
--self-test) self_test ;;
'')
  if ! faults=$(judge_tree); then
    echo "the imports could not be checked: \`go list\` failed, see above." >&2
    exit 1
  fi
  if [ -n "$faults" ]; then
    printf '%s\n' "$faults"
    exit 1
  fi
  ;;
*)
  echo "usage: .ci/imports.sh [--self-test]" >&2
  exit 2
  ;;
esac
