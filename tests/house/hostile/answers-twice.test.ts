/** A far end that answers twice, and more often: raw datagrams against the phone as a program of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PeerProcess } from '../../peers/support/peer-process.ts';
import { freePort } from '../../peers/support/ports.ts';
import { DatagramPeer } from './peers.testing.ts';
import { headerOf, methodOf, responseText } from './sip-text.testing.ts';

const repository = join(import.meta.dirname, '../../..');
const node = join(repository, 'node_modules/.bin/node');
const main = join(repository, 'packages/cli/src/main.ts');

let directory: string;
let phone: PeerProcess;
let far: DatagramPeer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'switchhook-twice-'));
  const port = await freePort();
  far = await DatagramPeer.open(port);
  phone = new PeerProcess('switchhook phone', node, [
    ...['--conditions=source', main, 'phone', '--json', '--no-register', '--no-sound', '--srtp', 'none'],
    ...['--transport', 'udp', '--port', String(port), '--data', directory, 'sip:alice@127.0.0.1'],
  ]);
  await phone.waitFor(/"event":"started"/);
});

afterEach(async () => {
  await phone.stop();
  far.close();
  rmSync(directory, { recursive: true, force: true });
});

function tell(command: Record<string, unknown>): void {
  phone.write(JSON.stringify(command));
}

/** Has the phone call; answers its INVITE. */
async function called(): Promise<string> {
  tell({ id: 1, command: 'call', to: `sip:bob@127.0.0.1:${far.port}` });
  return far.inbox.find((text) => methodOf(text) === 'INVITE', 'the INVITE');
}

const description = (port: number): string =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${port} RTP/AVP 0`, ''].join(
    '\r\n',
  );

function answer(invite: string, tag: string, media = 9): void {
  const body = description(media);
  const headers = [`Contact: <sip:${tag}@127.0.0.1:${far.port}>`, 'Content-Type: application/sdp'];
  const head = responseText(invite, 200, tag, headers).replace('Content-Length: 0', `Content-Length: ${body.length}`);
  far.send(`${head}${body}`);
}

/** What has come to the far end of this tag, the methods in their order. */
const cameTo = (tag: string): string[] =>
  far.inbox.texts.filter((text) => headerOf(text, 'To').endsWith(`tag=${tag}`)).map(methodOf);

const until = (look: () => void): Promise<void> => vi.waitFor(look, { timeout: 10_000, interval: 5 });

/** Takes every goodbye that has come to this tag. */
async function takeGoodbye(tag: string): Promise<void> {
  const isGoodbye = (text: string): boolean => methodOf(text) === 'BYE' && headerOf(text, 'To').endsWith(`tag=${tag}`);
  far.send(responseText(await far.inbox.find(isGoodbye, `a BYE of ${tag}`), 200, tag));
}

const states = (): string[] =>
  [...phone.output.matchAll(/"change":"state".*?"state":"(\w+)"/g)].map(([, state = '']) => state);

test('several branches answer: the first has the call, each other is acknowledged and hung up (RFC 3261 13.2.2.4)', async () => {
  const invite = await called();
  for (const tag of ['one', 'two', 'three']) answer(invite, tag);
  await takeGoodbye('two');
  await takeGoodbye('three');
  await phone.waitFor(/"event":"done","id":1/);
  expect([cameTo('one'), cameTo('two'), cameTo('three')]).toEqual([['ACK'], ['ACK', 'BYE'], ['ACK', 'BYE']]);
  // One that was lost on its way comes again, long after.
  answer(invite, 'two');
  answer(invite, 'four');
  await takeGoodbye('four');
  await until(() => expect(cameTo('two')).toEqual(['ACK', 'BYE', 'ACK']));
  expect(states()).toEqual(['connected']);
  tell({ id: 2, command: 'hangup' });
  await takeGoodbye('one');
  await phone.waitFor(/"event":"done","id":2/);
  expect(cameTo('one')).toEqual(['ACK', 'BYE']);
  expect(phone.output).toMatch(/"change":"ended".*"message":"you hung up on bob"/);
});

test('one answers over and over, with other words and a refusal between: it is acknowledged each time, and is one call', async () => {
  const invite = await called();
  answer(invite, 'one');
  await phone.waitFor(/"event":"done","id":1/);
  far.send(responseText(invite, 486, 'one'));
  answer(invite, 'one', 0);
  answer(invite, 'one', 19);
  await until(() => expect(cameTo('one')).toEqual(['ACK', 'ACK', 'ACK']));
  tell({ id: 2, command: 'status' });
  await phone.waitFor(/"event":"status","id":2/);
  expect(states()).toEqual(['connected']);
  expect(phone.output).not.toContain('"ended"');
  tell({ id: 3, command: 'hangup' });
  await takeGoodbye('one');
  await phone.waitFor(/"event":"done","id":3/);
});

test('two answer after it was given up: it is over for the person at once, and both are hung up', async () => {
  const invite = await called();
  tell({ id: 2, command: 'hangup' });
  await phone.waitFor(/"change":"ended"/);
  expect(far.inbox.texts.map(methodOf).filter((method) => method !== 'INVITE')).toEqual([]);
  answer(invite, 'one');
  answer(invite, 'two');
  await takeGoodbye('one');
  await takeGoodbye('two');
  await phone.waitFor(/"event":"done","id":2/);
  expect([cameTo('one'), cameTo('two')]).toEqual([
    ['ACK', 'BYE'],
    ['ACK', 'BYE'],
  ]);
  expect(states()).toEqual([]);
  expect(phone.output).toMatch(/"event":"failed","id":1.*"kind":"cancelled"/);
});
