/** The program of the page that Chromium opens: a phone, told by the test what to do. */
import { PhoneError } from '@switchhook/phone';
import type { Call, Phone } from '@switchhook/phone';
import { phoneInPage } from '../../../docs/examples/phone-in-page.ts';

export interface Account {
  readonly server: string;
  readonly user: string;
  readonly password: string;
}

/** What happened in the tab, as lines that a test can look for. */
const story: string[] = [];
let phone: Phone | undefined;

/** `done`, or the kind of failure. */
async function outcomeOf(done: Promise<unknown> | undefined): Promise<string> {
  try {
    await done;
    return 'done';
  } catch (error) {
    return error instanceof PhoneError ? error.failure.kind : String(error);
  }
}

function follow(started: Phone): void {
  started.onEvent((event) => {
    if (event.kind === 'message') story.push(`message from ${event.message.from.uri}: ${event.message.text}`);
    if (event.kind === 'incoming-call') void event.call.answer();
    if (event.kind !== 'call') return;
    const { state, localHold, remoteHold, end } = event.call;
    if (event.event.kind === 'state') story.push(state);
    if (event.event.kind === 'ended' && end !== undefined) story.push(`ended: ${end.kind}`);
    if (event.event.kind === 'hold') story.push(`hold: ${localHold ? 'here' : remoteHold ? 'there' : 'no'}`);
  });
}

function only(): Call | undefined {
  return phone?.calls[0];
}

/** Of the page; the types of Node, by which this is checked, do not have it. */
declare function addEventListener(type: 'pagehide', listener: () => void): void;
addEventListener('pagehide', () => void phone?.stop());

const page = {
  /** Registers, and answers how it went. Whoever calls from then on is answered. */
  register(account: Account): Promise<string> {
    const registered = phoneInPage(account, () => undefined);
    return outcomeOf(
      registered.then((started) => {
        phone = started;
        follow(started);
      }),
    );
  },

  message: (target: string, text: string) => outcomeOf(phone?.sendMessage(target, text)),
  call: (target: string) => outcomeOf(phone?.call(target)),
  hold: () => outcomeOf(only()?.hold()),
  resume: () => outcomeOf(only()?.resume()),
  hangUp: () => outcomeOf(only()?.hangUp()),

  /** Stops the phone and answers what it holds. */
  async stop(): Promise<unknown> {
    await phone?.stop();
    return phone?.stats();
  },

  story(): readonly string[] {
    return story;
  },
};

export type Page = typeof page;
Object.assign(globalThis, { page });
