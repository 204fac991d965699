#!/usr/bin/env bash
# A burst against a slow service, without and with rcomm in front of it. Needs node.
# Usage: run.sh [CONNECTIONS]
set -euo pipefail
cd "$(dirname "$0")"
connections=${1:-10000}
work=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
ulimit -n "$(ulimit -H -n)"
dotnet build -c Release ../../src/Rcomm -o "$work/rcomm" >/dev/null
node slow.js 8300 & pids+=($!)
"$work/rcomm/rcomm" proxy http://127.0.0.1:8300 --port 8301 --backlog max --shards auto --upstream-wait 60s --access-log off >/dev/null & pids+=($!)
for port in 8300 8301; do until (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done; done
for what in "the service alone:8300" "with rcomm before it:8301"; do
  echo "== ${what%:*}"
  "$work/rcomm/rcomm" burst "http://127.0.0.1:${what#*:}/" --connections "$connections" --timeout 60s || true
done
