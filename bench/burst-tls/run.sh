#!/usr/bin/env bash
# A burst of new TLS connections against nginx and Kestrel on loopback, by `rcomm burst` and by h2load: each opens all connections and sends one request on each.
# Alternating runs, medians. Needs nginx, h2load (nghttp2-client), openssl, jq and a file limit above the number of connections.
# Usage: run.sh [TURNS] [CONNECTIONS]
set -euo pipefail
cd "$(dirname "$0")"
turns=${1:-5} connections=${2:-2000}
for tool in nginx h2load openssl jq; do command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 2; }; done
ulimit -n "$(ulimit -H -n)"
work=$(mktemp -d)
chmod 755 "$work"   # nginx reads it as another user
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

dotnet build -c Release ../../src/Rcomm -o "$work/rcomm" -v q --nologo >/dev/null
dotnet build -c Release ../burst-counts/kestrel -o "$work/kestrel" -v q --nologo >/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
mkdir "$work/www"
head -c 1024 /dev/zero | tr '\0' x >"$work/www/index.html"
cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes auto; worker_rlimit_nofile 20000; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 10000; }
http { access_log off; ssl_protocols TLSv1.3; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
  server { listen 127.0.0.1:8000 ssl http2 backlog=4096; root $work/www; } }
CONF

# rcomm_burst NAME FLAGS...: appends the figures of a burst to $work/NAME.
rcomm_burst() {
  "$work/rcomm/rcomm" burst https://localhost:8000/ --cacert "$work/cert.pem" --connections "$connections" --timeout 60s --json "${@:2}" >"$work/report.json" || true
  jq -r '.listenQueue.drops as $drops | .burst.summary | [(.outcomes[] | select(.outcome == "answered").count), $drops, .tls.handshake.p50Ms, .tls.handshake.p99Ms, .end.maxMs,
    100 * .generator.runMs / .generator.activeMs, 100 * .generator.coreWaitMs / .generator.activeMs] | @tsv' "$work/report.json" >>"$work/$1"
}
# h2 NAME FLAGS...: the same of h2load: answered, and the time until all were.
h2() {
  h2load -n "$connections" -c "$connections" -t 2 "${@:2}" https://localhost:8000/ >"$work/h2load.log" 2>&1 || true
  answered=$(sed -n 's/.* \([0-9]*\) succeeded.*/\1/p' "$work/h2load.log")
  took=$(sed -n 's/^finished in \([0-9.]*\)\(m\?s\),.*/\1 \2/p' "$work/h2load.log" | awk '{ print $2 == "s" ? $1 * 1000 : $1 }')
  printf '%s\t%s\n' "$answered" "$took" >>"$work/$1"
}
# median FILE COLUMN
median() { cut -f"$2" "$1" | sort -n | awk '{ v[NR] = $1 } END { printf "%.0f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

against() {
  name=$1; shift
  "$@" >/dev/null 2>"$work/errors" &
  server=$!
  until (exec 3<>/dev/tcp/127.0.0.1/8000) 2>/dev/null; do kill -0 $server || { cat "$work/errors"; exit 1; }; sleep 0.1; done
  "$work/rcomm/rcomm" burst https://localhost:8000/ --insecure -c 50 >/dev/null   # the first requests cost a server more
  for ((turn = 1; turn <= turns; turn++)); do
    rcomm_burst "$name-1" ; h2 "$name-1-h2load" --h1
    rcomm_burst "$name-2" --http2 ; h2 "$name-2-h2load"
    rcomm_burst "$name-r" --resume
  done
  kill $server; wait $server 2>/dev/null || true
  server=
  for what in 1:HTTP/1.1 2:HTTP/2 r:"HTTP/1.1, resumed"; do
    f=$work/$name-${what%%:*}
    h2load=$([ -f "$f-h2load" ] && echo "$(median "$f-h2load" 2) ms ($(median "$f-h2load" 1))" || echo -)
    echo "| $name | ${what#*:} | $(median "$f" 1) | $(median "$f" 2) | $(median "$f" 3) ms | $(median "$f" 4) ms | $(median "$f" 5) ms | $(median "$f" 6) % + $(median "$f" 7) % | $h2load |"
  done
}

echo "$(nproc) cores, Linux $(uname -r), load $(cut -d' ' -f1 /proc/loadavg); $turns turns of $connections connections, medians"
echo "| server | protocol | answered | dropped | handshake p50 | p99 | all answered after | generator ran + waited for a core | h2load: all answered after (answered) |"
echo "|---|---|---:|---:|---:|---:|---:|---:|---:|"
against nginx nginx -e "$work/nginx.log" -c "$work/nginx.conf"
against Kestrel "$work/kestrel/kestrel" 8000 4096 "$work/cert.pem" "$work/key.pem"
