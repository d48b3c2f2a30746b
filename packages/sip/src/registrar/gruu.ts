import { SyntaxFault } from '../message/fault.ts';
import { SipUri } from '../message/sip-uri.ts';
import type { SipContext } from '../context.ts';
import type { Binding } from './binding.ts';

const userPrefix = 'tgruu.';
const idLength = 32;

/** What a GRUU says before anything is looked up. */
export type GruuReading =
  { readonly kind: 'public'; readonly instanceId: string } | { readonly kind: 'temporary'; readonly gruuId: string };

/** What a contact can be reached by from anywhere; undefined where it has none. */
export interface GruusOfBinding {
  readonly publicGruu: string | undefined;
  readonly temporaryGruu: string | undefined;
}

/**
 * Makes and reads GRUUs (RFC 5627). A public one is the address of record with the instance in its `gr` parameter and
 * needs no memory. A temporary one is the {@link Binding.gruuId} of its instance, enciphered under a fresh salt: all
 * that were made from one id stay valid together, until the id is given up, and no two of them can be told to belong
 * together by anyone without the key (RFC 5627 5.1).
 */
export class GruuMint {
  readonly #context: Pick<SipContext, 'hashes' | 'random'>;
  readonly #key: string;

  constructor(context: Pick<SipContext, 'hashes' | 'random'>, key: string) {
    this.#context = context;
    this.#key = key;
  }

  /** An id for an instance, to be kept in its bindings. */
  newId(): string {
    return hexadecimal(this.#context.random.bytes(idLength / 2));
  }

  #public(addressOfRecord: string, instanceId: string): string | undefined {
    const uri = SipUri.parse(addressOfRecord);
    return uri instanceof SyntaxFault ? undefined : uri.with({ parameters: { gr: instanceId } }).toString();
  }

  #temporary(addressOfRecord: string, gruuId: string): string | undefined {
    const uri = SipUri.parse(addressOfRecord);
    if (uri instanceof SyntaxFault) return undefined;
    const salt = hexadecimal(this.#context.random.bytes(idLength / 2));
    const user = userPrefix + salt + this.#cipher(gruuId, salt);
    return uri.with({ user, parameters: { gr: true } }).toString();
  }

  /** The GRUUs of a contact: with `sips` for one that has it (RFC 5630 5.1.1.4). A temporary one is new each time. */
  of({ addressOfRecord, contact, instanceId, gruuId }: Binding): GruusOfBinding {
    const base = /^sips:/i.test(contact) ? addressOfRecord.replace(/^sip:/, 'sips:') : addressOfRecord;
    return {
      publicGruu: instanceId === undefined ? undefined : this.#public(base, instanceId),
      temporaryGruu: instanceId === undefined || gruuId === undefined ? undefined : this.#temporary(base, gruuId),
    };
  }

  /** Undefined for a URI that is no GRUU. */
  read(uri: SipUri): GruuReading | undefined {
    const instanceId = uri.parameters.get('gr');
    if (instanceId === undefined) return undefined;
    const { user } = uri;
    if (instanceId !== '' || user?.startsWith(userPrefix) !== true) return { kind: 'public', instanceId };
    const salt = user.slice(userPrefix.length, userPrefix.length + idLength);
    return { kind: 'temporary', gruuId: this.#cipher(user.slice(userPrefix.length + idLength), salt) };
  }

  /** Its own inverse: adds a key stream that only this salt and the key make. Ids are random, so they prove themselves. */
  #cipher(text: string, salt: string): string {
    const stream = this.#context.hashes.hmac(this.#key, salt);
    let result = '';
    for (let i = 0; i < Math.min(text.length, idLength); i++) {
      result += (digit(text, i) ^ digit(stream, i)).toString(16);
    }
    return result;
  }
}

function digit(text: string, index: number): number {
  const value = Number.parseInt(text.charAt(index), 16);
  return Number.isNaN(value) ? 0 : value;
}

function hexadecimal(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
