import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '@switchhook/flows';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Terminal } from '../command.ts';
import { castingOf } from './casting-arguments.ts';
import type { CastingValues } from './casting-arguments.ts';
import { HookDirector } from './hook-director.ts';
import { TerminalDirector } from './terminal-director.ts';

/** Somebody at a terminal: what is printed, and Enter. */
class Sitting implements Terminal {
  printed = '';
  readonly #readers = new Set<() => void>();
  readonly #isThere: boolean;

  constructor({ isThere = true } = {}) {
    this.#isThere = isThere;
  }

  print(text: string): void {
    this.printed += text;
  }

  complain(): void {
    // Nobody reads it here.
  }

  askSecret(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  readStandardInput(): Promise<string> {
    return Promise.resolve('');
  }

  onEnter(listener: () => void): (() => void) | undefined {
    if (!this.#isThere) return undefined;
    this.#readers.add(listener);
    return () => void this.#readers.delete(listener);
  }

  get reads(): boolean {
    return this.#readers.size > 0;
  }

  enter(): void {
    for (const reader of this.#readers) reader();
  }
}

const never = new Promise<void>(() => undefined);
const turns = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const step: Step = {
  flow: '2.1',
  role: 'bob',
  action: 'hold',
  other: { element: 'alice', addressOfRecord: 'sip:alice@127.0.0.10' },
  target: undefined,
  account: {
    addressOfRecord: 'sip:bob@biloxi.example.com',
    user: 'bob',
    password: 'xyz',
    proxy: undefined,
    certificateAuthority: '/ca.pem',
  },
  words: 'Put Alice on hold.',
};

test('roles, addresses and accounts are read; a file may have the accounts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-accounts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const accounts = join(folder, 'accounts');
  writeFileSync(accounts, '# those of the flow\nalice=a1:p:1@example.com\n');
  const casting = castingOf(
    { as: ['carol=sip:carol@192.0.2.7', 'bob'], accounts, account: ['bob=b1:p2@example.com'] },
    new Sitting(),
  );
  expect(casting.guests).toEqual({ carol: 'sip:carol@192.0.2.7', bob: undefined });
  expect([...(casting.accounts ?? [])]).toEqual([
    ['alice', { addressOfRecord: 'sip:a1@example.com', userName: 'a1', password: 'p:1' }],
    ['bob', { addressOfRecord: 'sip:b1@example.com', userName: 'b1', password: 'p2' }],
  ]);
  expect(casting.patience).toBe(120_000);
  expect(castingOf({ as: ['bob'], hook: 'true' }, new Sitting()).patience).toBe(30_000);
  expect(castingOf({ as: ['bob'], listen: '[::1]' }, new Sitting()).listen).toBe('::1');
  expect(castingOf({}, new Sitting())).toEqual({});
});

test.each<[CastingValues, string]>([
  [{ as: ['=sip:x'] }, '--as is a role and an address'],
  [{ as: ['bob', 'bob'] }, '--as has bob twice'],
  [{ listen: '192.0.2.1' }, '--listen goes with --as or --proxy'],
  [{ as: ['bob'], listen: '0.0.0.0' }, '--listen is one address'],
  [{ as: ['bob'], patience: '0' }, '--patience is a number of seconds'],
  [{ as: ['bob'], accounts: '/nowhere/accounts' }, '--accounts cannot be read: ENOENT'],
  [{ as: ['bob'], account: ['alice'] }, 'an account is ROLE=USER:PASSWORD@DOMAIN'],
])('%j is wrong', (values, words) => {
  expect(() => castingOf(values, new Sitting())).toThrow(words);
});

describe('a person at the terminal', () => {
  test('is asked in plain words, and goes on with Enter', async () => {
    const sitting = new Sitting();
    let now = 0;
    const asked = new TerminalDirector(sitting, () => now).direct(step, never);
    await turns();
    expect(sitting.printed).toContain('>> bob: Put Alice on hold. (it goes on by itself, or with Enter)');
    now = 1_000;
    sitting.enter();
    await asked;
  });

  test('does not answer with an Enter that came before he could read the question', async () => {
    const sitting = new Sitting();
    let now = 0;
    let isDone = false;
    const director = new TerminalDirector(sitting, () => now);
    await director.direct(step, Promise.resolve());
    // For the step that has gone on by itself.
    sitting.enter();
    const asked = director.direct(step, never).then(() => (isDone = true));
    await turns();
    now = 100;
    sitting.enter();
    await turns();
    expect(isDone).toBe(false);
    now = 2_000;
    sitting.enter();
    await asked;
  });

  test('is read until the last device is told that it is over', async () => {
    const sitting = new Sitting();
    const director = new TerminalDirector(sitting);
    for (const role of ['alice', 'bob']) await director.direct({ ...step, role }, Promise.resolve());
    await director.direct({ ...step, role: 'alice', action: 'finish' }, undefined);
    expect(sitting.reads).toBe(true);
    await director.direct({ ...step, role: 'bob', action: 'finish' }, undefined);
    expect(sitting.reads).toBe(false);
  });

  test('need not press anything when it is seen, and is told what was not', async () => {
    await new TerminalDirector(new Sitting()).direct(step, Promise.resolve());
    const missed = new TerminalDirector(new Sitting()).direct(step, Promise.reject(new Error('no re-INVITE')));
    await expect(missed).rejects.toThrow('no re-INVITE');
  });

  test('who is not there is not waited for, but what the device says is', async () => {
    const empty = new TerminalDirector(new Sitting({ isThere: false }));
    const prepared = empty.direct({ ...step, action: 'prepare' }, undefined);
    await expect(prepared).rejects.toThrow('nobody is there to press Enter when bob has done "Put Alice on hold."');
    await empty.direct(step, Promise.resolve());
  });

  test('is asked no more when the flow is given up', async () => {
    const given = new AbortController();
    const asked = new TerminalDirector(new Sitting()).direct(step, never, given.signal);
    given.abort();
    await expect(asked).rejects.toThrow('the flow was given up');
  });

  test('is told first how to configure the device', async () => {
    const asked = new Sitting();
    const prepared = new TerminalDirector(asked).direct({ ...step, action: 'prepare' }, Promise.resolve());
    await prepared;
    expect(asked.printed).toMatch(/address +sip:bob@biloxi\.example\.com\n.*user name +bob\n.*password +xyz/s);
  });
});

describe.skipIf(process.platform === 'win32')('a hook', () => {
  test('has the step as arguments, environment and JSON, and no shell reads it', async () => {
    const hook = `sh -c '
      test "$1" = hold && test "$2" = "sip:alice@127.0.0.10;x=\\$(exit 9)" && test "$SWITCHHOOK_ROLE" = bob && grep -q xyz
    ' hook`;
    const other = { element: 'alice', addressOfRecord: 'sip:alice@127.0.0.10;x=$(exit 9)' };
    await new HookDirector(hook, 20_000).direct({ ...step, other }, Promise.resolve());
  });

  test('that fails names the step, and says what it wrote', async () => {
    const failed = new HookDirector("sh -c 'echo no >&2; echo hands >&2; exit 3'", 20_000).direct(
      step,
      Promise.resolve(),
    );
    await expect(failed).rejects.toThrow('the hook failed at "hold alice" of bob: exit code 3: no hands');
  });

  test('that is not there, or no program, is told as that', async () => {
    const missing = new HookDirector('nosuchcommand --loud', 20_000).direct(step, Promise.resolve());
    await expect(missing).rejects.toThrow(
      /^the hook failed at "hold alice" of bob: the command was not found: .*nosuchcommand/,
    );
    const text = new HookDirector('/etc/passwd', 20_000).direct(step, Promise.resolve());
    await expect(text).rejects.toThrow('of bob: the command is found, but cannot be run: ');
  });

  test('written in JavaScript tells its error, and not where it came from', async () => {
    const thrown = new HookDirector(`node -e 'throw new Error("no hands")'`, 20_000).direct(step, Promise.resolve());
    await expect(thrown).rejects.toThrow(/no hands(?!.* at )/s);
  });

  test('that hangs is ended, with all that it has begun', async () => {
    const hung = new HookDirector("sh -c 'echo no hands >&2; sleep 60'", 300).direct(step, Promise.resolve());
    await expect(hung).rejects.toThrow('the hook failed at "hold alice" of bob: it was not done after 0.3 s: no hands');
    const given = new AbortController();
    const interrupted = new HookDirector("sh -c 'sleep 60'", 20_000).direct(step, Promise.resolve(), given.signal);
    given.abort();
    await expect(interrupted).rejects.toThrow('the flow was given up');
  });

  test('may leave something running that writes on', async () => {
    await new HookDirector("sh -c 'sleep 5 >&2 &'", 20_000).direct(step, Promise.resolve());
  });

  test('is not enough: what it was to bring about has to be seen', async () => {
    const missed = new HookDirector('true', 20_000).direct(step, Promise.reject(new Error('no re-INVITE')));
    await expect(missed).rejects.toThrow('no re-INVITE');
  });
});
