import type { Clock } from '@switchhook/sip';
import { checkFlow } from '../checker/check.ts';
import type { Recorder } from '../conversation/recorder.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import type { Director } from '../guest/step.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { findFlow } from '../oracle/oracle.ts';
import { Cast } from '../stage/cast.ts';
import type { PlayedFlow } from '../stage/played.ts';
import { anyAddresses, knownAddresses } from './addresses.ts';
import { accountsWith, checkCasting, checkProxy, findOutsider } from './outsiders.ts';
import type { Outsider } from './outsiders.ts';
import { RealStage } from './real-stage.ts';
import type { ForeignProxy } from './real-stage.ts';
import type { RealProtocol } from './sockets.ts';

/** How a flow is played on sockets of this machine, and by whom. */
export interface RealOptions {
  /** `sips`, TLS and SRTP without it, as the RFC has it; with devices of others, UDP, as all of them know it. */
  readonly protocol?: RealProtocol | undefined;
  /** The family of the addresses of those of this house among themselves; 4 without it. */
  readonly addressFamily?: 4 | 6 | undefined;
  /** Devices that play parts, by the part, each with the address that it is called at: `sip:carol@192.0.2.7`, or none where it registers. */
  readonly guests?: Readonly<Record<string, string | undefined>> | undefined;
  /** Has the devices do their steps; needed with them. */
  readonly director?: Director | undefined;
  /** The devices' password, for their registrations. */
  readonly password?: string | undefined;
  /** Somebody else's proxy, as an address, in the place of the exchange. */
  readonly proxy?: string | undefined;
  /** What that proxy knows our phones by, by the names of the flow. */
  readonly accounts?: ForeignProxy['accounts'] | undefined;
  /** The address of this machine that others reach; loopback without it. */
  readonly listen?: string | undefined;
  /** Milliseconds in which a step at a device has to be done; two minutes without it. */
  readonly patience?: number | undefined;
  /** Is given the recorder before anything is said, and the clock by which it is told times. */
  readonly watch?: ((recorder: Recorder, clock: Clock) => void) | undefined;
  /** Milliseconds that a state is listened to at least; 600 without it, 1,500 where others take part. */
  readonly listenTime?: number | undefined;
  /** Ends the play before its time: devices are told that it is over, and everybody is stopped. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which a play that has not ended is given up; a minute without it, twenty where others take part. */
  readonly timeLimit?: number | undefined;
}

/** A jitter buffer has filled, what came before has faded, and some tenths of a second are left to be heard. */
const listenTime = { own: 600, others: 1_500 };
const timeLimit = { own: 60_000, others: 20 * 60_000 };
const defaultPatience = 120_000;

const nobody: Director = {
  direct: () => Promise.reject(new RangeError('a device needs a director')),
};

/**
 * Plays a flow with real phones and the real exchange on sockets of this machine, in as much time as people need for it;
 * measures what is heard, and holds all of it against RFC 5359. Several may be played at once. Parts can be played by somebody
 * else's devices; rejects with a {@link CastingError} where that cannot be.
 */
export async function playFlow(script: FlowScript, options: RealOptions = {}): Promise<PlayedFlow> {
  const flow = findFlow(script.flow);
  if (flow === undefined) throw new RangeError(`RFC 5359 has no flow ${script.flow}`);
  const { guests = {}, listen, patience = defaultPatience } = options;
  const cast = Cast.of(flow, script.others);
  checkCasting(flow, cast, guests);
  const found = new Map<string, Outsider | undefined>();
  for (const [element, uri] of Object.entries(guests)) {
    found.set(element, uri === undefined ? undefined : await findOutsider(element, uri, listen));
  }
  const proxy = await foreignProxy(flow, cast, script.proxyTask, options);
  const company = found.size > 0 || proxy !== undefined ? 'others' : 'own';
  const plan =
    company === 'own'
      ? await anyAddresses(options.addressFamily)
      : await knownAddresses(cast.parts, listen, options.addressFamily);
  const stage = new RealStage({
    cast,
    script,
    plan,
    protocol: options.protocol ?? (company === 'own' ? 'TLS' : 'UDP'),
    guests: found,
    director: options.director ?? nobody,
    password: options.password ?? 'secret',
    proxy,
    patience,
    listenTime: options.listenTime ?? listenTime[company],
    timeLimit: options.timeLimit ?? timeLimit[company],
    signal: options.signal,
    watch: options.watch,
  });
  const played = await stage.play().finally(() => plan.release());
  return { ...played, report: checkFlow(flow, played.conversation) };
}

async function foreignProxy(
  flow: FlowDescription,
  cast: Cast,
  task: string | undefined,
  options: RealOptions,
): Promise<ForeignProxy | undefined> {
  const { proxy, accounts = new Map<string, never>(), listen } = options;
  if (proxy === undefined) return undefined;
  return {
    element: checkProxy(flow, cast, accounts, task),
    outsider: await findOutsider('the proxy', proxy, listen),
    accounts: accountsWith(cast, accounts),
  };
}
