#!/usr/bin/env bash
# Compares the report of `rcomm burst` with the kernel's counters (nstat): nginx, Kestrel, Node and rcomm, small and large backlogs.
# Each trial runs in its own network namespace, so that the counters belong to it alone. Needs root, nginx, node, jq, nstat, ip.
# Usage: run.sh [CONNECTIONS]
set -euo pipefail
cd "$(dirname "$0")"
connections=${1:-3000}
work=$(mktemp -d)
chmod 755 "$work"   # nginx reads it as another user
trap 'rm -rf "$work"' EXIT
for tool in nginx node jq nstat ip unshare; do command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 2; }; done

dotnet build -c Release ../../src/Rcomm -o "$work/rcomm" >/dev/null
dotnet build -c Release kestrel -o "$work/kestrel" >/dev/null
mkdir "$work/www"
head -c 1024 /dev/zero | tr '\0' x | tee "$work/www/index.html" >"$work/www/page.html"

# trial NAME COMMAND...: starts the server, bursts it, ends it, and prints a row of the table.
trial() {
  name=$1 work=$work connections=$connections unshare --net --pid --fork --kill-child --mount-proc bash -c '
    ip link set lo up
    "$@" >/dev/null 2>"$work/errors" &
    until [ -n "$(ss -ltnH)" ]; do kill -0 $! || exit 1; sleep 0.1; done
    "$work/rcomm/rcomm" burst http://127.0.0.1:8000/ --connections 50 >/dev/null   # the first requests cost a server more
    counter() { nstat -az "$1" | awk "NR == 2 { print \$2 }"; }
    before=() after=()
    counters=(TcpExtListenDrops TcpRetransSegs TcpExtTCPTimeouts TcpExtTCPLossProbes TcpExtTCPSynRetrans)
    for c in "${counters[@]}"; do before+=("$(counter $c)"); done
    "$work/rcomm/rcomm" burst http://127.0.0.1:8000/ --connections "$connections" --timeout 30s --json >"$work/report.json"
    for c in "${counters[@]}"; do after+=("$(counter $c)"); done
    jq -r --arg name "$name" --argjson d $((after[0] - before[0])) --argjson r $((after[1] - before[1])) --argjson t $((after[2] - before[2])) --argjson p $((after[3] - before[3])) --argjson s $((after[4] - before[4])) \
      '"'"'"| \($name) | \(.listenQueue.backlog) | \([.burst.summary.outcomes[] | select(.outcome == "answered").count] | add // 0) | \(.burst.summary.waitedForRetry) | \(.listenQueue.drops) | \($d) | \(.burst.summary.retransmits) | \($r) | \($t) | \($p) | \(.burst.summary.synRetransmits) | \($s) |"'"'"' "$work/report.json"
  ' trial "${@:2}"
}
nginx_with() {
  cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes auto; worker_rlimit_nofile 20000; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 10000; }
http { access_log off; server { listen 127.0.0.1:8000 backlog=$1; root $work/www; } }
CONF
}

echo "| server | backlog | answered | waited 1 s or more | drops | ListenDrops | retransmits | RetransSegs | TCPTimeouts | TCPLossProbes | SYNs again | TCPSynRetrans |"
echo "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
for backlog in 128 511 4096; do nginx_with $backlog; trial nginx nginx -e "$work/nginx.log" -c "$work/nginx.conf"; done
for backlog in 128 512 4096; do trial Kestrel "$work/kestrel/kestrel" 8000 $backlog; done
for backlog in 128 511 4096; do trial Node node node.js 8000 $backlog; done
for backlog in 128 512 4096; do trial rcomm "$work/rcomm/rcomm" serve "$work/www" --port 8000 --backlog $backlog; done
