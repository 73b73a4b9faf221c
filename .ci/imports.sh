#!/usr/bin/env bash
# The import law of the house: which room may import which, where each
# third-party package has its one door, what the engine must not touch, and who
# may log. Run from the top of the module:
#
#   .ci/imports.sh              judges the tree; a sentence for each fault, exit 1
#   .ci/imports.sh --self-test  judges seeded faults; exit 1 if one gets through
#
# Tests may import any room, but no front door imports the other, and no
# package that has neither a door nor a place in the list of test packages.
set -euo pipefail

module=github.com/sluice-lake/sluice

# room: what of ours it may import. A package that has no line here is a fault.
rooms='
engine/jsontext     -
engine/spelling     -
engine/timestamp    -
engine/syntax       engine/spelling
engine/ocsf         engine/jsontext engine/spelling
engine/ocsf/gen     engine/ocsf
engine/alert        engine/jsontext
engine/expression   engine/alert engine/spelling
engine/plan         engine/spelling engine/timestamp engine/syntax engine/ocsf engine/alert engine/expression
engine              engine/syntax engine/ocsf engine/alert engine/expression engine/plan
engine/mappingtest  engine engine/ocsf engine/spelling engine/syntax
mappings            -
runtime/settings    -
runtime/version     -
runtime/source      engine/jsontext
runtime/wasm        engine/alert
runtime/wasm/guest  -
runtime/table       engine/jsontext engine/ocsf
runtime/lake        engine/ocsf runtime/table
runtime/lake/dir    runtime/lake
runtime/lake/s3     runtime/lake runtime/source
runtime/lake/s3/s3test  -
runtime/mapping     engine engine/* mappings runtime/wasm
runtime/pipeline    engine engine/* mappings runtime/*
cli                 engine engine/* mappings runtime/*
cli/sluice          cli
lambda              engine engine/* mappings runtime/*
lambda/bootstrap    lambda
lambda/pack         mappings
'

# third-party package: the rooms that hold its door.
doors='
gopkg.in/yaml.v3                  engine/syntax
github.com/expr-lang/expr         engine/expression
github.com/parquet-go/parquet-go  runtime/table
github.com/klauspost/compress     runtime/source
github.com/zeebo/xxh3             runtime/source
github.com/tetratelabs/wazero     runtime/wasm
github.com/aws/aws-sdk-go-v2      runtime/lake/s3
github.com/aws/smithy-go          runtime/lake/s3
github.com/aws/aws-lambda-go      lambda
github.com/spf13/cobra            cli
github.com/spf13/pflag            cli
golang.org/x/term                 cli
github.com/itchyny/timefmt-go      engine/timestamp
github.com/google/go-cmp          tests
github.com/rogpeppe/go-internal   tests
github.com/apache/arrow-go/v18    tests
'

# what no file of engine/ imports (its generator apart), because the same alert
# must give the same event anywhere and at any time.
forbidden='os os/exec os/signal os/user io/ioutil path/filepath net net/http syscall plugin math/rand math/rand/v2 crypto/rand'

# judge reads lines "use PACKAGE IMPORT" and "test PACKAGE IMPORT", and prints a
# sentence for every line that breaks the law.
judge() {
  awk -v module="$module" -v rooms="$rooms" -v doors="$doors" -v forbidden="$forbidden" '
    BEGIN {
      n = split(rooms, line, "\n")
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
    function allowed(list, room,    star) {
      if (index(list, " " room " ")) return 1
      star = room
      while (sub(/\/[^\/]*$/, "", star)) if (index(list, " " star "/* ")) return 1
      return 0
    }
    function doorOf(imported,    p) {
      for (p in door) if (imported == p || index(imported, p "/") == 1) return p
      return ""
    }
    function front(room) { sub(/\/.*/, "", room); return room == "cli" || room == "lambda" ? room : "" }
    {
      kind = $1; room = substr($2, length(module) + 2); imported = $3
      if (room == "runtime") {
        print "runtime/ holds Go files of its own: move them into a room, or the package hides the standard one."; next
      }
      if (!(room in may)) {
        if (!seen[room]++) print (room == "" ? "the top level" : room) " is no room of the house: give it a line in .ci/imports.sh, or move it into a room."
        next
      }
    }
    index(imported, module "/") == 1 {
      other = substr(imported, length(module) + 2)
      if (front(room) != "" && front(other) != "" && front(room) != front(other))
        print room " imports " other ": the front doors do not know each other; what both need goes into runtime/pipeline."
      else if (kind == "use" && other != room && !allowed(may[room], other))
        print room " imports " other ": it may import" (may[room] == " - " ? " nothing of ours." : may[room] "and nothing else of ours.")
      next
    }
    imported ~ /^[^\/]*\./ {
      p = doorOf(imported)
      if (p == "")
        print room " imports " imported ": it has no door; name its one room in .ci/imports.sh, or do without."
      else if (kind == "use" && door[p] ~ / tests /)
        print room " imports " imported ": that package is for tests alone."
      else if (kind == "use" && !allowed(door[p], room))
        print room " imports " imported ": its door is" door[p] "- call what is there."
      next
    }
    kind == "use" && (imported in touch) && room ~ /^engine(\/|$)/ && room != "engine/ocsf/gen" {
      print room " imports " imported ": the engine touches no file, environment, network or chance; take the value as an argument."
    }
    kind == "use" && (imported == "log" || imported == "log/slog") && front(room) == "" {
      print room " imports " imported ": only the front doors log; return an error or count in the tally."
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

# expect FRAGMENT LINE: the line must be judged, in a sentence with FRAGMENT.
expect() {
  local said
  said=$(judge <<<"$2")
  if [[ $said != *"$1"* ]]; then
    echo "self-test: '$2' should be judged with '$1', but was with '$said'."
    failures=$((failures + 1))
  fi
}

self_test() {
  local m=$module scratch said
  failures=0
  expect 'may import nothing of ours' "use $m/engine/spelling $m/engine/ocsf"
  expect 'may import engine/jsontext engine/ocsf' "use $m/runtime/table $m/engine/plan" 
  expect 'do not know each other' "use $m/cli $m/lambda"
  expect 'do not know each other' "test $m/lambda $m/cli"
  expect 'its door is engine/syntax' "use $m/engine/plan gopkg.in/yaml.v3"
  expect 'its door is runtime/table' "use $m/cli github.com/parquet-go/parquet-go/format"
  expect 'its door is runtime/lake/s3' "use $m/lambda github.com/aws/aws-sdk-go-v2/service/s3"
  expect 'for tests alone' "use $m/runtime/table github.com/apache/arrow-go/v18/parquet"
  expect 'has no door' "test $m/engine github.com/stretchr/testify/assert"
  expect 'touches no file' "use $m/engine/plan os"
  expect 'touches no file' "use $m/engine math/rand/v2"
  expect 'only the front doors log' "use $m/runtime/pipeline log/slog"
  expect 'hides the standard one' "use $m/runtime -"
  expect 'is no room' "use $m/util -"
  expect 'is no room' "use $m -"
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
    echo "self-test: imports that are lawful were judged: $said"
    failures=$((failures + 1))
  fi
  scratch=$(mktemp -d)
  printf 'package plan\nvar t = time.Now()\n' >"$scratch/a.go"
  said=$(clock "$scratch/a.go")
  rm -r "$scratch"
  if [[ $said != *'asks no clock'* ]]; then
    echo "self-test: time.Now in the engine was not seen: '$said'."
    failures=$((failures + 1))
  fi
  return $((failures > 0))
}

case "${1-}" in
--self-test) self_test ;;
'')
  if ! faults=$(judge_tree); then
    echo "the imports could not be judged: \`go list\` failed, see above." >&2
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
