import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { TextPhone } from './call.testing.ts';
import { startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { methodOf, requestText, responseText, statusOf } from './sip-text.testing.ts';

const repository = join(import.meta.dirname, '../../..');
const main = join(repository, 'packages/cli/src/main.ts');
const node = join(repository, 'node_modules/.bin/node');

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let bob: TextPhone;
let attacker: DatagramPeer;

/** What clears a screen, rings, begins a line, in one byte and in several. */
const escapes = '\x1b[2J\x07\x9b31m\x7f';
const escaped = '%1b[2J%07%9b31m%0d%0aforged%7f'.replaceAll('[', '%5b');

beforeAll(async () => {
  ({ exchange, end } = await startExchange({}, ['--ladder']));
  bob = await TextPhone.open(exchange.ports.udp, 'bob');
  attacker = await DatagramPeer.open(exchange.ports.udp);
  const contact = `Contact: <sip:${escaped}@${bob.peer.address}:${bob.peer.port}>`;
  expect(statusOf(await bob.register([contact, `User-Agent: phone ${escapes}`, 'Expires: 600']))).toBe(200);
  const ringing = attacker.ask(
    requestText({
      method: 'INVITE',
      uri: 'sip:bob@127.0.0.1',
      from: `sip:${escaped}@elsewhere.invalid`,
      callId: 'hostile-call',
      headers: [`Contact: <sip:m@127.0.0.1:${attacker.port}>`, `Subject: ${escapes}`],
    }),
  );
  const invite = await bob.peer.inbox.find((text) => methodOf(text) === 'INVITE');
  bob.peer.send(responseText(invite, 486, 'bobs').replace('Whatever', `Busy ${escapes}`));
  expect(statusOf(await ringing)).toBe(486);
}, 40_000);

afterAll(async () => {
  bob.close();
  attacker.close();
  await end();
});

async function command(...parameters: string[]): Promise<string> {
  const line = ['--conditions=source', main, ...parameters, '--data', exchange.data];
  return (await promisify(execFile)(node, line)).stdout;
}

/** Everything that a terminal would obey, line ends apart. */
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

describe('what strangers write does not reach the terminal as they wrote it', () => {
  test('in the status', async () => {
    const shown = await command('status');
    expect(shown).toContain('phone');
    expect(shown).not.toMatch(controls);
  });

  test('in the status as JSON', async () => {
    expect(await command('status', '--json')).not.toMatch(controls);
  });

  test('in a ladder', async () => {
    const shown = await command('ladder', 'hostile');
    expect(shown).toContain('486 Busy');
    expect(shown).not.toMatch(controls);
  });

  test('in the log, of which each line is one that the exchange wrote', async () => {
    await exchange.process.waitFor(/hostile-call/);
    const lines = exchange.process.output.split('\n').filter((line) => line.includes('hostile-call'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ msg: 'call', outcome: 'busy' }]);
    expect(exchange.process.output).not.toMatch(controls);
    expect(exchange.process.output).not.toMatch(/^.{0,3}forged/m);
  });
});
