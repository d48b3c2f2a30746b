import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RealOptions } from '@switchhook/flows';
import { UsageError } from '../command.ts';
import type { Terminal } from '../command.ts';
import { HookDirector } from './hook-director.ts';
import { TerminalDirector } from './terminal-director.ts';

export const castingOptions = {
  as: { type: 'string', multiple: true },
  hook: { type: 'string' },
  listen: { type: 'string' },
  password: { type: 'string' },
  patience: { type: 'string' },
  proxy: { type: 'string' },
  account: { type: 'string', multiple: true },
  accounts: { type: 'string' },
} as const;

/** What the command line says about devices that take part. */
export interface CastingValues {
  readonly as?: readonly string[] | undefined;
  readonly hook?: string | undefined;
  readonly listen?: string | undefined;
  readonly password?: string | undefined;
  readonly patience?: string | undefined;
  readonly proxy?: string | undefined;
  readonly account?: readonly string[] | undefined;
  readonly accounts?: string | undefined;
}

/** Seconds in which a step has to be done: by a person, and by a program. */
const patience = { person: 120, program: 30 };

/** Whether anybody takes part who is not of this house. */
export function hasCompany({ as: cast = [], proxy }: CastingValues): boolean {
  return cast.length > 0 || proxy !== undefined;
}

/** Who plays what, and where. */
export function castingOf(values: CastingValues, terminal: Terminal): RealOptions {
  if (!hasCompany(values)) {
    const [useless] = Object.keys(castingOptions).filter((name) => Object.hasOwn(values, name));
    if (useless !== undefined) throw new UsageError(`--${useless} goes with --as or --proxy`);
    return {};
  }
  const { hook, password, proxy } = values;
  const listen = values.listen?.replace(/^\[(.*)\]$/, '$1');
  const limit = values.patience ?? String(hook === undefined ? patience.person : patience.program);
  if (!/^\d{1,5}$/.test(limit) || Number(limit) === 0) throw new UsageError('--patience is a number of seconds');
  const director = hook === undefined ? new TerminalDirector(terminal) : new HookDirector(hook, Number(limit) * 1_000);
  if (listen === '0.0.0.0' || listen === '::') {
    throw new UsageError('--listen is one address of this machine, which is what others are told to reach');
  }
  return {
    guests: guestsOf(values),
    director,
    listen,
    password: password ?? randomBytes(9).toString('base64url'),
    patience: Number(limit) * 1_000,
    proxy,
    accounts: accountsOf(values),
  };
}

/** `carol=sip:carol@192.0.2.7`, or `carol` alone for one who registers. */
function guestsOf({ as: cast = [] }: CastingValues): Readonly<Record<string, string | undefined>> {
  const guests: Record<string, string | undefined> = {};
  for (const text of cast) {
    const [, role = '', , uri] = /^([a-z][a-z0-9-]*)(=(.+))?$/.exec(text) ?? [];
    if (role === '') throw new UsageError(`--as is a role and an address: carol=sip:carol@192.0.2.7; not "${text}"`);
    if (Object.hasOwn(guests, role)) throw new UsageError(`--as has ${role} twice`);
    guests[role] = uri;
  }
  return guests;
}

/** `alice=alice:secret@example.com` each, from the command line and from a file with one a line. */
function accountsOf({ account = [], accounts }: CastingValues): NonNullable<RealOptions['accounts']> {
  const lines = accounts === undefined ? [] : linesOf(accounts);
  const all = [...lines.filter((line) => line.trim() !== '' && !line.startsWith('#')), ...account];
  return new Map(
    all.map((text) => {
      const [, role = '', user = '', password = '', domain = ''] =
        /^([a-z][a-z0-9-]*)=([^:]+):(.*)@([^@\s]+)$/.exec(text) ?? [];
      // What is wrong may be a password: it is not repeated.
      if (role === '') throw new UsageError('an account is ROLE=USER:PASSWORD@DOMAIN: alice=alice:secret@example.com');
      return [role, { addressOfRecord: `sip:${user}@${domain}`, userName: user, password }] as const;
    }),
  );
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch (error) {
    throw new UsageError(`--accounts cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
