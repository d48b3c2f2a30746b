import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { describeWithPeers } from './support/presence.ts';
import { Sipp } from './support/sipp.ts';
import { melody, writeWav } from './support/sound.ts';
import { tshark } from './support/tshark.ts';

const callerSide = [
  '> INVITE',
  '< 407',
  '> ACK',
  '> INVITE',
  '< 100',
  '< 180',
  '< 200',
  '> ACK',
  '> BYE',
  '< 200',
] as const;
const calleeSide = ['< INVITE', '> 180', '> 200', '< ACK', '< BYE', '> 200'] as const;
/** A caller of another domain is not asked for a password. */
const strangerSide = ['> INVITE', '< 100', '< 180', '< 200', '> ACK', '> BYE', '< 200'] as const;

describeWithPeers('Wireshark reads what --capture writes', ['baresip', 'sipp', 'tshark'], () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-captures-'));
  const capture = join(directory, 'sip.pcapng');
  const sound = join(directory, 'sound.wav');
  let exchange: ExchangeProcess;

  async function phone(user: string, transport: 'udp' | 'tls', answers: 'auto' | 'manual'): Promise<Baresip> {
    const name = `${user}-${transport}`;
    const started = await Baresip.start(name, {
      directory: join(directory, name),
      account: `<sip:${user}@127.0.0.1:${exchange.ports[transport]};transport=${transport}>;auth_pass=${passwordOf(user)};regint=600`,
      plays: sound,
      answers,
      certificateAuthority: exchange.certificateAuthority,
    });
    await started.registered();
    return started;
  }

  /** A call between two phones over one transport. */
  async function call(caller: string, callee: string, transport: 'udp' | 'tls'): Promise<void> {
    const called = await phone(callee, transport, 'auto');
    const calling = await phone(caller, transport, 'manual');
    try {
      calling.command('dial', `sip:${callee}@127.0.0.1:${exchange.ports[transport]};transport=${transport}`);
      await called.event('CALL_ESTABLISHED');
      calling.command('hangup');
      await called.event('CALL_CLOSED');
      await calling.event('CALL_CLOSED');
    } finally {
      await calling.stop();
      await called.stop();
    }
  }

  /** A SIPp over TCP calls a phone over UDP. */
  async function callFromAfar(): Promise<void> {
    const called = await phone('bill', 'udp', 'auto');
    try {
      const caller = await Sipp.start({
        directory,
        scenario: 'call',
        remote: `127.0.0.1:${exchange.ports.tcp}`,
        arguments: ['-t', 't1', '-s', 'bill', '-m', '1', '-d', '100'],
      });
      expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
    } finally {
      await called.stop();
    }
  }

  async function askOverWebSocket(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${exchange.ports.ws}`, 'sip');
    await once(socket, 'open');
    const lines = [
      'OPTIONS sip:127.0.0.1 SIP/2.0',
      'Via: SIP/2.0/WS asker.invalid;branch=z9hG4bKasker',
      'Max-Forwards: 70',
      'From: <sip:asker@asker.invalid>;tag=asker',
      'To: <sip:127.0.0.1>',
      'Call-ID: over-websocket',
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`);
    await once(socket, 'message');
    socket.close();
    await once(socket, 'close');
  }

  beforeAll(async () => {
    writeWav(sound, melody(1, 5));
    exchange = await ExchangeProcess.start({ directory, arguments: ['--capture', capture] });
    try {
      await call('alice', 'bob', 'tls');
      await call('carol', 'bob', 'udp');
      await callFromAfar();
      await askOverWebSocket();
    } finally {
      await exchange.stop();
    }
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** What the caller and the callee of a call sent (`>`) and got (`<`), without what either side repeated. */
  async function sidesOfCall(caller: string): Promise<string[][]> {
    const [invite] = await tshark(capture, `sip.Method == "INVITE" && sip.from.user == "${caller}"`, ['sip.Call-ID']);
    const ports = ['exported_pdu.src_port', 'exported_pdu.dst_port'];
    const message = ['sip.Method', 'sip.Status-Code', 'sip.CSeq.method', 'sip.Via.branch'];
    const rows = await tshark(capture, `sip.Call-ID == "${invite?.[0] ?? ''}"`, [...ports, ...message]);
    // The exchange has several ports too: a request of over 1300 bytes leaves by TCP (RFC 3261 18.1.1).
    const callerPort = rows[0]?.[0];
    const calleePort = rows.find(([, , , status]) => status === '180')?.[0];
    const seen = new Set<string>();
    const sides: [string[], string[]] = [[], []];
    for (const row of rows) {
      if (seen.has(row.join(' '))) continue;
      seen.add(row.join(' '));
      const [from = '', to = '', method = '', status = ''] = row;
      const side = from === callerPort || to === callerPort ? sides[0] : sides[1];
      side.push(`${from === callerPort || from === calleePort ? '>' : '<'} ${method}${status}`);
    }
    return sides;
  }

  test.each([
    { transport: 'TLS', caller: 'alice', sides: [callerSide, calleeSide] },
    { transport: 'UDP', caller: 'carol', sides: [callerSide, calleeSide] },
    { transport: 'TCP to UDP', caller: 'caller', sides: [strangerSide, calleeSide] },
  ])('both sides of a call over $transport, from INVITE to the 200 for BYE', async ({ caller, sides }) => {
    expect(await sidesOfCall(caller)).toEqual(sides);
  });

  test('each message is told by the transport that carried it', async () => {
    const transports = async (filter: string): Promise<string[]> => {
      const rows = await tshark(capture, filter, ['frame.interface_name']);
      return [...new Set(rows.flat())];
    };
    expect(await transports('sip.from.user == "alice" && !(sip.CSeq.method == "REGISTER")')).toEqual(['TLS']);
    expect(await transports('sip.from.user == "carol" && sip.CSeq.method == "REGISTER"')).toEqual(['UDP']);
    expect(await transports('sip.from.user == "caller" && sip.CSeq.method == "INVITE"')).toEqual(['TCP', 'UDP']);
    expect(await transports('sip.Call-ID == "over-websocket"')).toEqual(['WS']);
  });

  test('a question over WebSocket and its answer are plain SIP', async () => {
    const rows = await tshark(capture, 'sip.Call-ID == "over-websocket"', ['sip.Method', 'sip.Status-Code']);
    expect(rows).toEqual([
      ['OPTIONS', ''],
      ['', '200'],
    ]);
  });

  test('session descriptions are read too', async () => {
    const rows = await tshark(capture, 'sip.from.user == "alice" && sip.Method == "INVITE" && sdp', [
      'sdp.media.media',
    ]);
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.flat())).toEqual(new Set(['audio']));
  });

  test('nothing is malformed, and everything is SIP', async () => {
    expect(await tshark(capture, '_ws.malformed || !sip', ['frame.number'])).toEqual([]);
  });
});
