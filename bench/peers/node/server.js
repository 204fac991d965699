// Node's own http server with its defaults: the small page from memory, the large file as a stream.
"use strict";
const http = require("node:http"), fs = require("node:fs"), path = require("node:path");
const [port, root, backlog] = process.argv.slice(2);
const page = fs.readFileSync(path.join(root, "page.txt"));
const server = http.createServer((request, response) => {
  if (request.url === "/page.txt") {
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": page.length });
    response.end(page);
  } else if (request.url === "/large.bin") {
    response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": fs.statSync(path.join(root, "large.bin")).size });
    fs.createReadStream(path.join(root, "large.bin")).pipe(response);
  } else {
    response.writeHead(404).end();
  }
});
if (backlog) server.listen({ port: Number(port), host: "127.0.0.1", backlog: Number(backlog) });
else server.listen(Number(port), "127.0.0.1");
