/** SIPp refers a `switchhook phone --json` outside of any dialog (RFC 3515, 4488, 4538): as one who may, and as a stranger. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { freePort } from './support/ports.ts';
import { describeWithPeers } from './support/presence.ts';
import { Sipp } from './support/sipp.ts';
import { sessionDescription } from './support/sipp-script.ts';
import { writeWav } from './support/sound.ts';
import { SwitchhookPhone } from './support/switchhook-phone.ts';

const directory = mkdtempSync(join(tmpdir(), 'switchhook-refer-'));
const silence = join(directory, 'silence.wav');
const proof = `[authentication username=alice password=${passwordOf('alice')}]`;
/** The dialog of SIPp's call, as SIPp sees it; step `call` finds the tag of the far end. */
const targetDialog = 'Target-Dialog: [call_id];local-tag=[$tag];remote-tag=[pid]S[call_number]';
let exchange: ExchangeProcess;
let bob: SwitchhookPhone;
let port: number;

/** A request of alice's, within the dialog or outside. */
function send(cseq: number, method: string, headers: readonly string[], { within = false, body = '' } = {}): string {
  const lines = [
    `${method} ${within ? '[next_url]' : 'sip:bob@127.0.0.1'} SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
    'Max-Forwards: 70',
    ...(within ? ['[routes]'] : []),
    'From: <sip:alice@127.0.0.1>;tag=[pid]S[call_number]',
    `To: <sip:bob@127.0.0.1>${within ? ';tag=[$tag]' : ''}`,
    'Call-ID: [call_id]',
    `CSeq: ${String(cseq)} ${method}`,
    'Contact: <sip:alice@[local_ip]:[local_port]>',
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    'Content-Length: [len]',
    '',
    ...(body === '' ? [] : [body]),
  ];
  return `<send${method === 'ACK' ? '' : ' retrans="500"'}><![CDATA[\n\n${lines.join('\n')}\n]]></send>`;
}

const receive = (status: number, more = ''): string => `<recv response="${String(status)}"${more}`;
/** Proves who it is, once it is asked to. */
const proved = (cseq: number, method: string, headers: readonly string[], body = ''): string[] => [
  send(cseq, method, headers, { body }),
  receive(407, ' auth="true"/>'),
  ...(method === 'INVITE' ? [send(cseq, 'ACK', []).replace('branch=[branch]', 'branch=[branch-1]')] : []),
  send(cseq + 1, method, [...headers, proof], { body }),
];
const answered = [
  '<recv response="100" optional="true"/>',
  '<recv response="180" optional="true"/>',
  `${receive(200, ' rrs="true"')}><action><ereg regexp=";tag=(.*)" search_in="hdr" header="To:" check_it="true" assign_to="all,tag"/><log message="[$all]"/></action></recv>`,
];

async function sipp(name: string, steps: readonly string[], remote: number): Promise<Sipp> {
  const scenario = join(directory, `${name}.xml`);
  writeFileSync(
    scenario,
    `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario>\n${steps.join('\n')}\n</scenario>\n`,
  );
  // Of itself SIPp proves who it is for where it sends to, which is not the Request-URI (RFC 7616 3.4.6).
  const options = ['-m', '1', '-timeout', '20', '-auth_uri', 'bob@127.0.0.1'];
  return Sipp.start({ directory, scenario, remote: `127.0.0.1:${String(remote)}`, arguments: options });
}

const done = { successful: 1, failed: 0 };
const referTo = 'Refer-To: <sip:carol@127.0.0.1>';
const quiet = 'Refer-Sub: false';
const pause = '<pause milliseconds="500"/>';

describeWithPeers('REFER outside of a dialog, by SIPp', ['sipp'], () => {
  beforeAll(async () => {
    writeWav(silence, new Int16Array(960_000));
    mkdirSync(join(directory, 'exchange'));
    exchange = await ExchangeProcess.start({ directory: join(directory, 'exchange') });
    port = await freePort();
    const own = { directory: join(directory, 'bob'), exchange, user: 'bob', plays: silence, port } as const;
    bob = await SwitchhookPhone.start('bob', { ...own, transport: 'udp', srtp: 'none', group: '127.0.0.1' });
    await bob.tells({ event: 'registration', state: 'registered' });
  }, 60_000);

  afterAll(async () => {
    await bob.stop();
    await exchange.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test('about no call: the person is asked, and says no', async () => {
    const told = bob.told.length;
    const peer = await sipp('none', [...proved(1, 'REFER', [referTo]), receive(603, '/>')], exchange.ports.udp);
    await bob.tells({ event: 'referral', state: 'asked', to: 'sip:carol@127.0.0.1' }, { from: told });
    await bob.command('refuse');
    expect(await peer.finished()).toMatchObject(done);
  }, 60_000);

  test('Refer-Sub: false: it is said so in the 200, and no NOTIFY comes', async () => {
    const told = bob.told.length;
    const agreed = `${receive(200)}><action><ereg regexp="false" search_in="hdr" header="Refer-Sub:" check_it="true" assign_to="sub"/><log message="[$sub]"/></action></recv>`;
    const steps = [...proved(1, 'REFER', [referTo, quiet]), agreed, pause];
    const peer = await sipp('quiet', steps, exchange.ports.udp);
    await bob.tells({ event: 'referral', state: 'asked' }, { from: told });
    await bob.command('accept').catch(() => undefined);
    await bob.tells({ event: 'referral', state: 'failed' }, { from: told });
    expect(await peer.finished()).toMatchObject(done);
  }, 60_000);

  test('Target-Dialog, by the far end of that call: it is followed without a question', async () => {
    const told = bob.told.length;
    const steps = [
      ...proved(1, 'INVITE', [], sessionDescription(1)),
      ...answered,
      send(2, 'ACK', [], { within: true }),
      ...proved(3, 'REFER', [referTo, quiet, targetDialog]),
      receive(200, '/>'),
      pause,
      send(5, 'BYE', [], { within: true }),
      receive(200, '/>'),
    ];
    const peer = await sipp('target-dialog', steps, exchange.ports.udp);
    const { call } = await bob.tells({ event: 'call', change: 'new' }, { from: told });
    await bob.command('answer', { call });
    await bob.tells({ event: 'referral', state: 'followed', about: call }, { from: told });
    expect(await peer.finished()).toMatchObject(done);
    expect(bob.told.slice(told)).not.toContainEqual(expect.objectContaining({ event: 'referral', state: 'asked' }));
  }, 60_000);

  test('a stranger hears 403, whether he knows a call or not, and nobody is asked', async () => {
    const told = bob.told.length;
    const steps = [
      send(1, 'INVITE', [], { body: sessionDescription(1) }),
      ...answered,
      send(1, 'ACK', [], { within: true }),
      send(2, 'REFER', [referTo]),
      receive(403, '/>'),
      send(3, 'REFER', [referTo, targetDialog]),
      receive(403, '/>'),
      send(4, 'BYE', [], { within: true }),
      receive(200, '/>'),
    ];
    const peer = await sipp('stranger', steps, port);
    const { call } = await bob.tells({ event: 'call', change: 'new' }, { from: told });
    await bob.command('answer', { call });
    expect(await peer.finished()).toMatchObject(done);
    await bob.tells({ event: 'call', change: 'ended', call }, { from: told });
    expect(bob.told.slice(told)).not.toContainEqual(expect.objectContaining({ event: 'referral' }));
  }, 60_000);
});
