// A service as many are: one process, a backlog of 128, and 2 ms of work for each request during which nothing is accepted.
const http = require('http');
http.createServer((request, response) => {
  const end = process.hrtime.bigint() + 2_000_000n;
  while (process.hrtime.bigint() < end);
  response.end('done\n');
}).listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 128 });
