/** How many may watch lots and registrations at a time (docs/limits.md). */
import { simulatedContext, VirtualClock } from '@switchhook/sim';
import { parseMessage, SipRequest, SipResponse, SipUri } from '@switchhook/sip';
import type { Destination, Flow } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { memoryDatabase, releaseMemoryDatabase } from '../store/database.ts';
import { MusicLibrary } from './music-library.ts';
import { ParkServer } from './park-server.ts';
import { ParkStore } from './park-store.ts';
import { ProcessNetwork } from './process-network.ts';
import { RegistrationNotifier } from './registration-notifier.ts';
import type { ServerParts } from './server.ts';
import { ServerSound } from './server-sound.ts';
import { watcherLimits } from './watcher-limits.ts';

const domain = 'example.com';
/** So few that their dialogs would not do for the watchers. */
const maximumCalls = 10;

/** A server without the rest of the exchange, whose part the test has. */
class Bench {
  readonly clock = new VirtualClock();
  readonly network = new ProcessNetwork();
  readonly database = memoryDatabase();
  readonly parts: ServerParts;
  readonly #destination: Destination;
  readonly #statuses = new Map<number, number>();
  #flow: Flow | undefined = undefined;
  #sent = 0;

  constructor(user?: string) {
    const context = simulatedContext('watchers', this.clock);
    const { transport, resolver, destination } = this.network.join();
    this.#destination = destination;
    this.parts = {
      context,
      address: SipUri.of({ scheme: 'sip', user, host: domain }),
      transports: [transport],
      resolver,
      trusts: () => true,
      sound: new ServerSound(context, [], {}),
      maximumCalls,
    };
  }

  async start(server: { start(): Promise<void> }): Promise<void> {
    let flows = 0;
    await this.network.transport.start({
      nextFlowId: () => (flows += 1),
      message: (text, flow) => {
        this.#came(text, flow);
      },
      broken: () => undefined,
    });
    await server.start();
    this.#flow = this.network.transport.connect(this.#destination);
  }

  /** What some SUBSCRIBEs to an address get, one after the other. */
  async subscribe(times: number, watcher: string, to: string, event: string): Promise<number[]> {
    const first = this.#sent;
    for (let time = 0; time < times; time++) {
      const number = (this.#sent += 1);
      this.#flow?.send(
        [
          `SUBSCRIBE sip:${to} SIP/2.0`,
          `Via: SIP/2.0/TLS 192.0.0.8:5061;branch=z9hG4bK${String(number)}`,
          `From: <sip:${watcher}@${domain}>;tag=${String(number)}`,
          `P-Asserted-Identity: <sip:${watcher}@${domain}>`,
          `To: <sip:${to}>`,
          `Call-ID: ${String(number)}`,
          `CSeq: ${String(number)} SUBSCRIBE`,
          'Max-Forwards: 70',
          `Contact: <sip:${watcher}@192.0.0.8:5061;transport=tls>`,
          `Event: ${event}`,
          'Expires: 3600',
          'Content-Length: 0\r\n\r\n',
        ].join('\r\n'),
      );
    }
    await this.clock.play(1_000);
    return Array.from({ length: times }, (_, index) => this.#statuses.get(first + index + 1) ?? 0);
  }

  async stop(server: { stop(): Promise<void> }): Promise<void> {
    const stopped = server.stop();
    await this.clock.play(70_000);
    await stopped;
    await this.network.transport.stop();
    this.parts.sound.stop();
    releaseMemoryDatabase(this.database);
  }

  #came(text: string, flow: Flow): void {
    const message = parseMessage(text);
    if (message instanceof SipResponse) this.#statuses.set(message.cseqNumber, message.status);
    if (message instanceof SipRequest) flow.send(message.createResponse(200).text);
  }
}

describe.each([
  ['registrations', undefined, (watcher: string) => `${watcher}@${domain}`, 'reg'],
  ['a lot', 'park', () => `701@${domain}`, 'dialog'],
] as const)('of %s', (_what, user, to, event) => {
  test('there may be 50 of one watcher, however few calls there may be', async () => {
    const bench = new Bench(user);
    const server = user === undefined ? notifierIn(bench) : lotIn(bench);
    await bench.start(server);
    const fifty = Array<number>(50).fill(200);
    expect(await bench.subscribe(51, 'carol', to('carol'), event)).toEqual([...fifty, 503]);
    expect(await bench.subscribe(1, 'bob', to('bob'), event)).toEqual([200]);
    await bench.stop(server);
  });
});

test('of all watchers there may be 10,000', () => {
  expect(watcherLimits.subscriptions).toBe(10_000);
});

function notifierIn({ parts }: Bench): RegistrationNotifier {
  return new RegistrationNotifier(parts, {
    bindings: () => [],
    gruusOf: () => ({ publicGruu: undefined, temporaryGruu: undefined }),
    onChange: () => () => undefined,
    subscriberAt: (uri) => (uri instanceof SipUri && uri.user !== undefined ? { user: uri.user, domain } : undefined),
    isAdministrator: () => false,
  });
}

function lotIn({ parts, database }: Bench): ParkServer {
  return new ParkServer(
    {
      ...parts,
      music: new MusicLibrary(parts.context, []),
      store: new ParkStore(database, `park@${domain}`),
      count: () => undefined,
      spoke: () => true,
    },
    { slots: ['701'], returnAfter: 60_000, ringTime: 10_000 },
  );
}
