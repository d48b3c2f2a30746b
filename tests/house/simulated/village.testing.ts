import { SipUri } from '@switchhook/sip';
import type { CallPlan, PeerIdentity, SipRequest, SipResponse, Target } from '@switchhook/sip';
import { SimulatedExchange } from './exchange.testing.ts';
import { Peer } from './peer.testing.ts';
import { Town } from './town.testing.ts';

export const carolAddress = '192.0.2.10';
export const bobAddress = '192.0.2.20';
const everything = 200_000;
/** What everybody's certificate proves. */
export const identity: PeerIdentity = { domains: ['192.0.2.1', '192.0.2.30', '192.0.2.31'], addresses: [] };

export class Village extends Town {
  readonly exchange: SimulatedExchange;
  readonly carol = new Peer(this, 'carol', carolAddress);
  readonly bob = new Peer(this, 'bob', bobAddress);
  readonly desk = new Peer(this, 'desk', '192.0.2.21');

  constructor(plan?: (request: SipRequest) => CallPlan) {
    super();
    this.names.set('example.com', ['192.0.2.1']);
    this.exchange = new SimulatedExchange(this, {
      name: 'exchange',
      domain: 'example.com',
      addresses: ['192.0.2.1'],
      protocols: ['UDP', 'TCP', 'TLS'],
      users: ['bob'],
      identity,
      ...(plan === undefined
        ? {}
        : {
            policy: (own) => ({
              plan: (request, flow, facts) => (facts.vouched ? own.plan(request, flow, facts) : plan(request)),
              isOurDomain: (host) => own.isOurDomain(host),
            }),
          }),
    });
  }

  async begin(): Promise<this> {
    for (const each of [this.exchange, this.carol, this.bob, this.desk]) await this.moveIn(each);
    return this;
  }
}

const villages: Village[] = [];

export function village(plan?: (request: SipRequest) => CallPlan): Promise<Village> {
  const made = new Village(plan);
  villages.push(made);
  return made.begin();
}

/** Ends what the test began, once everything has had its time; nothing may be left of it. */
export async function leave(): Promise<readonly string[]> {
  const left: string[] = [];
  for (const each of villages.splice(0)) {
    await each.clock.play(everything);
    left.push(...each.leftOvers());
    await each.stop();
  }
  return left;
}

export function target(text: string): Target {
  const uri = SipUri.parse(text);
  if (!(uri instanceof SipUri)) throw new Error(text);
  return { uri };
}

export const bobTarget = target(`sip:bob@${bobAddress}`);
export const deskTarget = target('sip:desk@192.0.2.21');

export function ringing(...targets: readonly Target[]): () => CallPlan {
  return () => ({ kind: 'ring', stages: [{ targets }] });
}

interface Lines {
  readonly uri?: string;
  readonly branch?: string;
  readonly via?: readonly string[];
  readonly cseq?: number;
  readonly toTag?: string;
  readonly maxForwards?: string;
  readonly more?: readonly string[];
}

export function lines(method: string, parts: Lines = {}): string[] {
  const { uri = 'sip:bob@example.com', branch = 'c1', cseq = 1, toTag, maxForwards = '70', more = [] } = parts;
  const { via = [`SIP/2.0/UDP ${carolAddress};branch=z9hG4bK${branch}`] } = parts;
  return [
    `${method} ${uri} SIP/2.0`,
    ...via.map((value) => `Via: ${value}`),
    ...(maxForwards === '' ? [] : [`Max-Forwards: ${maxForwards}`]),
    'From: Carol <sip:carol@elsewhere.example>;tag=carol',
    `To: Bob <sip:bob@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    'Call-ID: call@elsewhere.example',
    `CSeq: ${String(cseq)} ${method}`,
    `Contact: <sip:carol@${carolAddress}>`,
    ...more,
    'Content-Length: 0',
  ];
}

export function routesOf(response: SipResponse | undefined): string[] {
  return (response?.rawAll('Record-Route') ?? []).toReversed();
}
