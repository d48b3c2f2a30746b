import { InstantMessages, NameAddr, UserAgent } from '@switchhook/sip';
import type { Registration, RegistrationState, Resolver, SipContext, Transport } from '@switchhook/sip';

/** A pager: registers for a person, and takes and sends short texts. */
export class Pager {
  readonly #agent: UserAgent;
  readonly #messages: InstantMessages;
  #registration: Registration | undefined = undefined;

  constructor(
    context: SipContext,
    transport: Transport,
    resolver: Resolver,
    { name, domain, password }: { readonly name: string; readonly domain: string; readonly password: string },
    show: (line: string) => void,
  ) {
    this.#agent = new UserAgent(context, {
      address: `<sip:${name}@${domain}>`,
      transports: [transport],
      resolver,
      // Every request outside of a dialog goes by way of the exchange.
      route: [NameAddr.of({ uri: `sip:${domain};lr` })],
      credentials: () => ({ username: name, password }),
    });
    this.#messages = new InstantMessages(this.#agent, {
      onMessage: ({ caller, text }) => {
        show(`${caller.address.uri.toString()}: ${text}`);
        return 200;
      },
    });
    this.#agent.install(this.#messages);
  }

  async start(tell: (state: RegistrationState) => void): Promise<void> {
    await this.#agent.start();
    this.#registration = this.#agent.register({ expires: 600 });
    this.#registration.onChange(tell);
  }

  /** What became of it, in a word. */
  async write(uri: string, text: string): Promise<string> {
    const outcome = await this.#messages.send(uri, text);
    if ('code' in outcome) return `not sent: ${outcome.message}`;
    return outcome.status < 300 ? 'delivered' : `refused: ${outcome.reason}`;
  }

  async stop(): Promise<void> {
    await this.#registration?.end();
    await this.#agent.stop();
  }
}
