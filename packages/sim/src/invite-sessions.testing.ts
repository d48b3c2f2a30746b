import {
  InviteSessions,
  StreamNegotiation,
  UserAgent,
  type AddressedConference,
  type DialogClaim,
  type IncomingInvite,
  type InviteSession,
  type MediaCapability,
  type MediaEngine,
  type MediaNegotiation,
  type MediaStream,
  type OutgoingInvite,
  type Resolver,
  type SessionEvent,
  type SessionOptions,
  type SipRequest,
  type StreamAgreement,
} from '@switchhook/sip';
import { simulatedContext } from './context.ts';
import type { SimulatedNetwork } from './network.ts';
import type { VirtualClock } from './virtual-clock.ts';

const audio: MediaCapability = {
  kind: 'audio',
  formats: [
    { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
    { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1, parameters: '0-15' },
  ],
  security: 'none',
  cryptoSuites: [],
  packetTime: 20,
};

/** Streams without sound, which remember what was agreed. */
export class SilentEngine implements MediaEngine {
  readonly capabilities = [audio];
  readonly #address: string;
  /** Those that are open, with their agreement. */
  readonly standing = new Map<MediaStream, StreamAgreement | undefined>();
  /** When the far end was heard last; undefined where nobody listens. */
  lastReceived: number | undefined = undefined;
  /** Set to have no port left. */
  exhausted = false;
  #port = 10_000;

  constructor(address: string) {
    this.#address = address;
  }

  open(): Promise<MediaStream> {
    if (this.exhausted) return Promise.reject(new Error('no port is left'));
    const port = this.#port;
    this.#port += 2;
    const lastReceived = (): number | undefined => this.lastReceived;
    const stream: MediaStream = {
      get lastReceived() {
        return lastReceived();
      },
      local: { address: this.#address, port, controlPort: port + 1 },
      crypto: [],
      apply: (agreement) => {
        this.standing.set(stream, agreement);
      },
      close: () => {
        this.standing.delete(stream);
      },
    };
    this.standing.set(stream, undefined);
    return Promise.resolve(stream);
  }
}

/** Addresses only. */
const numericResolver: Resolver = {
  resolve: ({ host, port }) => [{ protocol: 'UDP', address: host, port: port ?? 5_060 }],
};

/** A phone without a person: it does what a test tells it. */
export class TestPhone {
  readonly address: string;
  readonly agent: UserAgent;
  readonly sessions: InviteSessions;
  readonly engine: SilentEngine;
  readonly incoming: IncomingInvite[] = [];
  /** What to do about an INVITE, instead of leaving it to the test. */
  answer: (invite: IncomingInvite) => void = () => undefined;
  /** Who may replace and join; everybody, unless a test knows better. */
  mayReplace: (claim: DialogClaim) => boolean | Promise<boolean> = () => true;
  mayJoin: (claim: DialogClaim) => boolean | Promise<boolean> = () => true;
  /** The conference that an INVITE is for. */
  conferenceAt: (request: SipRequest) => AddressedConference | undefined = () => undefined;
  /** Gets the media of each session as they are made. */
  made: (media: MediaNegotiation) => void = () => undefined;

  constructor(
    network: SimulatedNetwork,
    clock: VirtualClock,
    name: string,
    address: string,
    options: Partial<SessionOptions> = {},
    seed: number | string = 1,
  ) {
    const context = simulatedContext(`${String(seed)}/${name}`, clock);
    this.address = address;
    this.engine = new SilentEngine(address);
    this.agent = new UserAgent(context, {
      address: `<sip:${name}@example.com>`,
      transports: [network.host(name, [address]).transport('UDP')],
      resolver: numericResolver,
    });
    this.sessions = new InviteSessions(
      this.agent,
      {
        media: () => {
          const media = new StreamNegotiation(context, this.engine);
          this.made(media);
          return media;
        },
        incoming: (invite) => {
          this.incoming.push(invite);
          this.answer(invite);
        },
        mayReplace: (claim) => this.mayReplace(claim),
        mayJoin: (claim) => this.mayJoin(claim),
        conferenceAt: (request) => this.conferenceAt(request),
      },
      options,
    );
    this.agent.install(this.sessions);
  }

  call(other: TestPhone, name = 'bob'): OutgoingInvite {
    return this.sessions.invite({ target: `sip:${name}@${other.address}` });
  }

  /** The last call that came. */
  get ringing(): IncomingInvite {
    const invite = this.incoming.at(-1);
    if (invite === undefined) throw new Error('nobody calls');
    return invite;
  }

  /** Everything that is held, apart from transactions that only wait for what may still come. */
  held(): Record<string, number> {
    return { ...this.sessions.stats(), dialogs: this.agent.stats().dialogs, streams: this.engine.standing.size };
  }
}

export const nothingHeld = { sessions: 0, outgoing: 0, incoming: 0, dialogs: 0, streams: 0 };

/** Everything that happens in a session, from now on. */
export function eventsOf(session: InviteSession): SessionEvent[] {
  const events: SessionEvent[] = [];
  session.listen((event) => events.push(event));
  return events;
}

/** What went over the network, a line each: who sent it, and its start line or status with its CSeq. */
export function storyOf(network: SimulatedNetwork, from = 0): string[] {
  return network.trace.entries.slice(from).map(({ from: { host }, text }) => {
    const [startLine = ''] = text.split('\r\n', 1);
    const method = /^CSeq:\s*\d+ (\w+)/im.exec(text)?.[1] ?? '';
    const [first = '', second = ''] = startLine.split(' ');
    return `${host}: ${first === 'SIP/2.0' ? `${second} ${method}` : first}`;
  });
}
