import { pcmu, tone, ToneSource } from '@switchhook/media';
import { simulatedContext } from '@switchhook/sim';
import { encodeUtf8, InviteSessions, NameAddr, Referrals, referredDialogOf, UserAgent } from '@switchhook/sip';
import type { IncomingReferral } from '@switchhook/sip';
import { MachineMedia } from '../node/machine-media.ts';
import type { TestHouse } from '../phone.testing.ts';

/** Does for whoever asks what a music server does (RFC 5359 2.3), at 192.0.2.77. */
export class MusicServerStandIn {
  readonly uri = 'sip:music@192.0.2.77';
  /** Whether it says in its reports which dialog it has with the one who is held. */
  tells = true;
  readonly #agent: UserAgent;
  readonly #media: MachineMedia;
  readonly #sessions: InviteSessions;

  constructor(house: TestHouse) {
    const address = '192.0.2.77';
    const host = house.network.host('music', [address]);
    const context = simulatedContext('music', house.context.clock);
    const source = new ToneSource(tone('700', 'continuous'), { sampleRate: 8_000 });
    this.#media = new MachineMedia(context, { codecs: [pcmu], network: host.ports(), address, microphone: source });
    this.#agent = new UserAgent(context, {
      address: NameAddr.parse(encodeUtf8(`<${this.uri}>`)) as NameAddr,
      transports: [host.transport('UDP')],
      resolver: { resolve: ({ host: to, port = 5060 }) => [{ protocol: 'UDP', address: to, port }] },
    });
    this.#sessions = new InviteSessions(this.#agent, {
      media: () => this.#media.open(false).negotiation,
      incoming: (invite) => invite.reject(486),
    });
    this.#agent.install(this.#sessions);
    this.#agent.install(new Referrals(this.#agent, { referred: (referral) => void this.#follow(referral) }));
  }

  get calls(): number {
    return this.#sessions.stats().sessions;
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  async stop(): Promise<void> {
    await this.#agent.stop();
    await this.#media.stop();
  }

  async #follow(referral: IncomingReferral): Promise<void> {
    referral.accept();
    const call = this.#media.open(false);
    const invite = this.#sessions.invite(
      { target: referral.reference.uri, headers: referral.headers },
      call.negotiation,
    );
    const outcome = await invite.outcome;
    if (outcome.kind === 'answered') {
      call.connected = true;
      referral.finish(200, 'OK', this.tells ? referredDialogOf(outcome.session.dialog) : undefined);
    } else referral.finish(outcome.kind === 'refused' ? outcome.response.status : 500);
  }
}
