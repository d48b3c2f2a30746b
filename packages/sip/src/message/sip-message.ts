import { SwitchhookError } from '../error.ts';
import type { MessageEdit } from './edit.ts';
import { SyntaxFault } from './fault.ts';
import type { HeaderType } from './header.ts';
import { HeaderIndex, noLimits } from './header-index.ts';
import { headerKey, wholeHeaderName } from './header-name.ts';
import { ViaValue } from './headers/via.ts';
import type { Via } from './headers/via.ts';
import { methodIn } from './methods.ts';
import { firstElement, splitList } from './parameter-scanner.ts';
import { startLineEnd } from './start-line.ts';

const CR = 0x0d;
const LETTER_V = 0x76;
const viaKey = headerKey('Via');

/** A header field by the type that reads it, or by its name. */
export type HeaderName = string | HeaderType<unknown>;

function nameOf(header: HeaderName): string {
  return typeof header === 'string' ? header : header.name;
}

/** Names by which the library itself asks for fields that are comma lists, when asked by name and not by type. */
const listNames = new Set(
  (
    'accept accept-contact accept-encoding accept-language alert-info allow allow-events call-info contact ' +
    'content-encoding content-language diversion error-info geolocation history-info in-reply-to p-asserted-identity ' +
    'p-associated-uri p-preferred-identity path proxy-require reason record-route reject-contact require ' +
    'resource-priority route security-client security-server security-verify service-route supported unsupported via warning'
  ).split(' '),
);

/** A message: its text, and where its header fields are. Header fields parse when asked for, once. */
export abstract class SipMessage {
  // Declared, and set in the constructor: what a base class gives its fields otherwise, by `#` or a value at their
  // declaration, it does in a function that V8 calls for each message, and that takes longer than all the rest of it.
  /** All of it with the body, one character a byte. */
  declare readonly text: string;
  declare private keptIndex: HeaderIndex | undefined;
  /** The message that this one is a copy of, with all that a message must have as it was there, but for Via and hops. */
  declare private original: SipMessage | undefined;
  declare private keptTopVia: Via | undefined;
  declare private keptCallId: string | undefined;
  declare private cachedTypes: HeaderType<unknown>[] | undefined;
  declare private cachedValues: unknown[] | undefined;

  /** Without an index for a text that this side has put together of checked parts, those of an `original` perhaps. */
  protected constructor(text: string, index: HeaderIndex | undefined, original?: SipMessage, topVia?: Via) {
    this.text = text;
    this.keptIndex = index;
    this.original = original;
    this.keptTopVia = topVia;
    this.keptCallId = undefined;
    this.cachedTypes = undefined;
    this.cachedValues = undefined;
  }

  /**
   * Where the header fields are. For the library's own use. Most of what this side makes is sent and never looked into,
   * so that is indexed when somebody asks: half of the messages that a proxy handles are its own.
   */
  get index(): HeaderIndex {
    return (this.keptIndex ??= indexOwn(this.text));
  }

  /**
   * Lets go of all that was read from the text; it is read again when somebody asks. For those who keep a message
   * and hardly look into it any more: the index takes as much memory as the text.
   */
  forget(): void {
    this.keptIndex = undefined;
    this.original = undefined;
    this.keptTopVia = undefined;
    this.keptCallId = undefined;
    this.cachedTypes = undefined;
    this.cachedValues = undefined;
  }

  get callId(): string {
    if (this.original !== undefined) return this.original.callId;
    // The same text each time: what is looked up by it in many places keeps its hash.
    if (this.keptCallId === undefined) {
      const { callIdStart, callIdEnd } = this.index.essentials;
      this.keptCallId = this.text.slice(callIdStart, callIdEnd);
    }
    return this.keptCallId;
  }

  /** 0 to 255; undefined when the field is absent. */
  get maxForwards(): number | undefined {
    const { maxForwards } = this.index.essentials;
    return maxForwards < 0 ? undefined : maxForwards;
  }

  get cseqNumber(): number {
    return (this.original ?? this).index.essentials.cseqNumber;
  }

  get cseqMethod(): string {
    if (this.original !== undefined) return this.original.cseqMethod;
    const { cseqMethodStart, cseqMethodEnd } = this.index.essentials;
    return methodIn(this.text, cseqMethodStart, cseqMethodEnd);
  }

  get fromTag(): string | undefined {
    if (this.original !== undefined) return this.original.fromTag;
    const { fromTagStart, fromTagEnd } = this.index.essentials;
    return fromTagStart < 0 ? undefined : this.text.slice(fromTagStart, fromTagEnd);
  }

  get toTag(): string | undefined {
    if (this.original !== undefined) return this.original.toTag;
    const { toTagStart, toTagEnd } = this.index.essentials;
    return toTagStart < 0 ? undefined : this.text.slice(toTagStart, toTagEnd);
  }

  /**
   * Throws for the message of a {@link MalformedMessage} that has no valid Via, and for a request of this side that was
   * not sent yet; ask those with `get(Via)`.
   */
  get topVia(): Via {
    this.keptTopVia ??=
      (this.keptIndex === undefined ? plainTopVia(this.text) : undefined) ?? this.index.essentials.topVia;
    if (this.keptTopVia === undefined) throw new SwitchhookError('malformed-message', 'the message has no valid Via');
    return this.keptTopVia;
  }

  /** Whether there is a Via beneath the top one: others passed the request on, and the response is to go on to them. */
  get hasFurtherVia(): boolean {
    const first = this.index.find('Via', viaKey);
    return this.index.find('Via', viaKey, first) >= 0 || this.rawAll('Via').length > 1;
  }

  /** The Via beneath the top one, where a response is to go on to; undefined when there is none that can be read. */
  get furtherVia(): Via | undefined {
    const { index, text } = this;
    const first = index.find('Via', viaKey);
    if (first < 0) return undefined;
    const firstEnd = index.valueEnd(first);
    let start = this.topVia.nextStart(text, firstEnd);
    let end = firstEnd;
    if (start < 0) {
      if (!this.topVia.endsAt(text, firstEnd)) return readVia(this.rawAll('Via')[1] ?? '');
      const field = index.find('Via', viaKey, first);
      if (field < 0) return undefined;
      start = index.valueStart(field);
      end = index.valueEnd(field);
    }
    const via = index.viaAt(start, end);
    return via instanceof ViaValue ? via : undefined;
  }

  /** The text without the top Via, and without its line where it stands alone in it; undefined where it cannot be cut out. */
  protected textWithoutTopVia(): string | undefined {
    const { index, text } = this;
    const field = index.find('Via', viaKey);
    if (field < 0) return undefined;
    const fieldEnd = index.valueEnd(field);
    const next = this.topVia.nextStart(text, fieldEnd);
    if (next >= 0) return text.slice(0, index.valueStart(field)) + text.slice(next);
    if (!this.topVia.endsAt(text, fieldEnd)) return undefined;
    return text.slice(0, index.lineStart(field)) + text.slice(index.lineEnd(field));
  }

  get body(): string {
    return this.text.slice(this.index.bodyStart);
  }

  has(header: HeaderName): boolean {
    return this.index.first(nameOf(header)) >= 0;
  }

  /** The value of the first field of that name: unfolded and trimmed, a comma list whole. */
  raw(header: HeaderName): string | undefined {
    const field = this.index.first(nameOf(header));
    return field < 0 ? undefined : this.index.value(field);
  }

  /** Every value, comma lists split. */
  rawAll(header: HeaderName): string[] {
    const name = nameOf(header);
    const key = headerKey(name);
    const isList = typeof header === 'string' ? listNames.has(wholeHeaderName(header)) : header.list;
    const values: string[] = [];
    for (let field = this.index.find(name, key); field >= 0; field = this.index.find(name, key, field)) {
      const value = this.index.value(field);
      if (isList) for (const element of splitList(value)) values.push(element);
      else values.push(value);
    }
    return values;
  }

  /** The first value, read once; undefined when there is none. */
  get<T>(type: HeaderType<T>): T | SyntaxFault | undefined {
    const cachedAt = this.cachedTypes === undefined ? -1 : this.cachedTypes.indexOf(type);
    // Under a type the cache holds only what that type's own parse returned.
    if (cachedAt >= 0) return this.cachedValues?.[cachedAt] as T | SyntaxFault | undefined;
    const raw = this.raw(type);
    if (raw === undefined) return undefined;
    const first = type.list ? firstElement(raw) : raw;
    if (first === undefined) return undefined;
    const value = type.parse(first);
    (this.cachedTypes ??= []).push(type);
    (this.cachedValues ??= []).push(value);
    return value;
  }

  /** Every value, or the first fault among them. */
  all<T>(type: HeaderType<T>): T[] | SyntaxFault {
    const values: T[] = [];
    for (const raw of this.rawAll(type)) {
      const value = type.parse(raw);
      if (value instanceof SyntaxFault) return value;
      values.push(value);
    }
    return values;
  }

  /** Every header field in its order, names as they came. */
  *headerFields(): Iterable<{ readonly name: string; readonly value: string }> {
    for (let field = 0; field < this.index.count; field++) {
      yield { name: this.index.name(field), value: this.index.value(field) };
    }
  }

  abstract edit(): MessageEdit;
}

/** A text of this side may have no Via yet. */
function indexOwn(text: string): HeaderIndex {
  return HeaderIndex.ofUsual(text, noLimits, false) ?? HeaderIndex.scan(text, startLineEnd(text) + 2, noLimits, false);
}

function readVia(value: string): Via | undefined {
  const via = ViaValue.parse(value);
  return via instanceof ViaValue ? via : undefined;
}

/** The top Via, found without an index where it is written in the usual way: undefined says nothing. */
function plainTopVia(text: string): Via | undefined {
  let start = text.indexOf('\r\n') + 2;
  while ((text.charCodeAt(start) | 0x20) !== LETTER_V) {
    // The header section ends here; what looks like a Via further on is the body's.
    if (text.charCodeAt(start) === CR) return undefined;
    start = text.indexOf('\r\n', start) + 2;
    if (start < 2) return undefined;
  }
  const end = text.indexOf('\r\n', start);
  const next = text.charCodeAt(end + 2);
  if (!text.startsWith('Via:', start) || end < 0 || next === 0x20 || next === 0x09) return undefined;
  const via = ViaValue.scan(text, start + 'Via:'.length, end, false);
  return via instanceof ViaValue ? via : undefined;
}

/** Cuts off what follows the body that Content-Length announces (RFC 3261 18.3). */
export function withoutRest(text: string, index: HeaderIndex): string {
  const { contentLength } = index.essentials;
  const end = index.bodyStart + contentLength;
  return contentLength < 0 || end >= text.length ? text : text.slice(0, end);
}
