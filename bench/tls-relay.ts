/**
 * Puts TLS before SIPp, which has none in Debian's build: `node bench/tls-relay.ts PEM MODE:PORT:TARGET…`. As `open` it
 * accepts TLS at a port and carries what comes to the target in clear, as `seal` the other way round. PEM has key,
 * certificate and authority; whoever is called is not checked, for it is no part of what is measured.
 */
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';

const [file = '', ...ways] = process.argv.slice(2);
const pem = readFileSync(file, 'utf8');
const host = '127.0.0.1';

function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.setNoDelay(true);
    from.on('error', () => to.destroy()).on('close', () => to.destroy());
    from.pipe(to);
  }
}

for (const way of ways) {
  const [mode, port, target] = way.split(':');
  const to = { host, port: Number(target) };
  const server =
    mode === 'open'
      ? createTlsServer({ key: pem, cert: pem }, (socket) => join(socket, connect(to)))
      : createServer((socket) => join(socket, connectTls({ ...to, rejectUnauthorized: false })));
  server.listen(Number(port), host);
}
