// Draws how many connections gather in a listen queue while nothing is accepted: arrival rate times stall. Usage: plot.js > ../../docs/how-large.svg
const rates = [500, 2000, 10000, 50000], width = 720, height = 400, left = 70, right = 180, top = 20, bottom = 50;
const stalls = [1, 1000], backlogs = [10, 100000];
const log = Math.log10;
const x = ms => left + (log(ms) - log(stalls[0])) / (log(stalls[1]) - log(stalls[0])) * (width - left - right);
const y = n => height - bottom - (log(n) - log(backlogs[0])) / (log(backlogs[1]) - log(backlogs[0])) * (height - top - bottom);
const line = (x1, y1, x2, y2, more) => `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${more}/>`;
const text = (px, py, anchor, words, more = '') => `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" text-anchor="${anchor}" ${more}>${words}</text>`;
const out = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#444">`, `<rect width="${width}" height="${height}" fill="#fff"/>`];
for (const ms of [1, 10, 100, 1000]) out.push(line(x(ms), top, x(ms), height - bottom, 'stroke="#ddd"'), text(x(ms), height - bottom + 18, 'middle', ms < 1000 ? `${ms} ms` : '1 s'));
for (const n of [10, 100, 1000, 10000, 100000]) out.push(line(left, y(n), width - right, y(n), 'stroke="#ddd"'), text(left - 8, y(n) + 4, 'end', n.toLocaleString('en')));
for (const [n, name] of [[128, 'rcomm, many others'], [512, 'Kestrel, nginx (511)'], [4096, 'somaxconn']])
  out.push(line(left, y(n), width - right, y(n), 'stroke="#c33" stroke-dasharray="4 4"'), text(width - right + 6, y(n) + 4, 'start', `${n.toLocaleString('en')}: ${name}`, 'fill="#c33" font-size="11"'));
for (const rate of rates) {
  const from = Math.max(stalls[0], backlogs[0] / rate * 1000), to = Math.min(stalls[1], backlogs[1] / rate * 1000);
  out.push(line(x(from), y(rate * from / 1000), x(to), y(rate * to / 1000), 'stroke="#0d6e74" stroke-width="2"'));
  const at = 30;
  out.push(text(x(at), y(rate * at / 1000) - 6, 'end', `${rate.toLocaleString('en')} /s`, 'fill="#0d6e74" font-weight="600"'));
}
out.push(text((left + width - right) / 2, height - 10, 'middle', 'longest time in which nothing is accepted'), `<g transform="translate(16 ${(top + height - bottom) / 2}) rotate(-90)">${text(0, 0, 'middle', 'connections that wait')}</g>`, '</svg>');
console.log(out.join('\n'));
