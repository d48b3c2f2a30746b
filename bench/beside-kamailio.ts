/**
 * `npm run bench`: the exchange beside Kamailio 5.6 with its fast allocator, in one run, as CPU time per 1,000 calls.
 *
 * A call is seven messages (INVITE 100 180 200 ACK BYE 200) through a stateful, record-routing proxy with a location
 * lookup. `SideBySide` says how it is measured.
 *
 * At 2,000 calls a second, as the figures were taken from which the aim comes: at lower rates both servers sleep before
 * nearly every message, and what is measured is what waking up costs on the machine.
 *
 * Options: --transport udp, tcp or tls (udp; one connection a side), --rounds N (5), --rate CALLS (2000 a second;
 * 1000 over a connection, for SIPp reads no more in time), --seconds N (10), --only (without Kamailio), --before FOLDER (in
 * turns with the exchange of another checkout), --profile (writes a CPU profile of the exchange to bench/profiles),
 * --node-options OPTIONS (for the exchange).
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SideBySide } from './side-by-side.ts';
import type { SippTransport } from './sipp.ts';

const { values: options } = parseArgs({
  options: {
    transport: { type: 'string', default: 'udp' },
    before: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    'node-options': { type: 'string', default: '' },
  },
});

const transport = sippTransport(options.transport);
const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
const rate = Number(options.rate ?? (transport === 'udp' ? 2_000 : 1_000));

function sippTransport(text: string): SippTransport {
  if (text === 'udp' || text === 'tcp' || text === 'tls') return text;
  throw new Error(`no calls are made over ${text}`);
}

const versions = spawnSync('kamailio', ['-v'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '';
console.log(
  `${versions}; node ${process.version}; ${transport}; ${rate} calls a second, ${rate * seconds} calls a round, ${rounds} rounds`,
);
const bench = new SideBySide({ rounds, rate, seconds, transport });
const profile = options.profile ? ['--cpu-prof', '--cpu-prof-dir', join(import.meta.dirname, 'profiles')] : [];
const nodeOptions = options['node-options'].split(' ').filter((option) => option !== '');
const servers = [bench.exchange([...profile, ...nodeOptions])];
if (options.before !== undefined) servers.push(bench.exchange(nodeOptions, resolve(options.before)));
if (!options.only) servers.push(bench.kamailio());
const [ours = Number.NaN, ...others] = await bench.run(servers);
const ratios = others.map((theirs) => (ours / theirs).toFixed(2));
if (ratios.length > 0) console.log(`ratios of the medians: ${ratios.join(', ')}`);
