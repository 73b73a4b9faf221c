# What lint.sh and validate.sh have in common: tools of others, in pinned versions, that are
# fetched once into the user's cache, and seeded faults that prove that they bite. Sourced
# with `tools` set to their names and `required` to the variable that makes them a must.

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# without REASON: the tools cannot run.
without() {
  echo "$tools were not run: $1" >&2
  [ "$required" != require ] || exit 1
  exit 0
}

# cached LOCK NAME FETCH…: sets cache to a folder with what FETCH puts into the folder that it
# is given, for this state of the file LOCK.
cached() {
  local lock name
  lock=$(git hash-object "$1") name=$2
  shift 2
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/sluice/$name-${lock:0:12}
  [ ! -e "$cache/complete" ] || return 0
  mkdir -p "$cache"
  local said
  said=$("$@" "$cache" 2>&1) || without "they could not be fetched: ${said##*$'\n'}"
  touch "$cache/complete"
}

# seeded NAME SED…: makes $scratch/NAME.yaml of the template, with faults.
seeded() {
  local name=$1
  shift
  sed "$@" ../cloudformation.yaml >"$scratch/$name.yaml"
}

# clean PROGRAM: the program finds nothing in the template.
clean() {
  if ! "$1" ../cloudformation.yaml >"$scratch/said" 2>"$scratch/errors"; then
    cat "$scratch/said" "$scratch/errors"
    failed=1
  fi
}

# bites PROGRAM BROKEN FAULT…: the program says each fault of the broken template.
bites() {
  local program=$1 broken=$2 fault
  shift 2
  "$program" "$broken" >"$scratch/said" 2>&1 || true
  for fault in "$@"; do
    if ! grep -q -- "$fault" "$scratch/said"; then
      echo "$program did not find the seeded fault $fault; it said:" >&2
      cat "$scratch/said" >&2
      failed=1
    fi
  done
}
