import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { SipUri } from '@switchhook/sip';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { readOracle } from '../oracle/oracle.ts';
import type { Cast } from '../stage/cast.ts';

/** An address that was found for the machine of somebody who is not of this house. */
export interface Outsider {
  /** What he is called by: `sip:carol@192.0.2.7`. */
  readonly uri: SipUri;
  /** The address of his machine. */
  readonly address: string;
}

/** What cannot be played with these devices, in words that say what can. */
export class CastingError extends Error {
  override readonly name = 'CastingError';
}

/** Looks at who is to be played by which device; throws a {@link CastingError} where that cannot be. */
export function checkCasting(
  flow: FlowDescription,
  cast: Cast,
  guests: Readonly<Record<string, string | undefined>>,
): void {
  const phones = cast.phones.filter(({ element }) => cast.isShown(element)).map(({ element }) => element);
  const hasProxy = cast.houses.some(({ kind }) => kind === 'exchange');
  for (const [element, uri] of Object.entries(guests)) {
    const part = cast.parts.find((each) => each.element === element);
    if (part?.kind === 'exchange') {
      throw new CastingError(`${element} is the proxy of ${flow.id}: give yours with --proxy HOST`);
    }
    if (part?.kind === 'server') {
      throw new CastingError(
        `${element} of ${flow.id} is a server, and is always ours; a device can be ${phones.join(', ')}`,
      );
    }
    if (part === undefined || !phones.includes(element)) {
      throw new CastingError(`nobody in ${flow.id} is called ${element}; a device can be ${phones.join(', ')}`);
    }
    if (flow.id === '2.13' && element === 'alice') {
      throw new CastingError(
        'alice of 2.13 calls Bob past his proxy, by a name that only our phones can find: take bob',
      );
    }
    const isCalled = !hasProxy || !part.isSubscriber || part.isReachable;
    if (uri === undefined && isCalled) {
      throw new CastingError(
        `${element} of ${flow.id} is called without a proxy: say where, as in --as ${element}=sip:${part.user}@192.0.2.7`,
      );
    }
  }
  const unseen = flow.messages.find(({ from, to }) => Object.hasOwn(guests, from) && Object.hasOwn(guests, to));
  if (unseen !== undefined) {
    const { from, to, f } = unseen;
    throw new CastingError(
      `${from} and ${to} talk to each other with nobody between (${f}), which nobody here would see: leave one of them to us`,
    );
  }
}

/**
 * Looks whether somebody else's proxy can take part, and who has an account there; answers with the part that it plays. `task` is what
 * else it has to do.
 */
export function checkProxy(
  flow: FlowDescription,
  cast: Cast,
  accounts: ReadonlyMap<string, unknown>,
  task: string | undefined,
): string {
  const proxy = cast.houses.find(({ kind }) => kind === 'exchange');
  if (proxy === undefined) {
    const others = readOracle().flows.filter(({ elements }) => elements.some(({ role }) => role === 'proxy'));
    throw new CastingError(`the ladder of ${flow.id} has no proxy; ${others.map(({ id }) => id).join(', ')} have one`);
  }
  const missing = cast.accountsAt(proxy).filter(({ element }) => !accounts.has(element));
  if (missing.length > 0) {
    const [first] = missing;
    const names = missing.map(({ element }) => element).join(', ');
    const rest = task === undefined ? '' : `; and it has to ${task}`;
    throw new CastingError(
      `the proxy has to know ${names}: say --account ${first?.element ?? ''}=USER:PASSWORD@DOMAIN for each, or --accounts FILE${rest}`,
    );
  }
  return proxy.element;
}

/** The accounts that are given, and for whoever has none of his own the one of the person whose phone he is. */
export function accountsWith<Account>(cast: Cast, given: ReadonlyMap<string, Account>): ReadonlyMap<string, Account> {
  const proxy = cast.houses.find(({ kind }) => kind === 'exchange');
  const accounts = new Map(given);
  for (const { element, user } of cast.phones) {
    const person = proxy && cast.accountsAt(proxy).find((each) => each.user === user);
    const account = person && given.get(person.element);
    if (account !== undefined && !accounts.has(element)) accounts.set(element, account);
  }
  return accounts;
}

/** Finds somebody's machine. Throws a {@link CastingError} where the address is none, or cannot be found or reached from here. */
export async function findOutsider(what: string, text: string, listen: string | undefined): Promise<Outsider> {
  const uri = SipUri.parse(/^sips?:/i.test(text) ? text : `sip:${text}`);
  if (!(uri instanceof SipUri)) throw new CastingError(`${what}: "${text}" is no SIP address: sip:carol@192.0.2.7`);
  const address = await addressOf(what, uri.host, listen?.includes(':') === true ? 6 : 4);
  if (!isLoopback(address) && (listen === undefined || isLoopback(listen))) {
    throw new CastingError(
      `${what} is at ${address}, which cannot reach us on loopback: say --listen ADDRESS, an address of this machine in its network`,
    );
  }
  return { uri, address };
}

async function addressOf(what: string, host: string, family: 4 | 6): Promise<string> {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return bare;
  try {
    return (await lookup(bare, family)).address;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CastingError(`${what}: ${host} has no address (${reason}): give one, such as 192.0.2.7`);
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
