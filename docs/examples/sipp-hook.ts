/**
 * Has a SIPp play a part, and tells it the steps in the middle of its call, for
 * `switchhook flow 2.4 --as alice=sip:alice@127.0.0.1:5080 --hook 'node docs/examples/sipp-hook.ts docs/examples/sipp-transferor.xml'`.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** As much of a step as this needs. */
interface Step {
  readonly action: string;
  readonly role: string;
  readonly target?: { readonly addressOfRecord: string };
  readonly account: { readonly addressOfRecord: string };
}

const port = 5080;
/** What it says that is done without being told. */
const byItself = new Set(['answer', 'let-ring']);

const { action, role, target, account } = JSON.parse(await text(process.stdin)) as Step;
const [, , scenario = ''] = process.argv;
const log = join(tmpdir(), `sipp-${role}.log`);
const pid = join(tmpdir(), `sipp-${role}.pid`);

if (action === 'prepare') {
  rmSync(log, { force: true });
  const place = ['-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', String(port)];
  const own = ['-key', 'own', account.addressOfRecord];
  const child = spawn(
    'sipp',
    ['-sf', scenario, ...place, ...own, '-aa', '-rtp_echo', '-nostdin', '-trace_logs', '-log_file', log],
    { detached: true, stdio: 'ignore' },
  );
  writeFileSync(pid, String(child.pid));
  child.unref();
} else if (action === 'finish') {
  process.kill(Number(readFileSync(pid, 'latin1')));
} else if (!byItself.has(action)) {
  // The scenario has logged the Call-ID, by which SIPp finds the call that a request is for.
  const callId = readFileSync(log, 'latin1').trim().split('\n').at(-1) ?? '';
  const method = action.toUpperCase();
  const request = [
    `${method} sip:${role}@127.0.0.1:${port} SIP/2.0`,
    'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKhook',
    'From: <sip:hook@127.0.0.1>;tag=1',
    `To: <${account.addressOfRecord}>`,
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    `Target: <${target?.addressOfRecord ?? ''}>`,
    'Content-Length: 0',
    '',
    '',
  ];
  const socket = createSocket('udp4');
  socket.send(request.join('\r\n'), port, '127.0.0.1', () => socket.close());
}
