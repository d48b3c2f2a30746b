import { SwitchhookError } from '../error.ts';
import { scanNumber, skip, SPACE } from './characters.ts';
import { mayBeEssential } from './essentials.ts';
import type { HeaderType } from './header.ts';
import { headerKey, isNamed } from './header-name.ts';
import { checkHeaderLine, headerValue } from './message-text.ts';
import type { Via } from './headers/via.ts';
import { elementEnd } from './parameter-scanner.ts';
import { checkBody, checkLine, printInteger, printRequestUri } from './printing.ts';
import type { HeaderName, SipMessage } from './sip-message.ts';

/** A header line that the edit puts in. */
interface NewLine {
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

/**
 * Collects changes to a message and writes it anew in one go. Lines that nobody touches go out byte for byte, folding
 * and all. Every call sees the effect of those before it.
 */
export class MessageEdit<M extends SipMessage = SipMessage> {
  readonly #message: M;
  readonly #read: (text: string, isSound: boolean) => M;
  /** Header fields in their order: the number of one that stays, or one that is new. Undefined while nothing changed. */
  #lines: (number | NewLine)[] | undefined = undefined;
  #startLine: string | undefined = undefined;
  #body: string | undefined = undefined;
  /** Nothing was done that could break a message that was in order, but for what comes to light in its Via. */
  #isSound: boolean;
  #showsAnotherVia = false;

  /** `read` need not look into a text that is sound. */
  constructor(message: M, read: (text: string, isSound: boolean) => M) {
    this.#message = message;
    this.#read = read;
    this.#isSound = message.index.fault === undefined;
  }

  setRequestUri(uri: string): this {
    const { text } = this.#message;
    if (text.startsWith('SIP/')) throw new SwitchhookError('not-a-request', 'a response has no Request-URI');
    this.#startLine = `${text.slice(0, text.indexOf(' '))} ${printRequestUri(uri)} SIP/2.0\r\n`;
    return this;
  }

  setStatus(status: number, reason: string): this {
    if (!this.#message.text.startsWith('SIP/')) throw new SwitchhookError('not-a-response', 'a request has no status');
    if (status < 100) throw new SwitchhookError('invalid-status', `not a status: ${String(status)}`);
    this.#startLine = `SIP/2.0 ${printInteger(status, 'a status', 699)} ${checkLine(reason)}\r\n`;
    return this;
  }

  /** Puts a field before the first of that name, or else on top. */
  prepend<T>(header: string | HeaderType<T>, value: T | string): this {
    const line = newLine(header, value);
    this.#touch(line.name);
    const lines = this.#own();
    const at = this.#find(line.name, line.key, 0);
    if (at > 0) lines.splice(at, 0, line);
    else lines.unshift(line);
    return this;
  }

  /** Puts a field behind the last of that name, or else at the end. */
  append<T>(header: string | HeaderType<T>, value: T | string): this {
    const line = newLine(header, value);
    this.#touch(line.name);
    const lines = this.#own();
    const last = lines.findLastIndex((each) => this.#is(each, line.name, line.key));
    if (last < 0) lines.push(line);
    else lines.splice(last + 1, 0, line);
    return this;
  }

  /** Makes this the only field of that name, in the place of the first one, or else at the end. */
  set<T>(header: string | HeaderType<T>, value: T | string): this {
    const line = newLine(header, value);
    if (!isHopCount(line)) this.#touch(line.name);
    const lines = this.#own();
    const at = this.#find(line.name, line.key, 0);
    if (at < 0) lines.push(line);
    else {
      lines[at] = line;
      if (this.#find(line.name, line.key, at + 1) >= 0) this.#removeFrom(line.name, line.key, at + 1);
    }
    return this;
  }

  /** Takes every field of that name away. */
  remove(header: HeaderName): this {
    const name = nameOf(header);
    const key = headerKey(name);
    const first = this.#lines === undefined ? this.#message.index.find(name, key) : this.#find(name, key, 0);
    if (first < 0) return this;
    this.#touch(name);
    this.#removeFrom(name, key, first);
    return this;
  }

  /** Takes the first value away: the first element of a comma list, or the whole first field. */
  removeFirstValue(header: HeaderName): this {
    const name = nameOf(header);
    if (name === 'Via') this.#showsAnotherVia = true;
    else this.#touch(name);
    return this.#changeFirst(name, undefined);
  }

  /** Puts another value in the place of the first one. */
  replaceFirstValue<T>(header: string | HeaderType<T>, value: T | string): this {
    const line = newLine(header, value);
    this.#touch(line.name);
    return this.#changeFirst(line.name, line.value);
  }

  /** Another body; Content-Length is put right. Without a content type, a Content-Type that is there stays. */
  setBody(body: string, contentType?: string): this {
    this.#body = checkBody(body);
    this.set('Content-Length', String(body.length));
    if (contentType !== undefined) this.set('Content-Type', contentType);
    else if (body === '') this.remove('Content-Type');
    return this;
  }

  toText(): string {
    const { text, index } = this.#message;
    const lines = this.#lines;
    let result = this.#startLine ?? '';
    let from = this.#startLine === undefined ? 0 : index.start;
    let to = index.start;
    if (lines === undefined) to = index.end;
    else {
      for (const line of lines) {
        if (typeof line === 'number') {
          const start = index.lineStart(line);
          if (start !== to) {
            result += text.slice(from, to);
            from = start;
          }
          to = index.lineEnd(line);
        } else {
          result += `${text.slice(from, to)}${line.name}: ${line.value}\r\n`;
          from = to;
        }
      }
    }
    if (this.#body === undefined && to === index.end) return result + text.slice(from);
    result += text.slice(from, to);
    return this.#body === undefined ? result + text.slice(index.end) : `${result}\r\n${this.#body}`;
  }

  /** The edited message. Throws when the edit broke it. */
  toMessage(): M {
    const message = this.#read(this.toText(), this.#isSound);
    // Only the top Via was ever looked at; asking for the one that is on top now throws when it is none.
    if (this.#showsAnotherVia) checkTopVia(message);
    return message;
  }

  /** What changes a field that every message must have in order makes it necessary to read the message anew. */
  #touch(name: string): void {
    if (mayBeEssential(name)) this.#isSound = false;
  }

  #own(): (number | NewLine)[] {
    if (this.#lines === undefined) {
      const count = this.#message.index.count;
      const lines: (number | NewLine)[] = [];
      for (let field = 0; field < count; field++) lines.push(field);
      this.#lines = lines;
    }
    return this.#lines;
  }

  #find(name: string, key: number, from: number): number {
    const lines = this.#own();
    for (let i = from; i < lines.length; i++) {
      const line = lines[i];
      if (line !== undefined && this.#is(line, name, key)) return i;
    }
    return -1;
  }

  #is(line: number | NewLine, name: string, key: number): boolean {
    if (typeof line === 'number') return this.#message.index.is(line, name, key);
    return line.key === key && isNamed(`${line.name}:`, 0, name);
  }

  #removeFrom(name: string, key: number, from: number): void {
    const lines = this.#own();
    let kept = from;
    for (let i = from; i < lines.length; i++) {
      const line = lines[i];
      if (line !== undefined && !this.#is(line, name, key)) lines[kept++] = line;
    }
    lines.length = kept;
  }

  #changeFirst(name: string, value: string | undefined): this {
    const lines = this.#own();
    const key = headerKey(name);
    const at = this.#find(name, key, 0);
    const line = lines[at];
    if (line === undefined) {
      if (value !== undefined) lines.unshift({ key, name, value });
      return this;
    }
    const { index } = this.#message;
    const old = typeof line === 'number' ? index.value(line) : line.value;
    const stop = elementEnd(old, 0, old.length);
    const rest = old.slice(skip(old, Math.min(stop + 1, old.length), old.length, SPACE));
    const lineName = typeof line === 'number' ? index.name(line) : line.name;
    if (value !== undefined) lines[at] = { key, name: lineName, value: rest === '' ? value : `${value}, ${rest}` };
    else if (rest === '') lines.splice(at, 1);
    else lines[at] = { key, name: lineName, value: rest };
    return this;
  }
}

/** The one field of every message that a proxy always changes (RFC 3261 16.6 step 3). */
function isHopCount({ name, value }: NewLine): boolean {
  return name === 'Max-Forwards' && scanNumber(value, 0, value.length, 255) >= 0;
}

function checkTopVia(message: SipMessage): Via {
  return message.topVia;
}

function nameOf(header: HeaderName): string {
  return typeof header === 'string' ? header : header.name;
}

function newLine<T>(header: string | HeaderType<T>, value: T | string): NewLine {
  const name = nameOf(header);
  const line = { key: headerKey(name), name, value: headerValue(header, value) };
  checkHeaderLine(name, line.value);
  return line;
}
