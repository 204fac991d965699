#!/usr/bin/env bash
# Sends the same unusual requests to nginx and to rcomm, and prints a table of the differences. Needs nginx and node.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
chmod 755 "$work"
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
dotnet build -c Release ../../src/Rcomm -o "$work/rcomm" >/dev/null
mkdir -p "$work/www/howdy"
echo '<h1>home</h1>' >"$work/www/index.html"; echo '<h1>howdy</h1>' >"$work/www/howdy/index.html"; echo '<h1>about</h1>' >"$work/www/about.html"
echo 'h1 { color: teal }' >"$work/www/style.css"; echo hidden >"$work/www/.hidden"; seq 400 | sed 's,.*,a long text,' >"$work/www/long.txt"
echo '<h1>nothing here</h1>' >"$work/www/not_found.html"
cat >"$work/nginx.conf" <<CONF
daemon off; pid $work/nginx.pid; error_log $work/nginx.log;
events {}
http {
  types { text/html html; text/css css; text/plain txt; }
  access_log off; gzip on; gzip_types text/plain text/css;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server { listen 127.0.0.1:8400; root $work/www; error_page 404 /not_found.html; }
}
CONF
nginx -e "$work/nginx.log" -c "$work/nginx.conf" & pids+=($!)
"$work/rcomm/rcomm" serve "$work/www" --port 8401 --access-log off >/dev/null & pids+=($!)
for port in 8400 8401; do until (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done; done
node compare.js 8400 8401
