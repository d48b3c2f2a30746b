import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowScripts, playFlow, verdictOn } from '@switchhook/flows';
import type { Director, PlayedFlow, Step } from '@switchhook/flows';
import { Baresip } from './baresip.ts';
import { deviceRoles } from './device-roles.ts';
import type { DeviceKind } from './device-roles.ts';
import { Linphone } from './linphone.ts';
import type { PeerProcess } from './peer-process.ts';
import { freePort } from './ports.ts';
import { SippDevice } from './sipp-devices.ts';
import { melody, writeWav } from './sound.ts';
import { SwitchhookDevice } from './switchhook-device.ts';

/** A program that plays a part: it is started and stopped, and told the steps in between. */
interface Device {
  step(step: Step): void | Promise<void>;
  stop(): Promise<void>;
}

const address = (party: Step['other']): string => party?.addressOfRecord ?? '';

/** The link that a program shows of a message, which it may not have shown yet. */
async function linkIn(program: PeerProcess): Promise<string> {
  const [link] = await program.waitFor(/sips?:[^\s"]+\?Replaces=[^\s"]+/);
  return link;
}

/** How many calls a device takes that is to refuse others by itself. */
const callLimits: Readonly<Record<string, number>> = { '2.8 b1': 0, '2.12 b2': 0, '2.12 b3': 0, '2.17 bob': 1 };

async function startBaresip(
  { flow, role, account }: Step,
  port: number,
  directory: string,
  plays: string,
): Promise<Device> {
  const { addressOfRecord, user, password, proxy, certificateAuthority } = account;
  const way = proxy === undefined ? 'regint=0' : `outbound="${proxy}";regint=600`;
  // A gateway is called by the number, and baresip takes only what is for an account of its own.
  const aor = role === 'gateway' ? 'sip:+19727293660@127.0.0.1' : addressOfRecord;
  const line = `<${aor}>;auth_user=${user};auth_pass=${password};${way}`;
  const baresip = await Baresip.start(role, {
    directory,
    account: line,
    plays,
    answers: 'manual',
    port,
    certificateAuthority,
    // None means any number to it: who is to be refused then is refused when it rings.
    maximumCalls: callLimits[`${flow} ${role}`],
  });
  const simple: Partial<Record<Step['action'], string>> = {
    answer: 'accept',
    hold: 'hold',
    resume: 'resume',
    'hang-up': 'hangup',
  };
  return {
    async step({ action, other, target }) {
      const word = simple[action];
      if (action === 'call') baresip.command('dial', address(other));
      else if (action === 'transfer') baresip.command('transfer', address(target));
      else if (action === 'follow-link') baresip.command('dial', await linkIn(baresip.process));
      else if (action === 'add-to-call') baresip.command('dial', address(target));
      else if (action === 'refuse-busy' || action === 'refuse-unavailable') {
        void baresip.event('CALL_INCOMING', { timeout: 60_000 }).then(
          () => baresip.command('hangup'),
          () => undefined,
        );
      } else if (word !== undefined) baresip.command(word);
    },
    stop: () => baresip.stop(),
  };
}

async function startLinphone(
  { flow, role, account }: Step,
  port: number,
  directory: string,
  plays: string,
): Promise<Device> {
  const { addressOfRecord, user, password, proxy } = account;
  const linphone = await Linphone.start(role, {
    directory,
    identity: addressOfRecord,
    ...(proxy === undefined ? { unregistered: true } : { registrar: proxy }),
    port,
    username: user,
    password,
    realm: addressOfRecord.split('@')[1] ?? '',
    plays,
    codec: 'PCMU',
    maximumCalls: callLimits[`${flow} ${role}`],
  });
  const simple: Partial<Record<Step['action'], string>> = {
    answer: 'answer',
    hold: 'pause',
    resume: 'resume',
    'hang-up': 'terminate',
    'transfer-to': 'transfer 1 --to-call 2',
  };
  return {
    async step({ action, other, target }) {
      const word = simple[action];
      if (action === 'add-to-call') {
        linphone.process.write('pause');
        await linphone.process.waitFor(/Call 1 .*paused/i);
        linphone.process.write(`call ${address(target)}`);
        await linphone.process.waitFor(/Call 2 .*connected/i);
        for (const call of [1, 2]) linphone.process.write(`conference add ${call}`);
      } else if (action === 'follow-link') linphone.process.write(`call ${await linkIn(linphone.process)}`);
      else if (action === 'call') linphone.process.write(`call ${address(other)}`);
      else if (action === 'transfer') linphone.process.write(`transfer 1 ${address(target)}`);
      else if (word !== undefined) linphone.process.write(word);
    },
    stop: () => linphone.stop(),
  };
}

const starters = {
  baresip: startBaresip,
  linphone: startLinphone,
  SIPp: SippDevice.start,
  Switchhook: SwitchhookDevice.start,
};

const verdicts = ['right', 'differs', 'cannot'] as const;

/** A row of the table: what came of a device in a role. */
export interface TableRow {
  readonly device: DeviceKind;
  readonly flow: string;
  readonly role: string;
  /** `cannot`: the flow does not come to its end with it, for what it lacks. */
  readonly verdict: (typeof verdicts)[number];
  /** The first thing that is wrong, of the device or else of the flow, or why it ended. */
  readonly first: string;
}

export interface DeviceResult extends TableRow {
  /** What the device has said something over. */
  readonly protocols: readonly string[];
  /** All that was said, and what the checker says of it. */
  readonly played: PlayedFlow;
}

/** What keeps a flow from its end comes before what is wrong in passing. */
const decisive = new Set(['supported', 'status', 'message']);

/** Plays a flow with a device in a role. */
export async function playWithDevice(
  device: DeviceKind,
  flow: string,
  role: string,
  protocol: 'UDP' | 'TLS' = 'UDP',
): Promise<DeviceResult> {
  const script = flowScripts.find((each) => each.flow === flow);
  if (script === undefined) throw new RangeError(`no flow ${flow}`);
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-device-'));
  const plays = join(directory, 'melody.wav');
  // Too soft to be taken for the voice of one of ours.
  writeWav(
    plays,
    melody(3, 30).map((sample) => sample / 32),
  );
  const port = await freePort();
  let running: Device | undefined;
  const director: Director = {
    async direct(step, seen) {
      if (step.action === 'prepare') running = await starters[device](step, port, directory, plays);
      else if (step.action === 'finish') await running?.stop();
      else await running?.step(step);
      await seen;
    },
  };
  try {
    const uri = registers(flow, role) ? undefined : placeOf(device, role, port);
    const played = await playFlow(script, {
      guests: { [role]: uri },
      director,
      protocol,
      password: 'secret',
      // Ours is read from TypeScript when it starts, which takes its time on a busy machine.
      patience: device === 'Switchhook' ? 60_000 : 20_000,
      timeLimit: 90_000,
    });
    const { report, error, conversation } = played;
    const { messages, first: differs } = verdictOn(report, role);
    const lacking = messages.flatMap(({ failures }) => failures).find(({ rule }) => decisive.has(rule));
    const found = (error === undefined ? differs : (lacking ?? differs)) ?? report.failures[0];
    const words = found === undefined ? error?.message : `${found.message ?? ''} ${found.rule}`.trim();
    const verdict = error !== undefined ? 'cannot' : report.passed ? 'right' : 'differs';
    const own = conversation.messages.filter(({ from }) => from === role);
    const protocols = [...new Set(own.map((said) => said.protocol))];
    return { device, flow, role, verdict, first: words ?? '', protocols, played };
  } finally {
    await running?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const registers = (flow: string, role: string): boolean => proxied.has(flow) && role !== 'gateway';

/** Where it is called; over TLS it is one port higher. */
const placeOf = (device: DeviceKind, role: string, port: number): string =>
  device === 'Switchhook' ? `sip:${role}@127.0.0.1:${port + 1};transport=tls` : `sip:${role}@127.0.0.1:${port}`;

/** The flows in which a device registers. */
const proxied = new Set(['2.1', '2.2', '2.7', '2.8', '2.9', '2.12', '2.14']);

/** A row of the table as a line. */
export function rowOf({ device, flow, role, verdict, first }: TableRow): string {
  return `| ${device} | ${flow} | ${role} | ${verdict} | ${first.replaceAll('|', '/').replaceAll('<', '&lt;')} |`;
}

/** The row that a line of the table is; undefined for other lines. */
export function readRow(line: string): TableRow | undefined {
  const cells = line.split('|').map((cell) => cell.trim());
  const [, device = '', flow = '', role = '', verdict = '', first = ''] = cells;
  const key = deviceRoles.find((each) => each.join(' ') === `${device} ${flow} ${role}`);
  const known = verdicts.find((each) => each === verdict);
  if (key === undefined || known === undefined) return undefined;
  return { device: key[0], flow, role, verdict: known, first: first.replaceAll('&lt;', '<') };
}
