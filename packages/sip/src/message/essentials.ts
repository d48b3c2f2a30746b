import { AddressScanner } from './address-scanner.ts';
import { DIGIT, equalsFolded, scanNumber, skip, SPACE, TOKEN, WORD } from './characters.ts';
import { SyntaxFault } from './fault.ts';
import { essentialNames, headerKey, isNamed } from './header-name.ts';
import { maximumCSeq } from './headers/cseq.ts';
import { ViaValue } from './headers/via.ts';
import type { Via } from './headers/via.ts';
import { ParameterScanner } from './parameter-scanner.ts';

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

/** From some bits of a last letter to the one name above that it may end. */
const slots = new Uint8Array(32);
keys.forEach((key, slot) => {
  slots[key & 31] = slot;
});

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
  readonly #isUsual: boolean;

  /** What `isUsualHead` has found out is not looked at again. */
  constructor(isUsual: boolean) {
    this.#isUsual = isUsual;
  }

  /** Takes note of one header field: its name's key, and where its line and its value are. */
  take(text: string, key: number, lineStart: number, start: number, end: number): void {
    const slot = slotOf(key);
    if (slot === 0 || !(this.#isUsual || isNamed(text, lineStart, names[slot] ?? ''))) return;
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
    const via = this.viaOf(text, start, end);
    if (via instanceof SyntaxFault) this.fault ??= via;
    else this.topVia = via;
  }

  /** The first Via of a field of the message. */
  viaOf(text: string, start: number, end: number): Via | SyntaxFault {
    return this.#isUsual ? ViaValue.ofUsual(text, start, end) : ViaValue.scan(text, start, end, false);
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
    if (this.#isUsual) {
      const addressEnd = text.indexOf('>', start) + 1;
      tagEnd = end;
      return addressEnd === end ? -1 : addressEnd + ';tag='.length;
    }
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
    if (!this.#isUsual) {
      let stop = skip(text, start, end, WORD);
      if (stop > start && stop < end - 1 && text.charCodeAt(stop) === 0x40) stop = skip(text, stop + 1, end, WORD);
      if (stop === start || stop < end) {
        this.#fail('Call-ID is not a word', stop);
        return;
      }
    }
    this.callIdStart = start;
    this.callIdEnd = end;
  }

  #readCSeq(text: string, start: number, end: number): void {
    const digitsEnd = this.#isUsual ? text.indexOf(' ', start) : skip(text, start, end, DIGIT);
    const methodStart = this.#isUsual ? digitsEnd + 1 : skip(text, digitsEnd, end, SPACE);
    const number = scanNumber(text, start, digitsEnd, maximumCSeq);
    if (number < 0) {
      this.#fail('CSeq number is not below 2**31', start);
      return;
    }
    if (!this.#isUsual) {
      const methodEnd = skip(text, methodStart, end, TOKEN);
      if (methodStart === digitsEnd || methodEnd === methodStart || methodEnd < end) {
        this.#fail('no method in CSeq', methodStart);
        return;
      }
    }
    this.cseqNumber = number;
    this.cseqMethodStart = methodStart;
    this.cseqMethodEnd = end;
  }
}
