import { parseMessage, parseUri, SipRequest, SipUri, SyntaxFault } from '@switchhook/sip';
import type { Attempt, Binding, CallPlan, Flow, HeaderInit, RingPlan, Target, Uri } from '@switchhook/sip';
import type { Group } from '../config/configuration.ts';
import { settingsSchema } from '../settings/schema.ts';
import type { Caller } from './access.ts';
import { Domains } from './domains.ts';
import { Gateways } from './gateways.ts';
import type { Gateway } from './gateways.ts';
import { route } from './route.ts';
import type { Directory } from './route.ts';
import { servicesOf } from './services.ts';

const domain = 'example.com';
export const domains = new Domains(
  [{ name: domain, aliases: ['pbx.example.com'] }],
  ['192.0.2.1'],
  (_, port) => port === 5060,
);
export const alice: Caller = { kind: 'subscriber', user: 'alice', domain };
export const stranger: Caller = { kind: 'stranger' };

/** A telephone network behind two gateways. */
const gateways: readonly Gateway[] = [
  { name: 'national', uri: sip('sip:gw1.example.net'), prefixes: ['+1', '0'], strip: 0, prepend: '' },
  { name: 'world', uri: sip('sip:gw2.example.net:5080;transport=tcp'), prefixes: ['+'], strip: 1, prepend: '00' },
];

const emergency: Gateway = { name: 'help', uri: sip('sip:gw3.example.net'), prefixes: ['112'], strip: 0, prepend: '' };

/** What a test says about the world, else everybody has one phone and has set nothing. */
export interface World {
  /** In the form of the configuration file, by user. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly phones?: Readonly<Record<string, readonly string[]>>;
  readonly groups?: readonly Group[];
  /** Calls that somebody has now. */
  readonly calls?: Readonly<Record<string, number>>;
  readonly idleSince?: Readonly<Record<string, number>>;
  /** As `Date.parse` reads it. */
  readonly time?: string;
  /** The call is for an instance of bob's. */
  readonly instance?: boolean;
  readonly emergencyGateway?: boolean;
  readonly caller?: Caller;
  readonly method?: string;
  /** Without its tag. */
  readonly from?: string;
  readonly headers?: readonly string[];
  /** Route values behind the exchange's own. */
  readonly route?: readonly string[];
}

const users = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', '2001'];

/** Plans a call in such a world. */
export function planned(to: string, world: World = {}): CallPlan {
  return explained(to, world).plan;
}

/** Plans a call, and takes down why. */
export function explained(to: string, world: World = {}): { plan: CallPlan; notes: readonly string[] } {
  const uri = anyUri(to);
  const notes: string[] = [];
  const plan = route(
    {
      request: requestTo(to, world),
      uri,
      route: world.route ?? [],
      caller: world.caller ?? alice,
      address: domains.reached(uri),
      isOurRealm: (realm) => realm === domain,
      note: (sentence) => void notes.push(sentence),
      now: () => Date.parse(world.time ?? '2026-03-04T12:00:00Z'),
      ...(world.instance === true && { instance: [bindingOf('bob', 'sip:bob@192.0.2.9')] }),
    },
    directoryOf(world),
  );
  return { plan, notes };
}

/** The address of servers within the process. */
const within = { protocol: 'TCP', address: 'within', port: 1 } as const;

export function directoryOf(world: World): Directory {
  const { settings = {}, phones = {}, groups = [], calls = {}, idleSince = {} } = world;
  const services = new Map(
    Object.entries(settings).map(([user, each]) => [user, servicesOf(settingsSchema.parse(each), domain)]),
  );
  const bindings = new Map(
    users.map((user) => [user, (phones[user] ?? [`sip:${user}@192.0.2.9`]).map((text) => bindingOf(user, text))]),
  );
  const ways = new Gateways(world.emergencyGateway === true ? [...gateways, emergency] : gateways);
  return {
    isSubscriber: (user, of) => of === domain && users.includes(user),
    group: (user) => groups.find((group) => group.user === user),
    bindings: (user) => bindings.get(user) ?? [],
    ownersAt: (uri) =>
      users
        .filter((user) =>
          bindings.get(user)?.some(({ contact }) => uri instanceof SipUri && contact.endsWith(`@${uri.hostport}`)),
        )
        .map((user) => ({ user, domain })),
    flow: () => undefined,
    services: (user) => services.get(user),
    calls: (user) => calls[user] ?? 0,
    idleSince: (user) => idleSince[user] ?? 0,
    address: (uri) => domains.reached(uri),
    gateway: (number) => ways.find(number),
    isAtGateway: (uri) => ways.isAt(uri),
    spellings: (number) => ways.spellings(number),
    isEmergency: (number) => number === '112',
    emergencyNumber: () => '112',
    registrationNotifier: () => undefined,
    server: (user) => (user === 'announcement' ? within : undefined),
    isCode: (user) => user.startsWith('*'),
    announcement: (of, name) => sip(`sip:announcement@${of};play=${name}`),
  };
}

/** A binding from a contact, with its q where it says one: `sip:bob@192.0.2.9|0.5`. */
function bindingOf(user: string, text: string): Binding {
  const [contact = '', q = '1'] = text.split('|');
  const times = { expiresAt: 1, updatedAt: 0, callId: 'c', cseq: 1 };
  return { addressOfRecord: `sip:${user}@${domain}`, contact, parameters: '', q: Number(q), path: [], ...times };
}

export function requestTo(
  to: string,
  { method = 'INVITE', from = '<sip:alice@example.com>', headers = [] }: World,
): SipRequest {
  const lines = [
    `${method} ${to} SIP/2.0`,
    'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1',
    'Max-Forwards: 70',
    `From: ${from};tag=1`,
    `To: <${to}>`,
    'Call-ID: c',
    `CSeq: 1 ${method}`,
    ...headers,
    '\r\n',
  ];
  const message = parseMessage(lines.join('\r\n'));
  if (!(message instanceof SipRequest)) throw new Error('the test request is malformed');
  return message;
}

/** Where a plan rings, stage by stage, with its ring time behind it: `['sip:bob@192.0.2.9 20']`. */
export function stages(plan: CallPlan): string[] {
  return asRing(plan).stages.map(({ targets, ringTime }) =>
    [targets.map(({ uri }) => uri.toString()).join(' + '), ringTime === undefined ? '' : String(ringTime / 1_000)]
      .filter((text) => text !== '')
      .join(' '),
  );
}

/** A plan in short: where it rings, or the status it ends with. */
export function outline(plan: CallPlan | undefined): string | undefined {
  switch (plan?.kind) {
    case undefined:
      return undefined;
    case 'ring':
      return stages(plan).join(', ');
    case 'redirect':
      return `302 ${plan.contacts.map(({ uri }) => uri.toString()).join(' ')}`;
    case 'reject':
    case 'respond':
      return String(plan.status);
    case 'serve':
      return 'a server';
  }
}

/** What follows a plan, in short. */
export function following(plan: CallPlan, outcome: 'onBusy' | 'onNoAnswer' | 'onUnavailable'): string | undefined {
  return outline(plan.kind === 'ring' ? plan[outcome]?.() : undefined);
}

export function asRing(plan: CallPlan | undefined): RingPlan {
  if (plan?.kind !== 'ring') throw new Error(`it does not ring: ${JSON.stringify(plan)}`);
  return plan;
}

/** The values of a header field that the requests of a plan's first target get. */
export function added(plan: CallPlan, name: string): unknown[] {
  const ring = asRing(plan);
  const [target] = ring.stages[0]?.targets ?? [];
  return [ring.headers, target?.headers, trailing(target)]
    .flatMap((headers) => headers ?? [])
    .filter(([header]) => header === name)
    .map(([, value]) => value);
}

/** What stands at the end of a request to a target, after some others were tried. */
export function trailing(target: Target | undefined, before: readonly Attempt[] = []): readonly HeaderInit[] {
  const headers = target?.trailingHeaders ?? [];
  return typeof headers === 'function' ? headers(before) : headers;
}

function anyUri(text: string): Uri {
  const uri = parseUri(text);
  if (uri instanceof SyntaxFault) throw new Error(uri.reason);
  return uri;
}

export function sip(text: string): SipUri {
  const uri = SipUri.parse(text);
  if (uri instanceof SyntaxFault) throw new Error(uri.reason);
  return uri;
}

/** A connection of the caller's. */
export const flow: Flow = {
  id: 7,
  protocol: 'TLS',
  reliable: true,
  secure: true,
  local: { address: '192.0.2.1', port: 5061 },
  remote: { address: '192.0.2.7', port: 4000 },
  peer: undefined,
  outgoing: false,
  closed: false,
  sentBy: '192.0.2.1:5061',
  keepAlive: () => undefined,
  acceptAlias: () => undefined,
  send: () => undefined,
  onClose: () => () => undefined,
  close: () => undefined,
};
