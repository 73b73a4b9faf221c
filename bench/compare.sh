#!/usr/bin/env bash
# Times `sluice run` and the plain program on the same alerts, turn by turn so
# that a busy neighbour strikes both, and prints the least and the middle time,
# the time on the processors (which a neighbour hardly changes), the largest
# memory, and how many times as fast sluice is.
#
#   LINES=1000000 ROUNDS=3 WORKERS=2 bench/compare.sh [SAMPLES]
#
# Needs bin/sluice (`make build`). SAMPLES are files or folders joined by commas.
set -euo pipefail
cd "$(dirname "$0")"

lines=${LINES:-1000000} rounds=${ROUNDS:-3} workers=${WORKERS:-2} samples=${1:-../testdata/alerts}
mkdir -p bin work
go build -o bin/ ./gen ./plain ./timed
bin/gen -input L -samples "$samples" -n "$lines" -o work/alerts.ndjson
wc -lc work/alerts.ndjson | awk '{print $1 " alerts, " $2 " bytes, '"$workers"' workers, '"$rounds"' rounds"}'

: >work/times
for ((round = 1; round <= rounds; round++)); do
  rm -rf work/sluice work/plain
  bin/timed -name sluice -to work/times ../bin/sluice run --quiet --workers "$workers" -o work/sluice work/alerts.ndjson
  bin/timed -name plain -to work/times bin/plain -workers "$workers" -o work/plain work/alerts.ndjson
done
du -sk work/sluice work/plain | awk '{print $2 ": " $1 " KiB written"}'

sort -k1,1 -k2,2n work/times | awk -v lines="$lines" '
  {
    n[$1]++; wall[$1, n[$1]] = $2
    if (n[$1] == 1 || $3 < cpu[$1]) cpu[$1] = $3
    if ($4 > rss[$1]) rss[$1] = $4
  }
  END {
    split("sluice plain", order, " ")
    for (i = 1; i <= 2; i++) {
      name = order[i]
      middle[i] = wall[name, int((n[name] + 1) / 2)]
      printf "%-7s least %.2f s, middle %.2f s, %d rows/s, least CPU %.2f s, peak %d MiB\n", \
        name, wall[name, 1], middle[i], lines / middle[i], cpu[name], rss[name] / 1024
    }
    printf "sluice is %.1f times as fast as the plain program, and takes %.1f times less of the processors\n", \
      middle[2] / middle[1], cpu["plain"] / cpu["sluice"]
  }'
