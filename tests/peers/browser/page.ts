/** The program of the page that Chromium opens: a user agent of the library, told by the test what to do. */
import { browserContext, oneServerResolver, WebSocketClientTransport } from '@switchhook/phone/browser';
import { UserAgent } from '@switchhook/sip';

const ignore = (): void => undefined;
const context = browserContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });

export interface Account {
  readonly server: string;
  readonly user: string;
  readonly password: string;
}

let agent: UserAgent | undefined;

const page = {
  /** Registers, and answers how it went. */
  async register({ server, user, password }: Account): Promise<string> {
    const transport = new WebSocketClientTransport(context, { url: server });
    agent = new UserAgent(context, {
      address: `sip:${user}@127.0.0.1`,
      transports: [transport],
      resolver: oneServerResolver(transport.destination),
      credentials: () => ({ username: user, password }),
    });
    await agent.start();
    const registration = agent.register();
    return new Promise((resolve) => {
      registration.onChange(({ kind }) => {
        if (kind === 'registered' || kind === 'failed') resolve(kind);
      });
    });
  },
};

export type Page = typeof page;
Object.assign(globalThis, { page });
