/** The program of the page that Chromium opens: a user agent of the library, told by the test what to do. */
import { browserContext, oneServerResolver, WebSocketClientTransport } from '@switchhook/phone/browser';
import { InstantMessages, InviteSessions, StreamNegotiation, UserAgent } from '@switchhook/sip';
import type { IncomingInvite, InviteSession, RequestFailure, SipResponse } from '@switchhook/sip';
import { SilentEngine } from '../support/silent-engine.ts';

const ignore = (): void => undefined;
const context = browserContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });

export interface Account {
  readonly server: string;
  readonly user: string;
  readonly password: string;
}

/** What happened in the tab, as lines that a test can look for. */
const story: string[] = [];
let agent: UserAgent | undefined;
let messages: InstantMessages | undefined;
let sessions: InviteSessions | undefined;
let session: InviteSession | undefined;

function follow(established: InviteSession): void {
  session = established;
  established.listen((event) => {
    if (event.kind === 'media') story.push(`media ${event.direction}${event.remoteHold ? ', held' : ''}`);
    if (event.kind === 'ended') story.push(`ended ${event.end.kind}`);
  });
}

async function answer(invite: IncomingInvite): Promise<void> {
  invite.ring();
  const outcome = await invite.accept();
  story.push(`incoming ${outcome.kind}`);
  if (outcome.kind === 'answered') follow(outcome.session);
}

function statusOf(outcome: SipResponse | RequestFailure | undefined): number | undefined {
  return outcome?.status;
}

const page = {
  /** Registers, and answers how it went. Whoever calls from then on is answered. */
  async register({ server, user, password }: Account): Promise<string> {
    const transport = new WebSocketClientTransport(context, { url: server });
    agent = new UserAgent(context, {
      address: `sip:${user}@127.0.0.1`,
      transports: [transport],
      resolver: oneServerResolver(transport.destination),
      credentials: () => ({ username: user, password }),
    });
    messages = new InstantMessages(agent, {
      onMessage: ({ caller, text }) => {
        story.push(`message from ${caller.address.uri.toString()}: ${text}`);
        return 200;
      },
    });
    sessions = new InviteSessions(agent, {
      media: () => new StreamNegotiation(context, new SilentEngine([])),
      incoming: (invite) => void answer(invite),
    });
    agent.install(messages);
    agent.install(sessions);
    await agent.start();
    const registration = agent.register();
    return new Promise((resolve) => {
      registration.onChange(({ kind }) => {
        if (kind === 'registered' || kind === 'failed') resolve(kind);
      });
    });
  },

  /** Sends a message and answers the status that came of it. */
  async message(target: string, text: string): Promise<number | undefined> {
    return statusOf(await messages?.send(target, text));
  },

  async call(target: string): Promise<string | undefined> {
    const outcome = await sessions?.invite({ target }).outcome;
    if (outcome?.kind === 'answered') follow(outcome.session);
    return outcome?.kind;
  },

  async hold(): Promise<string | undefined> {
    return (await session?.hold())?.kind;
  },

  async resume(): Promise<string | undefined> {
    return (await session?.resume())?.kind;
  },

  async hangUp(): Promise<void> {
    await session?.hangUp();
  },

  story(): readonly string[] {
    return story;
  },
};

export type Page = typeof page;
Object.assign(globalThis, { page });
