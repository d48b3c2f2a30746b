/**
 * `npm run bench:ladder`: where the CPU time of a call goes. The same calls at the same rate through a bare relay of
 * datagrams, the UDP transport, a stateless proxy on the transport layer, transactions and proxy, the whole exchange,
 * and Kamailio, measured as `SideBySide` says. What a rung costs more than the one before it is the price of what it
 * does more.
 *
 * Options: --rounds N (3), --rate CALLS (2000 a second), --seconds N (4), --rungs NAME,NAME,…
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { callee, caller, node, SideBySide } from './side-by-side.ts';
import type { Server } from './side-by-side.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '4' },
    rungs: { type: 'string', default: 'relay,transport,stateless,core,exchange,kamailio' },
  },
});
const [rounds, rate, seconds] = [Number(options.rounds), Number(options.rate), Number(options.seconds)];
const bench = new SideBySide({ rounds, rate, seconds, transport: 'udp' });

function server(name: string, place: number): Server {
  if (name === 'exchange') return bench.exchange([]);
  if (name === 'kamailio') return bench.kamailio();
  const port = 5100 + place;
  const program = join(import.meta.dirname, 'rung.ts');
  const command = [node, '--conditions=source', program, name, ...[port, caller, callee].map(String)];
  return { name, port, cwd: bench.directory, command, registers: false };
}

console.log(`node ${process.version}; ${rate} calls a second, ${rate * seconds} calls a round, ${rounds} rounds`);
await bench.run(options.rungs.split(',').map(server));
