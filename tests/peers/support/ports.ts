import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const given = new Set<number>();

function free(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = createServer();
    stream.once('error', () => resolve(false));
    stream.listen(port, '127.0.0.1', () => {
      const datagram = createSocket('udp4');
      datagram.once('error', () => stream.close(() => resolve(false)));
      datagram.bind(port, '127.0.0.1', () => datagram.close(() => stream.close(() => resolve(true))));
    });
  });
}

/** Files of tests that run at once take their ports from halves of their own. */
const worker = Number(process.env['VITEST_POOL_ID'] ?? 1) % 2;
const first = 21_000 + worker * 5_500;
const ports = 550;

/**
 * A port of 127.0.0.1 that neither UDP nor TCP uses, below the range from which the system takes its own. Steps of
 * ten, because a peer told one SIP port takes the next for TLS.
 */
export async function freePort(): Promise<number> {
  for (let step = 0; step < ports; step++) {
    const port = first + ((process.pid * 10 + step) % ports) * 10;
    if (given.has(port)) continue;
    given.add(port);
    if ((await free(port)) && (await free(port + 1))) return port;
  }
  throw new Error(`no free port between ${String(first)} and ${String(first + ports * 10)}`);
}
