import { AddressScanner } from './address-scanner.ts';
import { DIGIT, equalsFolded, scanNumber, skip, SPACE, TOKEN, WORD } from './characters.ts';
import { SyntaxFault } from './fault.ts';
import { headerKey } from './header-name.ts';
import type { HeaderIndex } from './header-index.ts';
import { maximumCSeq } from './headers/cseq.ts';
import { ViaValue } from './headers/via.ts';
import type { Via } from './headers/via.ts';
import { ParameterScanner } from './parameter-scanner.ts';

const keys = {
  via: headerKey('Via'),
  from: headerKey('From'),
  to: headerKey('To'),
  callId: headerKey('Call-ID'),
  cseq: headerKey('CSeq'),
  maxForwards: headerKey('Max-Forwards'),
  contentLength: headerKey('Content-Length'),
};

/**
 * What every message must have (RFC 3261 8.1.1, 20) and every element reads: found and checked once, in place. The
 * rest of a message is looked into when somebody asks.
 */
export class Essentials {
  readonly #text: string;
  topVia: Via | undefined = undefined;
  callIdStart = 0;
  callIdEnd = 0;
  fromTagStart = -1;
  fromTagEnd = -1;
  toTagStart = -1;
  toTagEnd = -1;
  cseqNumber = 0;
  cseqMethod = '';
  /** -1 when the field is absent. */
  contentLength = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads everything, in the order in which the loss of it hurts an answer least. */
  read(index: HeaderIndex): SyntaxFault | undefined {
    return (
      this.#readVia(index) ??
      this.#readCallId(index) ??
      this.#readFrom(index) ??
      this.#readTo(index) ??
      this.#readCSeq(index) ??
      this.#readMaxForwards(index) ??
      this.#readContentLength(index)
    );
  }

  #readVia(index: HeaderIndex): SyntaxFault | undefined {
    const field = index.find('Via', keys.via);
    if (field < 0) return new SyntaxFault('no Via');
    const via = ViaValue.scan(this.#text, index.valueStart(field), index.valueEnd(field), false);
    if (via instanceof SyntaxFault) return via;
    this.topVia = via;
    return undefined;
  }

  #readCallId(index: HeaderIndex): SyntaxFault | undefined {
    const field = index.find('Call-ID', keys.callId);
    if (field < 0) return new SyntaxFault('no Call-ID');
    if (index.find('Call-ID', keys.callId, field) >= 0) return new SyntaxFault('more than one Call-ID');
    const text = this.#text;
    const start = index.valueStart(field);
    const end = index.valueEnd(field);
    let stop = skip(text, start, end, WORD);
    if (stop > start && stop < end && text.charCodeAt(stop) === 0x40) {
      const host = stop + 1;
      stop = skip(text, host, end, WORD);
      if (stop === host) stop = host - 1;
    }
    if (stop === start || stop < end) return new SyntaxFault('Call-ID is not a word', stop);
    this.callIdStart = start;
    this.callIdEnd = end;
    return undefined;
  }

  #readFrom(index: HeaderIndex): SyntaxFault | undefined {
    const field = index.find('From', keys.from);
    if (field < 0) return new SyntaxFault('no From');
    if (index.find('From', keys.from, field) >= 0) return new SyntaxFault('more than one From');
    const scanner = new ParameterScanner(this.#text, 0, index.valueEnd(field));
    const fault = this.#findTag(scanner, index.valueStart(field), index.valueEnd(field));
    this.fromTagStart = scanner.valueStart;
    this.fromTagEnd = scanner.valueEnd;
    return fault;
  }

  #readTo(index: HeaderIndex): SyntaxFault | undefined {
    const field = index.find('To', keys.to);
    if (field < 0) return new SyntaxFault('no To');
    if (index.find('To', keys.to, field) >= 0) return new SyntaxFault('more than one To');
    const scanner = new ParameterScanner(this.#text, 0, index.valueEnd(field));
    const fault = this.#findTag(scanner, index.valueStart(field), index.valueEnd(field));
    this.toTagStart = scanner.valueStart;
    this.toTagEnd = scanner.valueEnd;
    return fault;
  }

  /** Leaves the scanner at the tag parameter, or without a value when there is none. */
  #findTag(scanner: ParameterScanner, start: number, end: number): SyntaxFault | undefined {
    const address = new AddressScanner();
    if (!address.scan(this.#text, start, end)) return new SyntaxFault(address.fault, address.position);
    scanner.position = address.position;
    let tagStart = -1;
    let tagEnd = -1;
    while (scanner.next()) {
      if (tagStart >= 0 || !equalsFolded(this.#text, scanner.nameStart, scanner.nameEnd, 'tag')) continue;
      tagStart = scanner.valueStart;
      tagEnd = scanner.valueEnd;
      if (tagStart < 0) return new SyntaxFault('tag without a value', scanner.nameEnd);
    }
    if (scanner.fault !== '') return new SyntaxFault(scanner.fault, scanner.position);
    if (scanner.position < end) return new SyntaxFault('more than one address', scanner.position);
    scanner.valueStart = tagStart;
    scanner.valueEnd = tagEnd;
    return undefined;
  }

  #readCSeq(index: HeaderIndex): SyntaxFault | undefined {
    const field = index.find('CSeq', keys.cseq);
    if (field < 0) return new SyntaxFault('no CSeq');
    if (index.find('CSeq', keys.cseq, field) >= 0) return new SyntaxFault('more than one CSeq');
    const text = this.#text;
    const start = index.valueStart(field);
    const end = index.valueEnd(field);
    const digitsEnd = skip(text, start, end, DIGIT);
    this.cseqNumber = scanNumber(text, start, digitsEnd, maximumCSeq);
    if (this.cseqNumber < 0) return new SyntaxFault('CSeq number is not below 2**31', start);
    const methodStart = skip(text, digitsEnd, end, SPACE);
    const methodEnd = skip(text, methodStart, end, TOKEN);
    if (methodStart === digitsEnd || methodEnd === methodStart || methodEnd < end) {
      return new SyntaxFault('no method in CSeq', methodStart);
    }
    this.cseqMethod = text.slice(methodStart, methodEnd);
    return undefined;
  }

  #readMaxForwards(index: HeaderIndex): SyntaxFault | undefined {
    const field = index.find('Max-Forwards', keys.maxForwards);
    if (field < 0) return undefined;
    if (index.find('Max-Forwards', keys.maxForwards, field) >= 0) return new SyntaxFault('more than one Max-Forwards');
    const start = index.valueStart(field);
    if (scanNumber(this.#text, start, index.valueEnd(field), 255) >= 0) return undefined;
    return new SyntaxFault('Max-Forwards is not a number up to 255', start);
  }

  #readContentLength(index: HeaderIndex): SyntaxFault | undefined {
    const field = index.find('Content-Length', keys.contentLength);
    if (field < 0) return undefined;
    if (index.find('Content-Length', keys.contentLength, field) >= 0) {
      return new SyntaxFault('more than one Content-Length');
    }
    const start = index.valueStart(field);
    const length = scanNumber(this.#text, start, index.valueEnd(field), Number.MAX_SAFE_INTEGER);
    if (length < 0) return new SyntaxFault('Content-Length is not a number', start);
    if (length > this.#text.length - index.bodyStart)
      return new SyntaxFault('Content-Length is more than there is', start);
    this.contentLength = length;
    return undefined;
  }
}
