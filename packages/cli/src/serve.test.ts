import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@switchhook/exchange';
import { readAdminAccess } from '@switchhook/exchange/folder';
import { hashCredentials, portableHashes } from '@switchhook/sip';
import { afterEach, beforeEach, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../../..');
const users = Array.from({ length: 40 }, (_, index) => `user${String(index)}`);

let folder: string;
let port: number;
let child: ChildProcess | undefined;
let socket: Socket;

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address();
  probe.close();
  return free;
}

function writeConfiguration(names: readonly string[]): void {
  const subscribers = names.map((user) => `  - { user: ${user}, password: secret }`).join('\n');
  const listeners = `[{ protocol: udp, address: 127.0.0.1, port: ${String(port)} }]`;
  const text = `domains: [{ name: example.test }]\nlisteners: ${listeners}\nadmin: { port: 0 }\nlimits: { contactsPerSubscriber: 1000 }\nsubscribers:\n${subscribers}\n`;
  writeFileSync(join(folder, 'switchhook.yaml'), text);
}

const fromSource = ['--conditions=source', 'packages/cli/src/main.ts', 'serve'];

/** Runs `switchhook serve`, and resolves when it is ready. */
async function serve(
  command: readonly string[] = [process.execPath, ...fromSource],
): Promise<{ process: ChildProcess; output: () => string }> {
  const [program = '', ...parameters] = command;
  const started = spawn(program, [...parameters, '--config', join(folder, 'switchhook.yaml')], {
    cwd: repository,
    detached: true,
  });
  child = started;
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('Ready')) resolve();
    };
    started.stdout.on('data', hear);
    started.stderr.on('data', hear);
    started.once('exit', (code) => reject(new Error(`ended with ${String(code)}: ${output}`)));
  });
  return { process: started, output: () => output };
}

async function ended(running: ChildProcess): Promise<number | null> {
  if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
  return running.exitCode;
}

function send(user: string, sequence: number, authorization = ''): void {
  const text = [
    'REGISTER sip:example.test SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:${String(socket.address().port)};branch=z9hG4bK${user}-${String(sequence)};rport`,
    'Max-Forwards: 70',
    `From: <sip:${user}@example.test>;tag=${user}`,
    `To: <sip:${user}@example.test>`,
    `Call-ID: ${user}`,
    `CSeq: ${String(sequence)} REGISTER`,
    `Contact: <sip:${user}@127.0.0.1:${String(9_000 + sequence)}>`,
    'Expires: 600',
    authorization,
    'Content-Length: 0',
    '\r\n',
  ];
  socket.send(text.filter((line) => line !== '').join('\r\n'), port, '127.0.0.1');
}

function authorizationFor(user: string, nonce: string, count: number): string {
  const ha1 = hashCredentials(portableHashes, user, 'example.test', 'secret').MD5;
  const ha2 = portableHashes.hash('MD5', 'REGISTER:sip:example.test');
  const nc = count.toString(16).padStart(8, '0');
  const response = portableHashes.hash('MD5', `${ha1}:${nonce}:${nc}:x:auth:${ha2}`);
  return (
    `Authorization: Digest username="${user}", realm="example.test", nonce="${nonce}", uri="sip:example.test", ` +
    `response="${response}", algorithm=MD5, qop=auth, nc=${nc}, cnonce="x"`
  );
}

/**
 * Every user registers again and again, each time with the next contact, as fast as the answers come. Resolves with
 * the CSeq of the last 200 that each user saw, when `enough` of them have come and the exchange has been killed.
 */
function storm(enough: number, kill: () => void): Promise<Map<string, number>> {
  const acknowledged = new Map<string, number>();
  const nonces = new Map<string, string>();
  let count = 0;
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      const text = data.toString('latin1');
      const user = /^Call-ID: (.*)$/im.exec(text)?.[1] ?? '';
      const sequence = Number(/^CSeq: (\d+)/im.exec(text)?.[1]);
      if (text.startsWith('SIP/2.0 200')) {
        acknowledged.set(user, sequence);
        count += 1;
        if (count === enough) {
          kill();
          resolve(acknowledged);
        }
      } else nonces.set(user, /nonce="([^"]*)"/.exec(text)?.[1] ?? '');
      const nonce = nonces.get(user);
      send(user, sequence + 1, nonce === undefined ? '' : authorizationFor(user, nonce, sequence));
    });
    for (const user of users) send(user, 1);
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchhook-serve-'));
  port = await freePort();
  socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  writeConfiguration(users);
});

afterEach(async () => {
  socket.close();
  child?.kill('SIGKILL');
  if (child !== undefined) await ended(child);
});

test('no registration that was answered 200 is lost when the process is killed in a storm of them', async () => {
  const { process: running } = await serve();
  const acknowledged = await storm(1_500, () => running.kill('SIGKILL'));
  await ended(running);
  const database = openDatabase(join(folder, 'data'));
  const rows = database.prepare('SELECT address_of_record, state FROM registration').all();
  database.close();
  const kept = new Map(rows.map((row) => [String(row['address_of_record']), String(row['state'])]));
  expect(acknowledged.size).toBe(users.length);
  for (const [user, sequence] of acknowledged) {
    const sequences = [...(kept.get(`sip:${user}@example.test`) ?? '').matchAll(/"cseq":(\d+)/g)].map(([, n]) =>
      Number(n),
    );
    expect(Math.max(...sequences)).toBeGreaterThanOrEqual(sequence);
  }
  await serve();
}, 60_000);

test('TERM ends it with exit code 0, and HUP reads the configuration again', async () => {
  const { process: running, output } = await serve();
  writeConfiguration(['dave']);
  running.kill('SIGHUP');
  await expect.poll(output, { timeout: 10_000 }).toContain('configuration read again');
  writeFileSync(join(folder, 'switchhook.yaml'), 'domains: 5\n');
  running.kill('SIGHUP');
  await expect.poll(output, { timeout: 10_000 }).toContain('The configuration stays as it was');
  running.kill('SIGTERM');
  expect(await ended(running)).toBe(0);
}, 60_000);

test('Ctrl-C at npm start ends all of it with exit code 0, when the exchange has ended', async () => {
  const { process: running, output } = await serve(['npm', 'start', '--']);
  // A terminal sends it to everybody in the foreground: npm, what npm put in between, and the exchange.
  process.kill(-Number(running.pid), 'SIGINT');
  expect(await ended(running)).toBe(0);
  expect(output()).toContain('draining');
  await expect(fetch(readAdminAccess(join(folder, 'data'))?.url ?? '')).rejects.toThrow();
}, 60_000);

test('a taken port is named, with what to do', async () => {
  const blocker = createSocket('udp4').bind(port, '127.0.0.1');
  await once(blocker, 'listening');
  await expect(serve()).rejects.toThrow(`127.0.0.1 port ${String(port)} is taken`);
  blocker.close();
}, 60_000);

test('a second exchange of the same data folder says so and leaves the first alone', async () => {
  const { process: first } = await serve();
  port = await freePort();
  writeConfiguration(users);
  await expect(serve()).rejects.toThrow(
    /ended with 1: [^]*switchhook: another exchange is serving from .*; stop it first/,
  );
  expect(first.exitCode).toBeNull();
  first.kill('SIGTERM');
  expect(await ended(first)).toBe(0);
}, 60_000);

test('a damaged store is named, with what to do', async () => {
  openDatabase(join(folder, 'data')).close();
  writeFileSync(join(folder, 'data', 'exchange.db'), 'x'.repeat(4_096));
  await expect(serve()).rejects.toThrow(
    /ended with 1: [^]*switchhook: .*exchange\.db is damaged .* restore it from a backup/,
  );
}, 60_000);
