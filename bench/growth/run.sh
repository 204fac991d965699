#!/usr/bin/env bash
# Shows how the cost grows: memory with idle connections, start and lookup with files in the root, p99.9 with the size of a burst. rcomm is compiled ahead of time.
# Needs jq, curl. Usage: run.sh
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server"; wait "$server" 2>/dev/null || true; }; server=; }
trap 'stop; rm -rf "$work"' EXIT
ulimit -n "$(ulimit -H -n)"
dotnet publish -c Release ../../src/Rcomm -o "$work/rcomm" --nologo -v quiet >/dev/null
rcomm=$work/rcomm/rcomm
mkdir "$work/www"; head -c 1024 /dev/zero | tr '\0' x >"$work/www/page.txt"
# start ROOT: a server on port 8800, and how long it took to the first answer in ms.
start() {
  local from; from=$(date +%s%N)
  "$rcomm" serve "$1" --port 8800 --backlog max --access-log "$work/access.log" >/dev/null 2>&1 & server=$!
  until curl -s -o /dev/null http://127.0.0.1:8800/page.txt; do sleep 0.005; done
  started=$(( ($(date +%s%N) - from) / 1000000 ))
}
memory() { awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$server/status"; }

echo "| open idle connections | memory MiB | KiB each beyond the first |"; echo "|--:|--:|--:|"
base=
for n in 1 10 100 1000 10000; do
  start "$work/www"
  "$rcomm" burst http://127.0.0.1:8800/page.txt --connections $n --hold 6s --timeout 20s >/dev/null & burst=$!
  sleep 5
  now=$(memory); base=${base:-$now}
  echo "| $n | $now | $(awk "BEGIN { if ($n > 1) printf \"%.1f\", ($now - $base) * 1024 / ($n - 1) }") |"
  wait $burst || true
  stop
done

echo; echo "| files in the root | start to first response ms | memory MiB | first lookup of a file ms | next lookup ms |"; echo "|--:|--:|--:|--:|--:|"
have=1
for n in 1 100 10000 100000; do
  while [ $have -lt $n ]; do mkdir -p "$work/www/$((have / 1000))"; echo x >"$work/www/$((have / 1000))/$have.txt"; have=$((have + 1)); done
  sync
  start "$work/www"
  path=page.txt; [ $n -eq 1 ] || path="$(((n - 1) / 1000))/$((n - 1)).txt"
  times=$(for i in 1 2 3 4 5 6; do curl -s -o /dev/null -w '%{time_total}\n' "http://127.0.0.1:8800/$path"; done)
  echo "| $n | $started | $(memory) | $(head -1 <<<"$times" | awk '{ print $1 * 1000 }') | $(tail -1 <<<"$times" | awk '{ print $1 * 1000 }') |"
  stop
done

echo; echo "| burst | p99.9 to first byte ms | µs per connection | dropped |"; echo "|--:|--:|--:|--:|"
start "$work/www"
"$rcomm" burst http://127.0.0.1:8800/page.txt --connections 2000 >/dev/null
for n in 10 100 1000 5000 10000 15000; do
  for round in 1 2 3; do "$rcomm" burst http://127.0.0.1:8800/page.txt --connections $n --json >"$work/$round.json" || true; sleep 1; done
  jq -s -r --argjson n $n 'sort_by(.burst.summary.firstByte.p999Ms)[1] | "| \($n) | \(.burst.summary.firstByte.p999Ms | . * 10 | round / 10) | \(.burst.summary.firstByte.p999Ms * 1000 / $n | round) | \(.listenQueue.drops) |"' "$work"/[123].json
done
