#!/usr/bin/env bash
# Runs slowhttptest in its four modes against rcomm and nginx, and measures how long other clients wait for a page meanwhile. Needs slowhttptest, nginx, python3.
# Usage: run.sh [CONNECTIONS] [SECONDS] [MODE...]; modes: headers bodies ranges reads
set -euo pipefail
cd "$(dirname "$0")"
connections=${1:-4000} seconds=${2:-20}
shift $(( $# < 2 ? $# : 2 ))
modes=${*:-headers bodies ranges reads}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
ulimit -n "$(ulimit -H -n)"
program=${RCOMM:-}
[ -n "$program" ] || { dotnet build -c Release ../../src/Rcomm -o "$work/rcomm" >/dev/null; program=$work/rcomm/rcomm; }
mkdir "$work/www"
echo '<h1>page</h1>' >"$work/www/index.html"
head -c 1000000 /dev/zero | tr '\0' x >"$work/www/large.txt"
chmod -R a+rX "$work"
cat >"$work/nginx.conf" <<END
worker_processes auto; worker_rlimit_nofile $(ulimit -n); pid $work/pid; error_log $work/error.log crit; daemon off;
events { worker_connections $(( $(ulimit -n) / 2 )); }
http { access_log off; sendfile on; server { listen 127.0.0.1:8500 backlog=4096; root $work/www; } }
END

start() {
  case $1 in
    rcomm) "$program" serve "$work/www" --port 8500 --backlog max --access-log off >/dev/null 2>"$work/rcomm.log" & ;;
    nginx) nginx -c "$work/nginx.conf" & ;;
  esac
  server=$!
  until (exec 3<>/dev/tcp/127.0.0.1/8500) 2>/dev/null; do sleep 0.1; done
}

echo "| mode | server | slow connections | requests of others | not answered | p50 ms | p99 ms | worst ms |"
echo "|---|---|---:|---:|---:|---:|---:|---:|"
for mode in $modes; do
  case $mode in
    headers) options="-H -u http://127.0.0.1:8500/" ;;
    bodies) options="-B -u http://127.0.0.1:8500/" ;;
    ranges) options="-R -u http://127.0.0.1:8500/large.txt" ;;
    reads) options="-X -w 512 -y 1024 -n 5 -z 32 -k 3 -u http://127.0.0.1:8500/large.txt" ;;
  esac
  for name in rcomm nginx; do
    start $name
    # shellcheck disable=SC2086
    slowhttptest $options -c "$connections" -r 2000 -i 5 -l "$seconds" >"$work/slow.log" 2>&1 & slow=$!
    # Measure from the first slow client on: other clients wait while the slow ones connect.
    python3 others.py 8500 "$seconds" >"$work/times"
    open=$(ss -tnH state established sport = :8500 | wc -l)
    wait $slow || true
    sort -k2 -n "$work/times" | awk -v mode="$mode" -v name="$name" -v open="$open" '
      { if ($1 != 200) bad++; t[NR] = $2 }
      END { printf "| %s | %s | %d | %d | %d | %.1f | %.1f | %.1f |\n", mode, name, open, NR, bad, t[int((NR + 1) / 2)], t[int(NR * 0.99 + 0.5)], t[NR] }'
    [ $name = nginx ] || grep -h "wait and none\|handlers" "$work/rcomm.log" || true
    kill $server; wait $server 2>/dev/null || true
    server=
  done
done
