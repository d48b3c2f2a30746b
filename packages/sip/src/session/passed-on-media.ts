import type { SipContext } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { LocalHold, MediaDirection, MediaNegotiation, MediaRefusal } from './media.ts';
import { narrowed } from './media-direction.ts';
import { parseSessionDescription } from './session-description-parser.ts';
import { printSessionDescription } from './session-description-writer.ts';

/** This side of a call whose media go between its far end and somebody else: neither streams nor ports. */
export class PassedOnMedia implements MediaNegotiation {
  localHold: LocalHold = 'none';
  readonly remoteHold = false;
  readonly direction: MediaDirection = 'inactive';
  readonly #sessionId: string;
  #version = 0;
  #offer = '';
  #answer: string | undefined = undefined;

  constructor({ random }: Pick<SipContext, 'random'>) {
    this.#sessionId = String(1 + Math.floor(random.fraction() * 2 ** 48));
  }

  /** What the far end has said to the offer of {@link pass}; undefined before. */
  get answer(): string | undefined {
    return this.#answer;
  }

  /** Whose media the next offer is of: the offer that he has made. He is only played to (RFC 7088 2.1, step 4). */
  pass(offer: string): void {
    this.#offer = offer;
    this.#answer = undefined;
  }

  createOffer(refresh = false): Promise<string> {
    const description = parseSessionDescription(this.#offer);
    if (description instanceof SyntaxFault) return Promise.reject(new Error(description.reason));
    if (!refresh) this.#version += 1;
    const origin = { ...description.origin, sessionId: this.#sessionId, version: this.#version };
    const media = description.media.map((each) => ({ ...each, direction: narrowed(each.direction, 'recvonly') }));
    return Promise.resolve(printSessionDescription({ origin, media }));
  }

  /** RFC 7088 2.7: who plays need not change anything. */
  createAnswer(): Promise<MediaRefusal> {
    return Promise.resolve({ kind: 'refused', status: 403, reason: 'what is played here is not changed' });
  }

  acceptAnswer(answer: string): Promise<undefined> {
    this.#answer = answer;
    return Promise.resolve(undefined);
  }

  commit(): void {
    // Nothing of this side is to begin.
  }

  rollback(): void {
    // Nor to end.
  }

  close(): void {
    // There is nothing open.
  }
}
