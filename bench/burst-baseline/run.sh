#!/usr/bin/env bash
# Compares how long `rcomm burst` and a minimal epoll loop in C take to open 10,000 connections. The goal is at most 1.3 times.
# Alternating runs, each against a fresh server; medians. Needs cc, jq and a file limit above the number of connections.
# Usage: run.sh [TURNS] [CONNECTIONS]
set -euo pipefail
cd "$(dirname "$0")"
turns=${1:-11} connections=${2:-10000}
ulimit -n "$(ulimit -H -n)"
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cc -O2 -Wall -o "$work/baseline" baseline.c
cc -O2 -Wall -o "$work/server" server.c
dotnet build -c Release ../../src/Rcomm -o "$work/rcomm" >/dev/null

# against_server COMMAND...: runs it with the port of a fresh server in $port.
against_server() {
  "$work/server" 4096 >"$work/port" &
  server=$!
  until [ -s "$work/port" ]; do sleep 0.01; done
  port=$(cat "$work/port") "$@"
  kill "$server"; wait "$server" 2>/dev/null || true
  server=; rm "$work/port"
}
c() { "$work/baseline" "$port" "$connections" | tee -a "$work/c.log" | sed 's/ ms opening.*//' >>"$work/c"; }
# rcomm FILE FLAGS...: appends its time to the file.
rcomm() {
  "$work/rcomm/rcomm" burst "http://127.0.0.1:$port/" --connections "$connections" --json "${@:2}" >"$work/report.json" || true
  jq -r '.burst.summary.openingMs' "$work/report.json" >>"$work/$1"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

for ((turn = 1; turn <= turns; turn++)); do
  against_server c
  against_server rcomm as-it-is
  against_server rcomm one-thread --threads 1
done
echo "$(nproc) cores, Linux $(uname -r), load $(cut -d' ' -f1 /proc/loadavg); $turns turns of $connections connections, medians"
for what in c as-it-is one-thread; do
  echo "$what: $(median "$work/$what") ms, $(awk "BEGIN { printf \"%.2f\", $(median "$work/$what") / $(median "$work/c") }") times the C loop ($(sort -n "$work/$what" | tr '\n' ' '))"
done
