import { AddressScanner } from './address-scanner.ts';
import { DIGIT, equalsFolded, scanNumber, skip, SPACE, TOKEN, WORD } from './characters.ts';
import { SyntaxFault } from './fault.ts';
import type { MessageLimits } from './header-index.ts';
import { essentialNames, headerKey, isNamed, keyOf } from './header-name.ts';
import { maximumCSeq } from './headers/cseq.ts';
import { ViaValue } from './headers/via.ts';
import type { Via } from './headers/via.ts';
import { ParameterScanner } from './parameter-scanner.ts';
import { isUsual } from './usual-message.ts';

/** Where a name lies in {@link names}; 0 is for none of them. */
const VIA = 1;
const FROM = 2;
const TO = 3;
const CALL_ID = 4;
const CSEQ = 5;
const MAX_FORWARDS = 6;
const CONTENT_LENGTH = 7;
const names = ['', ...essentialNames];
const keys = names.map(headerKey);
const needed = (1 << VIA) | (1 << FROM) | (1 << TO) | (1 << CALL_ID) | (1 << CSEQ);

const SP = 0x20;
const ZERO = 0x30;
const COLON = 0x3a;
const GREATER_THAN = 0x3e;

/** From some bits of a last letter to the one name above that it may end. */
const slots = new Uint8Array(32);
keys.forEach((key, slot) => {
  slots[key & 31] = slot;
});

/** The first two letters of each in one number, and its length. */
const beginnings = names.map((name) => beginningOf(name, 0));
const lengths = names.map(({ length }) => length);

/** From some bits of the first two letters to the one name that may begin with them. */
const slotsByBeginning: number[] = new Array<number>(32).fill(0);
beginnings.forEach((beginning, slot) => {
  if (slot > 0) slotsByBeginning[beginningPlace(beginning)] = slot;
});

function beginningOf(text: string, position: number): number {
  return (text.charCodeAt(position) << 8) | text.charCodeAt(position + 1);
}

function beginningPlace(beginning: number): number {
  return ((beginning >> 8) + beginning) & 31;
}

function slotOf(key: number): number {
  const slot = slots[key & 31] ?? 0;
  return keys[slot] === key ? slot : 0;
}

/** False for a name that is surely none of those that a message must have. */
export function mayBeEssential(name: string): boolean {
  return slotOf(headerKey(name)) !== 0;
}

/** Scanning calls nobody back, so one scanner does for all. */
const address = new AddressScanner();
let tagEnd = 0;

/**
 * What every message must have (RFC 3261 8.1.1, 20) and every element reads: found and checked once, in place, while
 * the header fields are indexed. The rest of a message is looked into when somebody asks.
 */
export class Essentials {
  /** The first one found. */
  fault: SyntaxFault | undefined = undefined;
  topVia: Via | undefined = undefined;
  callIdStart = 0;
  callIdEnd = 0;
  fromTagStart = -1;
  fromTagEnd = -1;
  toTagStart = -1;
  toTagEnd = -1;
  cseqNumber = -1;
  cseqMethodStart = 0;
  cseqMethodEnd = 0;
  /** -1 when the field is absent. */
  maxForwards = -1;
  /** -1 when the field is absent. */
  contentLength = -1;
  /** A bit for each field that was seen. */
  #seen = 0;

  /**
   * Takes note of all header fields of a message that {@link isUsual}, and puts two numbers for each into `fields`: its name's
   * key and where its line starts. The answer is how many numbers these are, the last one where the empty line is; or
   * -1 where something is unusual or amiss after all, and what was noted is to be forgotten.
   */
  takeUsual(text: string, limits: MessageLimits, wantsVia: boolean, fields: number[]): number {
    if (!isUsual(text)) return -1;
    const mayBeTooLong = text.length > limits.maximumHeaderLine;
    let seen = wantsVia ? 0 : 1 << VIA;
    let used = 0;
    let position = text.indexOf('\n') + 1;
    for (;;) {
      const lineEnd = text.indexOf('\r', position);
      if (lineEnd === position) break;
      if (mayBeTooLong && lineEnd - position > limits.maximumHeaderLine) return -1;
      const beginning = beginningOf(text, position);
      const slot = slotsByBeginning[beginningPlace(beginning)] ?? 0;
      const colon = position + (lengths[slot] ?? 0);
      let key = keys[slot] ?? 0;
      if (beginnings[slot] !== beginning || text.charCodeAt(colon) !== COLON) {
        key = keyOf(text, position, text.indexOf(':', position));
      } else if (slot === VIA) {
        this.topVia ??= ViaValue.ofUsual(text, colon + 2, lineEnd);
        seen |= 1 << VIA;
      } else {
        if ((seen & (1 << slot)) !== 0) return -1;
        seen |= 1 << slot;
        this.#takeUsual(slot, text, colon + 2, lineEnd);
      }
      fields[used++] = key;
      fields[used++] = position;
      position = lineEnd + 2;
    }
    const bodyLength = text.length - position - 2;
    if ((seen & needed) !== needed || this.maxForwards > 255 || this.contentLength > bodyLength) return -1;
    if (used > limits.maximumHeaderFields * 2) return -1;
    fields[used++] = position;
    return used;
  }

  #takeUsual(slot: number, text: string, start: number, end: number): void {
    const number = slot < CSEQ ? 0 : numberAt(text, start);
    switch (slot) {
      case FROM:
        this.fromTagStart = usualTag(text, start, end);
        if (this.fromTagStart >= 0) this.fromTagEnd = end;
        return;
      case TO:
        this.toTagStart = usualTag(text, start, end);
        if (this.toTagStart >= 0) this.toTagEnd = end;
        return;
      case CALL_ID:
        this.callIdStart = start;
        this.callIdEnd = end;
        return;
      case CSEQ:
        this.cseqNumber = number;
        this.cseqMethodStart = text.indexOf(' ', start) + 1;
        this.cseqMethodEnd = end;
        return;
      case MAX_FORWARDS:
        this.maxForwards = number;
        return;
      case CONTENT_LENGTH:
        this.contentLength = number;
        return;
      default:
    }
  }

  /** Takes note of one header field: its name's key, and where its line and its value are. */
  take(text: string, key: number, lineStart: number, start: number, end: number): void {
    const slot = slotOf(key);
    if (slot === 0 || !isNamed(text, lineStart, names[slot] ?? '')) return;
    const bit = 1 << slot;
    if ((this.#seen & bit) !== 0) {
      if (slot !== VIA) this.fault ??= new SyntaxFault(`more than one ${names[slot] ?? ''}`, lineStart);
      return;
    }
    this.#seen |= bit;
    switch (slot) {
      case VIA:
        this.#readVia(text, start, end);
        return;
      case FROM:
        this.#readFrom(text, start, end);
        return;
      case TO:
        this.#readTo(text, start, end);
        return;
      case CALL_ID:
        this.#readCallId(text, start, end);
        return;
      case CSEQ:
        this.#readCSeq(text, start, end);
        return;
      case MAX_FORWARDS:
        this.maxForwards = scanNumber(text, skip(text, start, end, SPACE), end, 255);
        if (this.maxForwards < 0) this.#fail('Max-Forwards is not a number up to 255', start);
        return;
      case CONTENT_LENGTH:
        this.contentLength = scanNumber(text, skip(text, start, end, SPACE), end, Number.MAX_SAFE_INTEGER);
        if (this.contentLength < 0) this.#fail('Content-Length is not a number', start);
        return;
      default:
    }
  }

  /**
   * When all fields were taken: the first fault, if any. The body has `bodyLength` characters at most. A request of
   * this side has no Via until it is sent.
   */
  finish(bodyLength: number, wantsVia: boolean): SyntaxFault | undefined {
    if (this.contentLength > bodyLength) this.#fail('Content-Length is more than there is', 0);
    for (let slot = wantsVia ? VIA : FROM; slot <= CSEQ; slot++) {
      if ((this.#seen & (1 << slot)) === 0) this.#fail(`no ${names[slot] ?? ''}`, 0);
    }
    return this.fault;
  }

  #fail(reason: string, offset: number): void {
    this.fault ??= new SyntaxFault(reason, offset);
  }

  #readVia(text: string, start: number, end: number): void {
    const via = ViaValue.scan(text, start, end, false);
    if (via instanceof SyntaxFault) this.fault ??= via;
    else this.topVia = via;
  }

  #readFrom(text: string, start: number, end: number): void {
    this.fromTagStart = this.#findTag(text, start, end);
    if (this.fromTagStart >= 0) this.fromTagEnd = tagEnd;
  }

  #readTo(text: string, start: number, end: number): void {
    this.toTagStart = this.#findTag(text, start, end);
    if (this.toTagStart >= 0) this.toTagEnd = tagEnd;
  }

  /**
   * Checks the address, its URI apart, and its parameters. Where the tag's value starts, or -1 when there is no tag; where
   * it ends is in {@link tagEnd}.
   */
  #findTag(text: string, start: number, end: number): number {
    if (!address.scan(text, start, end)) {
      this.#fail(address.fault, address.position);
      return -1;
    }
    const scanner = new ParameterScanner(text, address.position, end);
    let tagStart = -1;
    while (scanner.next()) {
      const { nameStart, nameEnd, valueStart, valueEnd } = scanner;
      if (!equalsFolded(text, nameStart, nameEnd, 'tag')) continue;
      // RFC 3261 7.3.1; whoever took the other one would see another dialog.
      if (tagStart >= 0) this.#fail('more than one tag', nameStart);
      else if (valueStart < 0 || text.charCodeAt(valueStart) === 0x22) this.#fail('tag is not a token', nameEnd);
      else {
        tagStart = valueStart;
        tagEnd = valueEnd;
      }
    }
    if (scanner.fault !== '') this.#fail(scanner.fault, scanner.position);
    else if (scanner.position < end) this.#fail('more than one address', scanner.position);
    return tagStart;
  }

  #readCallId(text: string, start: number, end: number): void {
    let stop = skip(text, start, end, WORD);
    if (stop > start && stop < end - 1 && text.charCodeAt(stop) === 0x40) stop = skip(text, stop + 1, end, WORD);
    if (stop === start || stop < end) {
      this.#fail('Call-ID is not a word', stop);
      return;
    }
    this.callIdStart = start;
    this.callIdEnd = end;
  }

  #readCSeq(text: string, start: number, end: number): void {
    const digitsEnd = skip(text, start, end, DIGIT);
    const methodStart = skip(text, digitsEnd, end, SPACE);
    const number = scanNumber(text, start, digitsEnd, maximumCSeq);
    if (number < 0) {
      this.#fail('CSeq number is not below 2**31', start);
      return;
    }
    const methodEnd = skip(text, methodStart, end, TOKEN);
    if (methodStart === digitsEnd || methodEnd === methodStart || methodEnd < end) {
      this.#fail('no method in CSeq', methodStart);
      return;
    }
    this.cseqNumber = number;
    this.cseqMethodStart = methodStart;
    this.cseqMethodEnd = end;
  }
}

/** Where the tag starts behind an address in angle brackets, or -1 when nothing is behind it. A tag has no bracket. */
function usualTag(text: string, start: number, end: number): number {
  return text.charCodeAt(end - 1) === GREATER_THAN ? -1 : text.indexOf('>', start) + '>;tag='.length;
}

/** The number whose digits start at `position`, or behind the spaces there. */
function numberAt(text: string, position: number): number {
  let i = position;
  while (text.charCodeAt(i) === SP) i++;
  let number = 0;
  for (let code = text.charCodeAt(i); code >= ZERO; code = text.charCodeAt(++i)) number = number * 10 + code - ZERO;
  return number;
}
