import { SwitchhookError } from '../error.ts';
import { isAll, TOKEN } from './characters.ts';
import type { HeaderInit, HeaderType } from './header.ts';
import { wholeHeaderName } from './header-name.ts';
import { checkBody, checkLine } from './printing.ts';

/** A whole header line. Throws for a name that is no token and for a value that would break out of its line. */
export function headerLine(name: string, value: string): string {
  checkHeaderLine(name, value);
  return `${name}: ${value}\r\n`;
}

/** Throws what {@link headerLine} throws. */
export function checkHeaderLine(name: string, value: string): void {
  if (!isAll(name, TOKEN)) throw new SwitchhookError('invalid-header-name', `not a header name: ${name}`);
  checkLine(value);
}

/** The text of one value. */
export function headerValue<T>(header: string | HeaderType<T>, value: T | string): string {
  if (typeof value === 'string') return value;
  if (typeof header === 'string') throw new SwitchhookError('invalid-header-value', `${header} needs a text`);
  return header.print(value);
}

/** Header lines for a new message, with the Content-Length that fits the body, which nobody else can set. */
export function headerSection(headers: readonly HeaderInit[], body: string): string {
  let text = '';
  for (const init of headers) {
    const name = typeof init[0] === 'string' ? init[0] : init[0].name;
    if (wholeHeaderName(name) !== 'content-length') text += headerLine(name, headerValue<unknown>(init[0], init[1]));
  }
  return `${text}Content-Length: ${String(body.length)}\r\n\r\n${checkBody(body)}`;
}
