import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import {
  badNetwork,
  CastingError,
  findFlow,
  flowScripts,
  playFlow,
  readCrash,
  readMisfortunes,
  readOracle,
  realProtocols,
  simulateFlow,
} from '@switchhook/flows';
import type {
  EnduranceOptions,
  FlowDescription,
  FlowScript,
  PlayedFlow,
  RealOptions,
  SimulationOptions,
} from '@switchhook/flows';
import { makeFolder } from '@switchhook/node';
import { oneOf } from '../arguments.ts';
import { UsageError } from '../command.ts';
import type { Terminal } from '../command.ts';
import { castingOf, castingOptions, hasCompany } from './casting-arguments.ts';
import type { CastingValues } from './casting-arguments.ts';

export const flowOptions = {
  transport: { type: 'string' },
  ip: { type: 'string' },
  simulate: { type: 'boolean' },
  seed: { type: 'string' },
  repeat: { type: 'string' },
  loss: { type: 'string' },
  'bad-network': { type: 'boolean' },
  misfortunes: { type: 'string' },
  crash: { type: 'string' },
  'without-optional': { type: 'boolean' },
  streams: { type: 'string' },
  json: { type: 'boolean' },
  report: { type: 'string' },
  ...castingOptions,
} as const;

/** The options as the command line has them. */
export interface FlowValues extends CastingValues {
  readonly transport?: string | undefined;
  readonly ip?: string | undefined;
  readonly simulate?: boolean | undefined;
  readonly seed?: string | undefined;
  readonly repeat?: string | undefined;
  readonly loss?: string | undefined;
  readonly 'bad-network'?: boolean | undefined;
  readonly report?: string | undefined;
  readonly json?: boolean | undefined;
  readonly 'without-optional'?: boolean | undefined;
  readonly streams?: string | undefined;
  readonly misfortunes?: string | undefined;
  readonly crash?: string | undefined;
}

/** What there is in the simulator alone. */
const simulatorOnly = [
  'simulate',
  'seed',
  'repeat',
  'loss',
  'bad-network',
  'misfortunes',
  'crash',
  'streams',
  'without-optional',
] as const satisfies readonly (keyof FlowValues)[];

/** Columns that a title or the names of those who take part have at least in a table, before another column is left out. */
export const mayWrap = 24;

const protocols = { udp: 'UDP', tcp: 'TCP', tls: 'TLS', ws: 'WS', wss: 'WSS' } as const;

/** How a flow is to be played. */
export function simulationOf({
  transport,
  ip,
  seed = '1',
  loss,
  'bad-network': isBad = false,
  misfortunes,
  crash,
  streams = '1',
  'without-optional': withoutOptional = false,
}: FlowValues): EnduranceOptions {
  const given = transport === undefined ? loss && 'loss' : 'transport';
  if (isBad && given !== undefined) {
    throw new UsageError(`--bad-network has a --${given} of its own: leave one of the two out`);
  }
  const name = transport ?? (loss === undefined ? 'tls' : 'udp');
  if (!isProtocol(name)) throw new UsageError('--transport is udp, tcp, tls, ws or wss');
  if (streams !== '1' && streams !== '2') throw new UsageError('--streams is 1 or 2');
  const options = {
    protocol: protocols[name],
    ...(withoutOptional && { optionalMessages: false }),
    ...(streams === '2' && { pictures: phones() }),
    ...(isBad ? badNetwork : {}),
    addressFamily: familyOf(ip),
    seed: numberOf('--seed', seed),
    ...(crash !== undefined && { sound: 'coarse' as const, ...crashOf(crash) }),
    ...(misfortunes !== undefined && { misfortunes: misfortunesOf(misfortunes) }),
  };
  if (loss === undefined) return options;
  const percent = /^(\d{1,2})%?$/.exec(loss)?.[1];
  if (percent === undefined) throw new UsageError('--loss is a percentage below 100: 20%');
  return { ...options, sound: 'coarse', link: { ...options.link, loss: Number(percent) / 100 } };
}

/** Everybody who has a phone in any flow. */
function phones(): readonly string[] {
  const isPhone = (role: string): boolean => role !== 'proxy' && !role.endsWith('-server');
  return readOracle().flows.flatMap(({ elements }) => elements.filter(({ role }) => isPhone(role)).map(({ id }) => id));
}

/** Who crashes: one whose moment is drawn from the seed, or when it is said. */
function crashOf(text: string): Pick<EnduranceOptions, 'crash' | 'crashing'> {
  const crash = readCrash(text);
  if (crash !== undefined) return { crash };
  const names = new Set(['any', ...readOracle().flows.flatMap(({ elements }) => elements.map(({ id }) => id))]);
  if (!names.has(text)) throw new UsageError('--crash is an element of the flow, any, or what a campaign has printed');
  return { crashing: text };
}

function misfortunesOf(text: string): SimulationOptions['misfortunes'] {
  const misfortunes = readMisfortunes(text);
  if (misfortunes === undefined) throw new UsageError('--misfortunes is what a campaign has printed: alice:bob:3:lost');
  return misfortunes;
}

/** Who of those that options name to crash, or to lose something, has no part in a flow. */
function strangersTo(script: FlowScript, { crash, crashing, misfortunes = [] }: EnduranceOptions): readonly string[] {
  const named = [crash?.element, crashing === 'any' ? undefined : crashing].filter((name) => name !== undefined);
  const everybody = [...flowOf(script.flow).elements.map(({ id }) => id), ...(script.others ?? [])];
  return [...named, ...misfortunes.flatMap(({ from, to }) => [from, to])].filter((name) => !everybody.includes(name));
}

/** What would happen to nobody in a flow is refused, and not left out. */
export function refuseStrangers(script: FlowScript, options: EnduranceOptions): void {
  const [stranger] = strangersTo(script, options);
  if (stranger === undefined) return;
  const elements = flowOf(script.flow).elements.map(({ id }) => id);
  throw new UsageError(`nobody in ${script.flow} is called ${stranger}: there are ${elements.join(', ')}`);
}

/** Those flows in which somebody has a part who is to crash; all without one. */
export function scriptsWith(options: EnduranceOptions): readonly FlowScript[] {
  if (options.misfortunes !== undefined) throw new UsageError('--misfortunes is of one flow, not of all');
  return flowScripts.filter((script) => strangersTo(script, options).length === 0);
}

/** Whether messages are lost, or somebody crashes, so that only the end can be as it should be. */
export function isHarsh({ loss, 'bad-network': isBad, crash, misfortunes }: FlowValues): boolean {
  return isBad === true || [loss, crash, misfortunes].some((value) => value !== undefined);
}

/** Whether it is the simulator that is meant: what is only there implies it. */
export function isSimulated(values: FlowValues): boolean {
  return simulating(values) !== undefined;
}

/** The first option that is said and is only there for the simulator. */
function simulating(values: FlowValues): keyof FlowValues | undefined {
  return simulatorOnly.find((name) => values[name] !== undefined && values[name] !== false);
}

/**
 * Who plays what. Whether what is said goes together is known before anything begins, and whether a report can be written;
 * what is to be done at devices is asked for at `terminal`.
 */
export async function castingFor(values: FlowValues, terminal: Terminal): Promise<RealOptions> {
  const casting = castingOf(values, terminal);
  const option = simulating(values);
  if (hasCompany(values) && option !== undefined) {
    const company = values.proxy === undefined ? '--as' : '--proxy';
    throw new UsageError(`--${option} is of the simulator, and ${company} of real sockets: leave one of the two out`);
  }
  if (values.report === undefined) return casting;
  try {
    makeFolder(values.report);
    await access(values.report, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--report cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  return casting;
}

/**
 * Plays it, on real sockets or in the simulator; there it takes no time, so that nobody need watch, and nobody else can take
 * part.
 */
export async function play(
  script: FlowScript,
  values: FlowValues,
  casting: RealOptions,
  live: Pick<RealOptions, 'watch' | 'signal'> = {},
): Promise<PlayedFlow> {
  if (isSimulated(values)) return simulateFlow(script, simulationOf(values));
  try {
    return await playFlow(script, { ...protocolOf(values), ...casting, ...live });
  } catch (error) {
    throw error instanceof CastingError ? new UsageError(error.message) : error;
  }
}

/** Where a flow is played, in words. */
export function stageOf(values: FlowValues): string {
  if (!isSimulated(values))
    return `${protocolOf(values).protocol ?? (hasCompany(values) ? 'UDP' : 'TLS')} on sockets of this machine`;
  const { protocol = 'TLS', seed = 1, addressFamily = 4, link } = simulationOf(values);
  const loss = link?.loss === undefined ? '' : `, ${Math.round(link.loss * 100)} % lost`;
  return `${protocol} over IPv${addressFamily} in the simulator, seed ${seed}${loss}`;
}

function familyOf(ip = '4'): 4 | 6 {
  if (ip !== '4' && ip !== '6') throw new UsageError('--ip is 4 or 6');
  return ip === '4' ? 4 : 6;
}

function protocolOf({ transport, ip }: FlowValues): RealOptions {
  const names = realProtocols.map((protocol) => protocol.toLowerCase());
  const name = oneOf('--transport', names, transport);
  const protocol = realProtocols.find((each) => each.toLowerCase() === name);
  return { protocol, addressFamily: familyOf(ip) };
}

/** How often. */
export function repetitionsOf({ repeat = '1', crash, ...values }: FlowValues): number {
  const count = numberOf('--repeat', repeat);
  if (count === 0) throw new UsageError('--repeat is 1 at least');
  const isCampaign = count > 1 || (crash !== undefined && readCrash(crash) === undefined);
  const single = (['json', 'report'] as const).find((name) => values[name] !== undefined);
  if (isCampaign && single !== undefined) throw new UsageError(`--${single} is of one play, not of a campaign`);
  return count;
}

/** What is said beside a word that plays nothing, and means nothing there, is refused by its name. */
export function refuseOptions(word: string, values: FlowValues, allowed: readonly string[]): void {
  const useless = Object.keys(values).find((name) => !allowed.includes(name));
  if (useless !== undefined) throw new UsageError(`--${useless} goes with flows that are played, not with ${word}`);
}

export function scriptOf(section: string | undefined): FlowScript {
  const script = flowScripts.find(({ flow }) => flow === section);
  if (script !== undefined) return script;
  const sections = flowScripts.map(({ flow }) => flow).join(', ');
  const mistaken = section === undefined ? undefined : { word: section, known: ['list', 'all', 'explain', 'lint-rfc'] };
  throw new UsageError(`name one section: ${sections}; or list, all, explain, lint-rfc`, mistaken);
}

export function flowOf(section: string | undefined): FlowDescription {
  const flow = section === undefined ? undefined : findFlow(section);
  if (flow === undefined) throw new UsageError('name a section of RFC 5359: 2.1 to 2.18');
  return flow;
}

export function isRight({ report, leftOvers, error }: PlayedFlow): boolean {
  return error === undefined && leftOvers.length === 0 && report.passed;
}

function isProtocol(name: string): name is keyof typeof protocols {
  return Object.hasOwn(protocols, name);
}

function numberOf(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} is a number`);
  return Number(text);
}
