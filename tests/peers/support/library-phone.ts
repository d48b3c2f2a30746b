import { SilentEngine } from '@switchhook/phone/browser';
import { systemContext, UdpTransport } from '@switchhook/node';
import { InviteSessions, StreamNegotiation, UserAgent } from '@switchhook/sip';
import type { ClaimAuthority, IncomingInvite, SessionOptions, StreamAgreement } from '@switchhook/sip';
import { freePort } from './ports.ts';

const ignore = (): void => undefined;
const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });

/** A user agent of the library at a port of this machine, for SIPp to talk to. */
export class LibraryPhone {
  readonly agent: UserAgent;
  readonly sessions: InviteSessions;
  readonly port: number;
  /** What was agreed on for its streams, the latest last. */
  readonly agreed: StreamAgreement[] = [];
  readonly #invites: IncomingInvite[] = [];
  readonly #waiting: ((invite: IncomingInvite) => void)[] = [];

  private constructor(port: number, options: Partial<SessionOptions>, authority: ClaimAuthority) {
    this.port = port;
    this.agent = new UserAgent(context, {
      address: `sip:library@127.0.0.1:${String(port)}`,
      transports: [new UdpTransport(context, { address: '127.0.0.1', port })],
      resolver: {
        resolve: ({ host, port: place = 5_060 }) => [{ protocol: 'UDP', address: host, port: place }],
      },
    });
    const user = {
      ...authority,
      media: () => new StreamNegotiation(context, new SilentEngine((agreement) => this.agreed.push(agreement))),
      incoming: (invite: IncomingInvite) => {
        const waiting = this.#waiting.shift();
        if (waiting === undefined) this.#invites.push(invite);
        else waiting(invite);
      },
    };
    this.sessions = new InviteSessions(this.agent, user, options);
    this.agent.install(this.sessions);
  }

  static async start(options: Partial<SessionOptions> = {}, authority: ClaimAuthority = {}): Promise<LibraryPhone> {
    const phone = new LibraryPhone(await freePort(), options, authority);
    await phone.agent.start();
    return phone;
  }

  /** The next call that comes. */
  called(): Promise<IncomingInvite> {
    const invite = this.#invites.shift();
    return invite === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(invite);
  }

  stop(): Promise<void> {
    return this.agent.stop();
  }
}
