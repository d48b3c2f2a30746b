import { SilentEngine } from '@switchhook/phone/browser';
import { systemContext, UdpTransport } from '@switchhook/node';
import {
  dialogEvent,
  InviteSessions,
  NameAddr,
  parseUri,
  Referrals,
  referTo,
  replacesOf,
  StreamNegotiation,
  Subscriber,
  SyntaxFault,
  UserAgent,
} from '@switchhook/sip';
import type { InviteSession, OutgoingReferral } from '@switchhook/sip';
import { passwordOf } from './exchange-process.ts';
import type { ExchangeProcess } from './exchange-process.ts';
import { freePort } from './ports.ts';

const ignore = (): void => undefined;
const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });

/** A user agent of the library that is a subscriber of an exchange, refers others, and watches. */
export class SubscriberPhone {
  readonly agent: UserAgent;
  readonly sessions: InviteSessions;
  readonly subscriber: Subscriber;
  readonly #referrals: Referrals;

  private constructor(user: string, port: number, exchange: ExchangeProcess) {
    const proxy = exchange.ports.udp;
    this.agent = new UserAgent(context, {
      address: `sip:${user}@127.0.0.1`,
      transports: [new UdpTransport(context, { address: '127.0.0.1', port })],
      resolver: { resolve: (uri) => [{ protocol: 'UDP', address: uri.host, port: uri.port ?? proxy }] },
      route: [NameAddr.of({ uri: `sip:127.0.0.1:${String(proxy)};lr` })],
      credentials: () => ({ username: user, password: passwordOf(user) }),
    });
    this.sessions = new InviteSessions(this.agent, {
      media: () => new StreamNegotiation(context, new SilentEngine()),
      incoming: (invite) => {
        invite.reject(486);
      },
    });
    this.#referrals = new Referrals(this.agent, {
      referred: (referral) => {
        referral.reject();
      },
    });
    this.subscriber = new Subscriber(this.agent, [dialogEvent]);
    for (const each of [this.sessions, this.#referrals, this.subscriber]) this.agent.install(each);
  }

  static async start(user: string, exchange: ExchangeProcess): Promise<SubscriberPhone> {
    const phone = new SubscriberPhone(user, await freePort(), exchange);
    await phone.agent.start();
    return phone;
  }

  async call(target: string, headers: readonly (readonly [string, string])[] = []): Promise<InviteSession> {
    const outcome = await this.sessions.invite({ target, headers }).outcome;
    if (outcome.kind !== 'answered') throw new Error(`nobody answered: ${outcome.kind}`);
    return outcome.session;
  }

  /** Refers a server to the far end of a call, that it takes this side's place there. */
  refer(server: string, session: InviteSession): OutgoingReferral {
    const target = parseUri(server);
    if (target instanceof SyntaxFault) throw new Error(target.reason);
    return this.#referrals.refer({
      target,
      referTo: referTo(session.dialog.remoteTarget, [replacesOf(session), ['Require', 'replaces']]),
      referredBy: this.agent.address,
    });
  }

  stop(): Promise<void> {
    return this.agent.stop();
  }
}
