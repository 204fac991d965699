// Sends the same requests to nginx and to rcomm and prints where their answers differ. Usage: compare.js NGINX_PORT RCOMM_PORT
const net = require('net');
const ports = { nginx: Number(process.argv[2]), rcomm: Number(process.argv[3]) };
const get = (target, headers = '', method = 'GET') => `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`;
const requests = [
  ['the root', get('/')],
  ['a folder', get('/howdy')],
  ['a folder with a slash', get('/howdy/')],
  ['a page by its clean name', get('/about')],
  ['a page by its file name', get('/about.html')],
  ['a file', get('/style.css')],
  ['a file with a query', get('/style.css?v=1')],
  ['HEAD', get('/style.css', '', 'HEAD')],
  ['POST to a file', get('/style.css', 'Content-Length: 0\r\n', 'POST')],
  ['OPTIONS', get('/', '', 'OPTIONS')],
  ['missing', get('/missing')],
  ['hidden', get('/.hidden')],
  ['double slash', get('//style.css')],
  ['dot segments', get('/howdy/../style.css')],
  ['out of the root', get('/../secret')],
  ['out of the root, encoded', get('/%2e%2e/secret')],
  ['encoded slash', get('/howdy%2Findex.html')],
  ['encoded NUL', get('/%00')],
  ['bad escape', get('/%zz')],
  ['not UTF-8', get('/%ff')],
  ['encoded letter', get('/%73tyle.css')],
  ['If-None-Match: *', get('/style.css', 'If-None-Match: *\r\n')],
  ['If-None-Match: other', get('/style.css', 'If-None-Match: "x"\r\n')],
  ['If-Match: other', get('/style.css', 'If-Match: "x"\r\n')],
  ['If-Match: *', get('/style.css', 'If-Match: *\r\n')],
  ['If-Modified-Since in the future', get('/style.css', 'If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n')],
  ['If-Modified-Since long ago', get('/style.css', 'If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n')],
  ['If-Modified-Since, no date', get('/style.css', 'If-Modified-Since: x\r\n')],
  ['If-Unmodified-Since long ago', get('/style.css', 'If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n')],
  ['bytes=0-3', get('/style.css', 'Range: bytes=0-3\r\n')],
  ['bytes=-3', get('/style.css', 'Range: bytes=-3\r\n')],
  ['bytes=5-2', get('/style.css', 'Range: bytes=5-2\r\n')],
  ['bytes=1000-', get('/style.css', 'Range: bytes=1000-\r\n')],
  ['bytes=0-1,4-5', get('/style.css', 'Range: bytes=0-1,4-5\r\n')],
  ['bytes=0-1,1000-', get('/style.css', 'Range: bytes=0-1,1000-\r\n')],
  ['Range with If-Range: other', get('/style.css', 'Range: bytes=0-1\r\nIf-Range: "x"\r\n')],
  ['a range of items', get('/style.css', 'Range: items=0-1\r\n')],
  ['HEAD with a range', get('/style.css', 'Range: bytes=0-1\r\n', 'HEAD')],
  ['accepts gzip', get('/long.txt', 'Accept-Encoding: gzip\r\n')],
  ['accepts gzip with q=0', get('/long.txt', 'Accept-Encoding: gzip;q=0\r\n')],
  ['accepts br', get('/long.txt', 'Accept-Encoding: br\r\n')],
  ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['two Hosts', get('/', 'Host: y\r\n')],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
  ['HTTP/0.9', 'GET /\r\n'],
  ['HTTP/2.0 in a line', 'GET / HTTP/2.0\r\nHost: x\r\n\r\n'],
  ['absolute form', get('http://x/style.css')],
  ['a method in small letters', get('/', '', 'get')],
  ['two lengths', get('/', 'Content-Length: 4\r\nContent-Length: 5\r\n', 'POST') + 'abcde'],
  ['a length with a plus', get('/', 'Content-Length: +4\r\n', 'POST') + 'abcd'],
  ['a length and chunks', get('/', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', 'POST') + '0\r\n\r\n'],
  ['obs-fold', get('/', 'X: a\r\n b\r\n')],
  ['bare LF', 'GET / HTTP/1.1\nHost: x\nConnection: close\n\n'],
  ['bare CR in a value', get('/', 'X: a\rb\r\n')],
  ['bare CR in a target', get('/a\rb')],
  ['NUL in a value', get('/', 'X: a\0b\r\n')],
  ['space before the colon', get('/', 'X : a\r\n')],
  ['a target of 10,000 letters', get('/' + 'a'.repeat(10000))],
  ['a header of 40,000 letters', get('/', `X: ${'a'.repeat(40000)}\r\n`)],
  ['200 headers', get('/', Array.from({ length: 200 }, (_, i) => `X${i}: 1\r\n`).join(''))],
];
const ask = (port, request) => new Promise(done => {
  let answer = Buffer.alloc(0);
  const socket = net.connect(port, '127.0.0.1', () => socket.write(request, 'latin1'));
  socket.setTimeout(3000, () => socket.destroy());
  socket.on('data', data => { answer = Buffer.concat([answer, data]); });
  socket.on('error', () => {});
  socket.on('close', () => done(answer.toString('latin1')));
});
const summary = answer => {
  if (answer === '') return 'closed';
  const [head, ...body] = answer.split('\r\n\r\n');
  const header = name => (head.match(new RegExp(`^${name}: (.*)$`, 'im')) || [])[1];
  const parts = [(head.match(/^HTTP\/1\.[01] (\d+)/) || [, 'no status line'])[1]];
  for (const name of ['Location', 'Content-Type', 'Content-Range', 'Content-Encoding', 'Allow']) {
    const value = header(name);
    // An error's own page has whatever type it has.
    if (value && !(name === 'Content-Type' && Number(parts[0]) >= 300)) parts.push(value.replace(/boundary=.*/, 'boundary').replace(/http:\/\/x(:\d+)?/, '').replace(/; charset=utf-8/i, ''));
  }
  if (parts[0] === '200' || parts[0] === '206') parts.push(`${body.join('\r\n\r\n').length > 0 ? 'body' : 'no body'}`);
  return parts.join(' ');
};
(async () => {
  let same = 0;
  console.log('| request | nginx | rcomm |\n|---|---|---|');
  for (const [name, request] of requests) {
    const nginx = summary(await ask(ports.nginx, request)), rcomm = summary(await ask(ports.rcomm, request));
    if (nginx === rcomm) same++;
    else console.log(`| ${name} | ${nginx} | ${rcomm} |`);
  }
  console.log(`\n${same} of ${requests.length} alike`);
})();
