import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CaptureFile } from './capture-file.ts';
import { addressBytes, captureHeader } from './capture-format.ts';
import type { CapturedMedia, CapturedMessage } from './capture-format.ts';

const run = promisify(execFile);

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'capture-'));
  path = join(directory, 'sip.pcapng');
});

afterEach(() => rm(directory, { recursive: true }));

function sipMessage(startLine: string, method: string, body = ''): string {
  return [
    startLine,
    'Via: SIP/2.0/TCP pbx.example.com;branch=z9hG4bK87asdks7',
    'From: <sip:alice@example.com>;tag=9fxced76sl',
    'To: <sip:bob@example.com>',
    'Call-ID: 2xTb9vxSit55XU7p8@example.com',
    `CSeq: 1 ${method}`,
    'Contact: <sip:alice@192.0.2.1>',
    'Max-Forwards: 70',
    ...(body === '' ? [] : ['Content-Type: text/plain']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

const invite: CapturedMessage = {
  time: Date.UTC(2030, 0, 1, 12, 0, 0, 250),
  from: { address: '192.0.2.1', port: 5060 },
  to: { address: '192.0.2.2', port: 34_567 },
  protocol: 'UDP',
  text: sipMessage('INVITE sip:bob@example.com SIP/2.0', 'INVITE'),
};
const big: CapturedMessage = {
  ...invite,
  protocol: 'TCP',
  text: sipMessage('MESSAGE sip:bob@example.com SIP/2.0', 'MESSAGE', 'x'.repeat(61_440)),
};

const tshark = await run('tshark', ['--version']).then(
  () => true,
  () => false,
);

// Where everything is meant to be there, a missing tshark is a failure, not a reason to skip.
describe.skipIf(!tshark && process.env['CI'] === undefined)('tshark reads the file', () => {
  /** One line a packet, the fields between tabs. */
  async function read(...fields: string[]): Promise<string[]> {
    const { stdout } = await run('tshark', ['-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])], {
      env: { ...process.env, TZ: 'UTC' },
    });
    return stdout.replace(/\n$/, '').split('\n');
  }

  async function write(messages: readonly (CapturedMedia | CapturedMessage)[]): Promise<void> {
    const capture = await CaptureFile.open(path);
    for (const message of messages) capture.record(message);
    await capture.close();
  }

  test('each message is SIP, whatever carried it and on whatever port, and none is malformed', async () => {
    const ok = sipMessage('SIP/2.0 200 OK', 'INVITE');
    const tls: CapturedMessage = {
      ...invite,
      protocol: 'TLS',
      from: invite.to,
      to: { address: '192.0.2.1', port: 443 },
      text: ok,
    };
    const v6 = { from: { address: '2001:db8::1', port: 53 }, to: { address: '::ffff:192.0.2.9', port: 8080 } };
    await write([invite, big, tls, { ...invite, ...v6, protocol: 'WSS' }, { ...invite, protocol: 'WS' }]);
    expect(
      await read(
        'frame.protocols',
        'frame.interface_name',
        'frame.comment',
        'sip.Method',
        'sip.Status-Code',
        '_ws.malformed',
      ),
    ).toEqual([
      'exported_pdu:sip\tUDP\tUDP\tINVITE\t\t',
      'exported_pdu:sip:data-text-lines\tTCP\tTCP\tMESSAGE\t\t',
      'exported_pdu:sip\tTLS\tTLS\t\t200\t',
      'exported_pdu:sip\tWSS\tWSS\tINVITE\t\t',
      'exported_pdu:sip\tWS\tWS\tINVITE\t\t',
    ]);
  });

  test('with time, addresses and ports', async () => {
    const v6 = { address: '2001:db8:0:1::a', port: 5070 };
    await write([invite, { ...invite, time: invite.time + 0.5, from: v6, to: v6 }]);
    const addresses = ['ipv4_src', 'ipv4_dst', 'ipv6_src', 'ipv6_dst', 'src_port', 'dst_port'];
    expect(await read('frame.time_epoch', ...addresses.map((field) => `exported_pdu.${field}`))).toEqual([
      '1893499200.250000000\t192.0.2.1\t192.0.2.2\t\t\t5060\t34567',
      '1893499200.250500000\t\t\t2001:db8:0:1::a\t2001:db8:0:1::a\t5070\t5070',
    ]);
  });

  test('a message of 60 KiB is whole, and the messages make a call', async () => {
    await write([big, invite]);
    expect(await read('sip.Content-Length', 'sip.Call-ID', 'frame.cap_len')).toEqual([
      expect.stringMatching(/^61440\t2xTb9vxSit55XU7p8@example.com\t61\d{3}$/),
      expect.stringMatching(/^0\t2xTb9vxSit55XU7p8@example.com\t\d{3}$/),
    ]);
    const { stdout } = await run('tshark', ['-r', path, '-q', '-z', 'sip,stat']);
    expect(stdout).toMatch(/Number of SIP messages: 2/);
  });

  test('packets of media are RTP and RTCP, on whatever ports', async () => {
    const [from, to] = [
      { address: '192.0.2.1', port: 9 },
      { address: '2001:db8::1', port: 53 },
    ];
    const time = invite.time + 1;
    const rtp = Uint8Array.from([0x80, 0, 0, 7, 0, 0, 0, 160, 1, 2, 3, 4, ...Array.from({ length: 160 }, () => 255)]);
    const receiverReport = Uint8Array.from([0x80, 201, 0, 1, 1, 2, 3, 4]);
    await write([
      invite,
      { time, from, to: from, protocol: 'RTP', data: rtp, comment: 'the first' },
      { time, from: to, to, protocol: 'RTCP', data: receiverReport },
    ]);
    const fields = ['frame.interface_name', 'frame.comment', 'rtp.seq', 'rtp.p_type', 'rtcp.pt', '_ws.malformed'];
    expect((await read(...fields)).slice(1)).toEqual(['RTP\tthe first\t7\t0\t\t', 'RTCP\tRTCP\t\t\t201\t']);
  });

  test('bytes that are no SIP do no harm', async () => {
    await write([{ ...invite, text: '\0\xff\r\n\r\n' }, { ...invite, text: '' }, invite]);
    expect((await read('frame.number', 'sip.Method')).at(-1)).toBe('3\tINVITE');
  });
});

describe('the file', () => {
  const blockLengths = async (): Promise<number[]> => {
    const bytes = await readFile(path);
    const lengths: number[] = [];
    for (let offset = 0; offset < bytes.length; offset += lengths.at(-1) ?? 0) {
      lengths.push(bytes.readUInt32LE(offset + 4));
      expect(bytes.readUInt32LE(offset + (lengths.at(-1) ?? 0) - 4)).toBe(lengths.at(-1));
    }
    return lengths;
  };

  test('is for its owner only', async () => {
    await (await CaptureFile.open(path)).close();
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
  });

  test('is whole after flush(), before close()', async () => {
    const capture = await CaptureFile.open(path);
    const before = await blockLengths();
    for (let count = 0; count < 1_000; count += 1) capture.record(invite);
    await capture.flush();
    expect(await blockLengths()).toHaveLength(before.length + 1_000);
    expect(capture.stats()).toEqual({ recorded: 1_000, dropped: 0, pending: 0 });
    await capture.close();
  });

  test('what the disk is too slow for is lost and counted', async () => {
    const capture = await CaptureFile.open(path, { maximumPending: 200_000 });
    for (let count = 0; count < 10; count += 1) capture.record(big);
    expect(capture.stats()).toMatchObject({ recorded: 3, dropped: 7 });
    expect(capture.stats().pending).toBeLessThan(200_000);
    await capture.flush();
    capture.record(big);
    await capture.close();
    expect(capture.stats()).toEqual({ recorded: 4, dropped: 7, pending: 0 });
    capture.record(big);
    expect(capture.stats()).toMatchObject({ recorded: 4, dropped: 8 });
  });

  test('gives place to a new one when it is full, and keeps a few', async () => {
    const capture = await CaptureFile.open(path, { maximumFileSize: 70_000, keptFiles: 2 });
    for (let count = 0; count < 5; count += 1) capture.record(big);
    await capture.close();
    expect((await readdir(directory)).sort()).toEqual(['sip.pcapng', 'sip.pcapng.1', 'sip.pcapng.2']);
    for (const file of await readdir(directory)) {
      const bytes = await readFile(join(directory, file));
      expect(bytes.subarray(0, captureHeader().length)).toEqual(captureHeader());
      expect(bytes.includes(big.text)).toBe(true);
    }
  });

  test('that cannot be begun is an error', async () => {
    await expect(CaptureFile.open(join(directory, 'nowhere', 'sip.pcapng'))).rejects.toThrow('ENOENT');
  });

  test('that cannot be written any more says so once, and the calls go on', async () => {
    const errors: Error[] = [];
    const capture = await CaptureFile.open(path, { maximumFileSize: 1_000, onError: (error) => errors.push(error) });
    capture.record(invite);
    await capture.flush();
    // The file that is to be put aside is gone.
    await rm(path);
    for (let count = 0; count < 5; count += 1) capture.record(invite);
    await capture.flush();
    capture.record(invite);
    await capture.close();
    expect(errors).toHaveLength(1);
    expect(capture.stats()).toMatchObject({ dropped: 1, pending: 0 });
  });
});

test.each([
  ['192.0.2.1', 'c0000201'],
  ['::', '0'.repeat(32)],
  ['::1', `${'0'.repeat(31)}1`],
  ['2001:db8::1', '20010db8000000000000000000000001'],
  ['fe80::1:2%eth0', 'fe800000000000000000000000010002'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ['::ffff:192.0.2.1', 'c0000201'],
  ['', '00000000'],
])('the bytes of %s', (address, bytes) => {
  expect(addressBytes(address).toString('hex')).toBe(bytes);
});
