import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { NameAddr } from '../name-addr.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';

export interface Diversion {
  /** Who diverted the call, with the parameters that RFC 5806 does not define. */
  readonly address: NameAddr;
  /** `user-busy`, `no-answer`, `unconditional` and others. */
  readonly reason?: string | undefined;
  /** How many diversions this value stands for; 1 where it is not said. */
  readonly counter?: number | undefined;
  readonly limit?: number | undefined;
  readonly privacy?: string | undefined;
  readonly screen?: string | undefined;
}

/** Diversion (RFC 5806 4): who diverted the call and why, the last one first. */
export const Diversion: HeaderType<Diversion> = { name: 'Diversion', list: true, parse, print };

function parse(text: string): Diversion | SyntaxFault {
  const address = NameAddr.parse(text);
  if (address instanceof SyntaxFault) return address;
  const known = new KnownParameters(address.parameters);
  const reason = known.text('reason');
  const counter = known.integer('counter');
  const limit = known.integer('limit');
  const privacy = known.text('privacy');
  const screen = known.text('screen');
  if (known.fault !== undefined) return known.fault;
  return { address: address.with({ parameters: known.rest }), reason, counter, limit, privacy, screen };
}

function print({ address, ...known }: Diversion): string {
  return address.toString() + printParameters({ ...known });
}
