#!/usr/bin/env bash
# slowhttptest in its four modes against rcomm, and how long others wait for a page meanwhile. Needs slowhttptest and curl.
# Usage: run.sh [CONNECTIONS] [SECONDS]
set -euo pipefail
cd "$(dirname "$0")"
connections=${1:-4000} seconds=${2:-20}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
ulimit -n "$(ulimit -H -n)"
dotnet build -c Release ../../src/Rcomm -o "$work/rcomm" >/dev/null
mkdir "$work/www"
echo '<h1>page</h1>' >"$work/www/page.html"
head -c 1000000 /dev/zero | tr '\0' x >"$work/www/large.txt"
"$work/rcomm/rcomm" serve "$work/www" --port 8500 --backlog max --access-log off >/dev/null & server=$!
until (exec 3<>/dev/tcp/127.0.0.1/8500) 2>/dev/null; do sleep 0.1; done

echo "| mode | slow connections | requests of others | not answered | median ms | worst ms |"
echo "|---|---:|---:|---:|---:|---:|"
for mode in "slow headers:-H -u http://127.0.0.1:8500/" "slow bodies:-B -u http://127.0.0.1:8500/" "ranges:-R -u http://127.0.0.1:8500/large.txt" "slow reads:-X -w 1 -y 2 -z 1 -u http://127.0.0.1:8500/large.txt"; do
  slowhttptest ${mode#*:} -c "$connections" -r 2000 -i 5 -l "$seconds" >"$work/slow.log" 2>&1 & slow=$!
  sleep 3
  open=$(ss -tnH state established sport = :8500 | wc -l)
  : >"$work/times"
  while kill -0 $slow 2>/dev/null; do
    curl -s -o /dev/null -m 10 -w '%{http_code} %{time_total}\n' http://127.0.0.1:8500/ >>"$work/times" || true
    sleep 0.1
  done
  sort -k2 -n "$work/times" | awk -v name="${mode%%:*}" -v open="$open" '{ if ($1 != 200) bad++; t[NR] = $2 * 1000 } END { printf "| %s | %d | %d | %d | %.1f | %.1f |\n", name, open, NR, bad, t[int((NR + 1) / 2)], t[NR] }'
done
