import { parse } from 'sdp-transform';
import { ContentType, SyntaxFault } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One m= line, as far as a flow says anything about it. */
export interface MediaDescription {
  readonly kind: string;
  readonly port: number;
  /** Of the c= line that holds for it. */
  readonly address: string;
  readonly direction: Direction;
  /** Encoding names in lower case, in the order of the m= line; a payload type where neither an rtpmap nor RFC 3551 names it. */
  readonly formats: readonly string[];
}

/** A session description (RFC 8866), read for what RFC 5359 says about it. */
export interface SessionDescription {
  readonly text: string;
  readonly sessionId: string;
  readonly version: bigint;
  readonly media: readonly MediaDescription[];
}

/** Payload types that need no rtpmap (RFC 3551 6). */
const named: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ 0: 'pcmu', 3: 'gsm', 4: 'g723', 5: 'dvi4', 6: 'dvi4', 7: 'lpc', 8: 'pcma', 9: 'g722', 10: 'l16', 11: 'l16' },
    ...{ 12: 'qcelp', 13: 'cn', 14: 'mpa', 15: 'g728', 16: 'dvi4', 17: 'dvi4', 18: 'g729' },
    ...{ 25: 'celb', 26: 'jpeg', 28: 'nv', 31: 'h261', 32: 'mpv', 33: 'mp2t', 34: 'h263' },
  }),
);

/** What was read of messages: many rules ask. */
const read = new WeakMap<SipMessage, { readonly description: SessionDescription | undefined }>();

/** The description in the body of a message; undefined when it has none, or none that reads. */
export function sessionDescriptionOf(message: SipMessage): SessionDescription | undefined {
  const known = read.get(message);
  if (known !== undefined) return known.description;
  const description = descriptionIn(message);
  read.set(message, { description });
  return description;
}

function descriptionIn(message: SipMessage): SessionDescription | undefined {
  const type = message.get(ContentType);
  if (type === undefined || type instanceof SyntaxFault) return undefined;
  if (`${type.type}/${type.subtype}`.toLowerCase() !== 'application/sdp') return undefined;
  return descriptionOf(message.body);
}

/** By their texts, those that were read last: a proxy sends on what it gets. */
const texts = new Map<string, SessionDescription | undefined>();
const mostTexts = 64;

function descriptionOf(text: string): SessionDescription | undefined {
  if (texts.has(text)) return texts.get(text);
  const description = readSessionDescription(text);
  if (texts.size >= mostTexts) texts.clear();
  texts.set(text, description);
  return description;
}

/** The lines of which a flow says something: to read the others takes longer. */
const telling = /^(?:[mc]=|a=(?:rtpmap:|sendrecv|sendonly|recvonly|inactive)).*/gm;

function readSessionDescription(text: string): SessionDescription | undefined {
  const session = parse((text.match(telling) ?? []).join('\n'));
  // The origin's numbers may need more than 53 bits, so they are read here.
  const origin = /^o=\S+ (\d+) (\d+) /m.exec(text);
  if (origin === null) return undefined;
  const [, sessionId = '', version = ''] = origin;
  return {
    text,
    sessionId,
    version: BigInt(version),
    media: session.media.map((media) => ({
      kind: media.type,
      port: media.port,
      address: media.connection?.ip ?? session.connection?.ip ?? '',
      direction: directionOf(media.direction) ?? directionOf(session.direction) ?? 'sendrecv',
      // A single payload type is read as a number, whatever the types say.
      formats: [media.payloads ?? '']
        .join('')
        .split(' ')
        .map(
          (payload) =>
            media.rtp.find((each) => `${each.payload}` === payload)?.codec.toLowerCase() ??
            named.get(payload) ??
            payload,
        ),
    })),
  };
}

function directionOf(text: string | undefined): Direction | undefined {
  return text === 'sendrecv' || text === 'sendonly' || text === 'recvonly' || text === 'inactive' ? text : undefined;
}

/** What the whole description says: the direction of the first stream that is not refused. */
export function directionOfSession(description: SessionDescription): Direction {
  return description.media.find(({ port }) => port !== 0)?.direction ?? 'inactive';
}

/** The streams that a description agrees to, or offers: those whose port is not 0 (RFC 3264 5.1, 6). */
export function openStreams({ media }: SessionDescription): number {
  return media.filter(({ port }) => port !== 0).length;
}

/** The hold of RFC 2543: an unspecified address (RFC 3264 8.4). */
export function isOldHold({ media }: SessionDescription): boolean {
  return media.some(({ address, port }) => port !== 0 && (address === '0.0.0.0' || address === '::'));
}
