// Node's http server with a page of 1 KiB. Usage: node node.js PORT [BACKLOG]
const [port, backlog] = process.argv.slice(2).map(Number), page = "x".repeat(1024);
require("http").createServer((request, response) => response.end(page)).listen({ port, host: "127.0.0.1", backlog });
