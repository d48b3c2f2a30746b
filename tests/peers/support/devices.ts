import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowScripts, playFlow, verdictOn } from '@switchhook/flows';
import type { Director, Step } from '@switchhook/flows';
import { Baresip } from './baresip.ts';
import { Linphone } from './linphone.ts';
import { freePort } from './ports.ts';
import { Sipp } from './sipp.ts';
import { melody, writeWav } from './sound.ts';

/** A program that plays a part: it is started and stopped, and told the steps in between. */
interface Device {
  step(step: Step): void;
  stop(): Promise<void>;
}

export type DeviceKind = 'baresip' | 'linphone' | 'SIPp';

const address = (party: Step['other']): string => party?.addressOfRecord ?? '';

async function startBaresip({ role, account }: Step, port: number, directory: string, plays: string): Promise<Device> {
  const { addressOfRecord, user, password, proxy } = account;
  const way = proxy === undefined ? 'regint=0' : `outbound="${proxy}";regint=600`;
  const line = `<${addressOfRecord}>;auth_user=${user};auth_pass=${password};${way}`;
  const baresip = await Baresip.start(role, { directory, account: line, plays, answers: 'manual', port });
  const simple: Partial<Record<Step['action'], string>> = {
    answer: 'accept',
    hold: 'hold',
    resume: 'resume',
    'hang-up': 'hangup',
  };
  return {
    step({ action, other, target }) {
      const word = simple[action];
      if (action === 'call') baresip.command('dial', address(other));
      else if (action === 'transfer') baresip.command('transfer', address(target));
      else if (word !== undefined) baresip.command(word);
    },
    stop: () => baresip.stop(),
  };
}

async function startLinphone({ role, account }: Step, port: number, directory: string, plays: string): Promise<Device> {
  const { addressOfRecord, user, password, proxy } = account;
  const linphone = await Linphone.start(role, {
    directory,
    identity: addressOfRecord,
    ...(proxy !== undefined && { registrar: proxy }),
    port,
    username: user,
    password,
    realm: addressOfRecord.split('@')[1] ?? '',
    plays,
    codec: 'PCMU',
  });
  const simple: Partial<Record<Step['action'], string>> = {
    answer: 'answer',
    hold: 'pause',
    resume: 'resume',
    'hang-up': 'terminate',
    'transfer-to': 'transfer 1 --to-call 2',
  };
  return {
    step({ action, other, target }) {
      const word = simple[action];
      if (action === 'call') linphone.process.write(`call ${address(other)}`);
      else if (action === 'transfer') linphone.process.write(`transfer 1 ${address(target)}`);
      else if (word !== undefined) linphone.process.write(word);
    },
    stop: () => linphone.stop(),
  };
}

/** One who answers whatever comes, and lives by its script alone. */
async function startSipp(_step: Step, port: number, directory: string): Promise<Device> {
  const sipp = await Sipp.start({ directory, scenario: 'answer', port, arguments: ['-aa'] });
  return { step: () => undefined, stop: () => sipp.stop() };
}

const starters = { baresip: startBaresip, linphone: startLinphone, SIPp: startSipp };

/** What came of a device in a role. */
export interface DeviceResult {
  readonly device: DeviceKind;
  readonly flow: string;
  readonly role: string;
  readonly verdict: 'right' | 'differs' | 'not played to its end';
  /** The first thing that is wrong, of the device or else of the flow. */
  readonly first: string;
}

/** Plays a flow with a device in a role. `isCalled` where it is called without a proxy. */
export async function playWithDevice(device: DeviceKind, flow: string, role: string): Promise<DeviceResult> {
  const script = flowScripts.find((each) => each.flow === flow);
  if (script === undefined) throw new RangeError(`no flow ${flow}`);
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-device-'));
  const plays = join(directory, 'melody.wav');
  // Too soft to be taken for the voice of one of ours.
  writeWav(
    plays,
    melody(3, 30).map((sample) => sample / 16),
  );
  const port = await freePort();
  let running: Device | undefined;
  const director: Director = {
    async direct(step, seen) {
      if (step.action === 'prepare') running = await starters[device](step, port, directory, plays);
      else if (step.action === 'finish') await running?.stop();
      else running?.step(step);
      await seen;
    },
  };
  try {
    const uri = proxied.has(flow) && role !== 'gateway' ? undefined : `sip:${role}@127.0.0.1:${String(port)}`;
    const { report, error } = await playFlow(script, {
      guests: { [role]: uri },
      director,
      password: 'secret',
      patience: 20_000,
      timeLimit: 120_000,
    });
    const first = verdictOn(report, role).first ?? report.failures[0];
    const words = first === undefined ? '' : `${first.message ?? ''} ${first.rule}`.trim();
    if (error !== undefined) return { device, flow, role, verdict: 'not played to its end', first: error.message };
    return { device, flow, role, verdict: report.passed ? 'right' : 'differs', first: words };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The flows in which a device registers. */
const proxied = new Set(['2.1', '2.2', '2.7', '2.8', '2.9', '2.12', '2.14']);

const phoneRoles: readonly (readonly [string, readonly string[]])[] = [
  ['2.1', ['alice', 'bob']],
  ['2.2', ['alice', 'bob', 'carol']],
  ['2.3', ['alice']],
  ['2.4', ['alice', 'bob', 'carol']],
  ['2.5', ['alice', 'carol']],
  ['2.7', ['alice', 'gateway']],
  ['2.8', ['alice', 'b2']],
  ['2.9', ['alice', 'b1', 'b2']],
  ['2.10', ['alice', 'carol']],
  ['2.11', ['alice']],
  ['2.12', ['alice', 'b1', 'b4']],
  ['2.14', ['alice']],
  ['2.15', ['alice']],
  ['2.16', ['alice', 'bob']],
  ['2.18', ['bob', 'carol']],
];

/** Every role that each can be driven in. SIPp has one script: to answer, and to be hung up on. */
export const deviceRoles: readonly (readonly [DeviceKind, string, string])[] = [
  ...(['baresip', 'linphone'] as const).flatMap((device) =>
    phoneRoles.flatMap(([flow, roles]) => roles.map((role) => [device, flow, role] as const)),
  ),
  ['linphone', '2.5', 'bob'],
  ['SIPp', '2.4', 'carol'],
  ['SIPp', '2.7', 'gateway'],
  ['SIPp', '2.18', 'carol'],
];

/** A row of the table. */
export function rowOf({ device, flow, role, verdict, first }: DeviceResult): string {
  return `| ${device} | ${flow} | ${role} | ${verdict} | ${first.replaceAll('|', '/').replaceAll('<', '&lt;')} |`;
}
