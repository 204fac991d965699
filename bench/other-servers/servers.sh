# One section a server: NAME_version prints it (and fails where it is not installed), NAME_start DIR PORT [BACKLOG] runs it in the foreground
# on loopback, NAME_reload DIR PORT BACKLOG applies another backlog to the running one, where that is said to be possible.
# $SERVER is the process that start has become.

nginx_config() { cat >"$1/nginx.conf" <<END
daemon off; pid $1/nginx.pid; error_log $1/error.log;
events {}
http { access_log off; server { listen 127.0.0.1:$2${3:+ backlog=$3}; } }
END
}
nginx_version() { nginx -v 2>&1 | sed 's,.*/,,'; }
nginx_start() { nginx_config "$@"; exec nginx -p "$1" -c "$1/nginx.conf"; }
nginx_reload() { nginx_config "$@"; kill -HUP "$SERVER"; }

apache_config() {
  cat >"$1/apache.conf" <<END
ServerRoot "$1"
ServerName localhost
PidFile $1/apache.pid
ErrorLog $1/error.log
Mutex posixsem
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
Listen 127.0.0.1:$2
${3:+ListenBacklog $3}
END
}
apache_version() { apache2 -v | sed -n 's,.*Apache/\([0-9.]*\).*,\1,p'; }
apache_start() { apache_config "$@"; exec apache2 -f "$1/apache.conf" -DFOREGROUND; }
apache_reload() { apache_config "$@"; kill -USR1 "$SERVER"; }

haproxy_config() { cat >"$1/haproxy.cfg" <<END
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend f
  bind 127.0.0.1:$2
  ${3:+backlog $3}
END
}
haproxy_version() { haproxy -v | sed -n 's/^HAProxy version \([0-9.]*\).*/\1/p'; }
haproxy_start() { haproxy_config "$@"; exec haproxy -W -db -f "$1/haproxy.cfg"; }
haproxy_reload() { haproxy_config "$@"; kill -USR2 "$SERVER"; }

caddy_version() { caddy version | sed 's/ .*//'; }
caddy_start() { echo "http://127.0.0.1:$2 { 
 respond ok
}" >"$1/Caddyfile"; HOME=$1 exec caddy run --config "$1/Caddyfile" --adapter caddyfile; }

go_version() { go version | sed 's/go version go\([0-9.]*\).*/\1/'; }
go_start() {
  echo 'package main; import ("net/http"; "os"); func main() { http.ListenAndServe("127.0.0.1:" + os.Args[1], nil) }' >"$1/main.go"
  GOCACHE=$1/cache HOME=$1 go build -o "$1/server" "$1/main.go" && exec "$1/server" "$2"
}

node_version() { node --version; }
node_start() { exec node -e "require('http').createServer((q, r) => r.end()).listen({ host: '127.0.0.1', port: $2${3:+, backlog: $3} })"; }

deno_version() { "$NPM/deno" --version | sed -n 's/^deno \([0-9.]*\).*/\1/p'; }
deno_start() { DENO_DIR=$1 exec "$NPM/deno" eval "Deno.serve({ hostname: '127.0.0.1', port: $2${3:+, tcpBacklog: $3} }, () => new Response('ok'))"; }

bun_version() { "$NPM/bun" --version; }
bun_start() { exec "$NPM/bun" -e "Bun.serve({ hostname: '127.0.0.1', port: $2, fetch: () => new Response('ok') })"; }

kestrel_version() { dotnet --list-runtimes | sed -n 's/^Microsoft.AspNetCore.App \([0-9.]*\).*/\1/p' | tail -1; }
kestrel_start() {
  mkdir -p "$1/app"
  cat >"$1/app/app.csproj" <<END
<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup></Project>
END
  cat >"$1/app/Program.cs" <<END
var builder = WebApplication.CreateBuilder();
builder.WebHost.UseUrls("http://127.0.0.1:$2");
${3:+builder.WebHost.UseSockets(sockets => sockets.Backlog = $3);}
builder.Build().Run();
END
  dotnet build -v q --nologo -o "$1/out" "$1/app" && exec dotnet "$1/out/app.dll"
}

wsgi() { echo 'def app(environ, start): start("200 OK", []); return [b"ok"]' >"$1/app_wsgi.py"; echo 'async def app(scope, receive, send): pass' >"$1/app_asgi.py"; cd "$1"; }
gunicorn_version() { gunicorn --version | sed 's/.*version \([0-9.]*\).*/\1/'; }
gunicorn_start() { wsgi "$1"; echo "bind = '127.0.0.1:$2'${3:+; backlog = $3}" >gunicorn.conf.py; exec gunicorn app_wsgi:app; }
gunicorn_reload() { echo "bind = '127.0.0.1:$2'; backlog = $3" >"$1/gunicorn.conf.py"; kill -HUP "$SERVER"; }
uvicorn_version() { /usr/bin/python3 -c 'import uvicorn; print(uvicorn.__version__)'; }
uvicorn_start() { wsgi "$1"; exec /usr/bin/python3 -m uvicorn app_asgi:app --port "$2" ${3:+--backlog "$3"}; }
hypercorn_version() { /usr/bin/python3 -c 'import importlib.metadata as m; print(m.version("hypercorn"))'; }
hypercorn_start() { wsgi "$1"; exec /usr/bin/python3 -m hypercorn app_asgi:app --bind "127.0.0.1:$2" ${3:+--backlog "$3"}; }
uwsgi_version() { uwsgi --version; }
uwsgi_start() { exec uwsgi --http-socket "127.0.0.1:$2" ${3:+--listen "$3"}; }

rack() { echo 'run ->(env) { [200, {}, ["ok"]] }' >"$1/config.ru"; cd "$1"; }
puma_version() { puma --version | sed 's/.* \([0-9.]*\).*/\1/'; }
puma_start() { rack "$1"; exec puma -e production -b "tcp://127.0.0.1:$2${3:+?backlog=$3}"; }
unicorn_version() { unicorn --version | sed 's/.* v\?\([0-9.]*\)$/\1/'; }
unicorn_start() { rack "$1"; echo "listen '127.0.0.1:$2'${3:+, backlog: $3}" >unicorn.rb; exec unicorn -E none -c unicorn.rb; }
unicorn_reload() { echo "listen '127.0.0.1:$2', backlog: $3" >"$1/unicorn.rb"; kill -HUP "$SERVER"; }

phpfpm_config() { cat >"$1/fpm.conf" <<END
[global]
error_log = $1/error.log
pid = $1/fpm.pid
daemonize = no
[www]
user = nobody
group = nogroup
listen = 127.0.0.1:$2
${3:+listen.backlog = $3}
pm = static
pm.max_children = 1
END
}
phpfpm_program() { compgen -c php-fpm | head -1; }
phpfpm_version() { $(phpfpm_program) -v | sed -n 's/^PHP \([0-9.]*\).*/\1/p'; }
phpfpm_start() { phpfpm_config "$@"; exec "$(phpfpm_program)" -F -y "$1/fpm.conf"; }
phpfpm_reload() { phpfpm_config "$@"; kill -USR2 "$SERVER"; }

JARS=/usr/share/java
tomcat_version() { basename "$(readlink -f $JARS/tomcat10-embed-core.jar)" .jar | sed 's/.*-//'; }
tomcat_start() {
  accept_count="tomcat.getConnector().setProperty(\"acceptCount\", \"${3:-100}\");"
  cat >"$1/Main.java" <<END
public class Main { public static void main(String[] a) throws Exception {
  var tomcat = new org.apache.catalina.startup.Tomcat(); tomcat.setBaseDir("$1"); tomcat.setPort($2);
  tomcat.getConnector().setProperty("address", "127.0.0.1"); ${3:+$accept_count}
  tomcat.start(); tomcat.getServer().await(); } }
END
  exec java -cp "$JARS/*" "$1/Main.java"
}
jetty_version() { dpkg-query -W -f '${Version}' libjetty9-java | sed 's/-.*//'; }
jetty_start() {
  cat >"$1/Main.java" <<END
import org.eclipse.jetty.server.*;
public class Main { public static void main(String[] a) throws Exception {
  var server = new Server(); var connector = new ServerConnector(server); connector.setHost("127.0.0.1"); connector.setPort($2);${3:+ connector.setAcceptQueueSize($3);}
  server.addConnector(connector); server.start(); server.join(); } }
END
  exec java -cp "$(printf '%s:' $JARS/jetty9-*.jar $JARS/servlet-api*.jar)" "$1/Main.java"
}
netty_version() { dpkg-query -W -f '${Version}' libnetty-java | sed 's/.*://; s/-.*//'; }
netty_start() {
  cat >"$1/Main.java" <<END
import io.netty.bootstrap.*; import io.netty.channel.*; import io.netty.channel.nio.*; import io.netty.channel.socket.nio.*;
public class Main { public static void main(String[] a) throws Exception {
  new ServerBootstrap().group(new NioEventLoopGroup(1)).channel(NioServerSocketChannel.class)${3:+.option(ChannelOption.SO_BACKLOG, $3)}
    .childHandler(new ChannelInboundHandlerAdapter()).bind("127.0.0.1", $2).sync().channel().closeFuture().sync(); } }
END
  exec java -cp "$(printf '%s:' $JARS/netty*.jar)" "$1/Main.java"
}
java_version() { java -version 2>&1 | sed -n 's/.*version "\(.*\)".*/\1/p'; }
java_start() {
  echo "public class Main { public static void main(String[] a) throws Exception { new java.net.ServerSocket($2, ${3:-0}, java.net.InetAddress.getByName(\"127.0.0.1\")).accept(); } }" >"$1/Main.java"
  exec java "$1/Main.java"
}

rust_version() { rustc --version | cut -d' ' -f2; }
rust_start() {
  echo "fn main() { let l = std::net::TcpListener::bind(\"127.0.0.1:$2\").unwrap(); loop { std::thread::park(); drop(&l); } }" >"$1/main.rs"
  rustc -o "$1/server" "$1/main.rs" && exec "$1/server"
}
erlang_version() { erl -noshell -eval 'io:format("~s", [erlang:system_info(otp_release)]), halt().'; }
erlang_start() { HOME=$1 exec erl -noshell -eval "{ok, _} = gen_tcp:listen($2, [{ip, {127,0,0,1}}${3:+, {backlog, $3\}}]), timer:sleep(infinity)."; }

postgres_bin() { ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1; }
postgres_version() { "$(postgres_bin)/postgres" --version | sed 's/.* \([0-9.]*\) .*/\1/'; }
postgres_start() {
  chown nobody "$1"; [ -d "$1/data" ] || setpriv --reuid nobody --clear-groups "$(postgres_bin)/initdb" -D "$1/data" -A trust
  exec setpriv --reuid nobody --clear-groups "$(postgres_bin)/postgres" -D "$1/data" -p "$2" -h 127.0.0.1 -k "$1" ${3:+-N $((($3 / 2) - 22))}
}
mariadb_version() { mariadbd --version | sed 's/.*Ver \([0-9.]*\).*/\1/'; }
mariadb_start() {
  chown nobody "$1"; [ -d "$1/data" ] || mariadb-install-db --no-defaults --user=nobody --datadir="$1/data" >/dev/null
  exec mariadbd --no-defaults --user=nobody --datadir="$1/data" --bind-address=127.0.0.1 --port="$2" --socket="$1/sock" ${3:+--back-log="$3"}
}
redis_version() { redis-server --version | sed 's/.*v=\([0-9.]*\).*/\1/'; }
redis_start() { exec redis-server --bind 127.0.0.1 --port "$2" --dir "$1" --save '' ${3:+--tcp-backlog "$3"}; }
memcached_version() { memcached --version | cut -d' ' -f2; }
memcached_start() { exec memcached -u nobody -l 127.0.0.1 -p "$2" ${3:+-b "$3"}; }
sshd_version() { sshd -V 2>&1 | sed -n 's/^OpenSSH_\([0-9.p]*\).*/\1/p'; }
sshd_start() { mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f "$1/key"; exec /usr/sbin/sshd -D -f /dev/null -h "$1/key" -o ListenAddress=127.0.0.1 -p "$2" -o PidFile=none; }
lighttpd_version() { lighttpd -v | sed -n 's,lighttpd/\([0-9.]*\).*,\1,p'; }
lighttpd_start() { echo "server.document-root = \"$1\"; server.port = $2; server.bind = \"127.0.0.1\"${3:+; server.listen-backlog = $3}" | tr ';' '\n' >"$1/conf"; exec lighttpd -D -f "$1/conf"; }
varnish_version() { varnishd -V 2>&1 | sed -n 's/.*varnish-\([0-9.]*\).*/\1/p'; }
varnish_start() { exec varnishd -F -n "$1/v" -a "127.0.0.1:$2" -b none ${3:+-p listen_depth="$3"}; }
