import { pcmu, tone, ToneSource } from '@switchhook/media';
import { simulatedContext } from '@switchhook/sim';
import { encodeUtf8, InviteSessions, NameAddr, Parameters, UserAgent } from '@switchhook/sip';
import { MachineMedia } from '../../packages/phone/src/node/machine-media.ts';
import type { TestHouse } from '../../packages/phone/src/phone.testing.ts';

/** Refuses calls, and names in the refusal what it plays to whoever calls that, at 192.0.2.66. `says`: that it is a machine. */
export class AnnouncementServer {
  readonly uri = 'sip:announcement@192.0.2.66';
  readonly #agent: UserAgent;
  readonly #media: MachineMedia;

  constructor(house: TestHouse, says = true) {
    const address = '192.0.2.66';
    const host = house.network.host('announcement', [address]);
    const context = simulatedContext('announcement', house.context.clock);
    const source = new ToneSource(tone('700', 'continuous'), { sampleRate: 8_000 });
    this.#media = new MachineMedia(context, { codecs: [pcmu], network: host.ports(), address, microphone: source });
    this.#agent = new UserAgent(context, {
      address: NameAddr.parse(encodeUtf8(`<${this.uri}>`)) as NameAddr,
      features: Parameters.of(says ? { automata: true } : {}),
      transports: [host.transport('UDP')],
      resolver: { resolve: ({ host: to, port = 5060 }) => [{ protocol: 'UDP', address: to, port }] },
    });
    const sessions = new InviteSessions(this.#agent, {
      media: () => {
        const { negotiation } = this.#media.open(false);
        negotiation.localHold = 'sendonly';
        return negotiation;
      },
      incoming: (invite) => {
        if (!invite.request.requestUriText.endsWith(';play=why')) {
          invite.reject(403, { headers: [['Error-Info', `<${this.uri};play=why>`]] });
          return;
        }
        void invite.accept();
      },
    });
    this.#agent.install(sessions);
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  async stop(): Promise<void> {
    await this.#agent.stop();
    await this.#media.stop();
  }
}
