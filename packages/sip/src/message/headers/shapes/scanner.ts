import { DIGIT, isIn, scanNumber, skip, skipQuoted, SPACE, TOKEN } from '../../characters.ts';
import { SyntaxFault } from '../../fault.ts';
import { Parameters } from '../../parameters.ts';
import { unquote } from '../../quoted-string.ts';

/**
 * Reads a header field value from left to right (RFC 3261 25.1). Every method looks at each character at most once,
 * so a parser made of them takes linear time.
 */
export class Scanner {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
    this.skipSpace();
  }

  /** Whether nothing but white space is left. */
  get atEnd(): boolean {
    this.skipSpace();
    return this.position >= this.text.length;
  }

  fault(reason: string): SyntaxFault {
    return new SyntaxFault(reason, this.position);
  }

  /** Passes over white space and tells whether there was any. */
  skipSpace(): boolean {
    const start = this.position;
    this.position = skip(this.text, start, this.text.length, SPACE);
    return this.position > start;
  }

  /** Whether `character` comes next, after white space. */
  sees(character: string): boolean {
    this.skipSpace();
    return this.text[this.position] === character;
  }

  /** Passes over `character` with the white space around it, when it comes next. */
  accept(character: string): boolean {
    if (!this.sees(character)) return false;
    this.position++;
    this.skipSpace();
    return true;
  }

  /** What starts here of characters of the given classes; empty when there is none. */
  take(classes: number): string {
    const start = this.position;
    this.position = skip(this.text, start, this.text.length, classes);
    return this.text.slice(start, this.position);
  }

  token(): string {
    return this.take(TOKEN);
  }

  /** The number that starts here, or what is wrong with it. */
  integer(what: string, maximum: number): number | SyntaxFault {
    const start = this.position;
    if (!isIn(this.text.charCodeAt(start), DIGIT)) return this.fault(`${what} is not a number`);
    this.take(DIGIT);
    const value = scanNumber(this.text, start, this.position, maximum);
    return value >= 0 ? value : new SyntaxFault(`${what} is over ${String(maximum)}`, start);
  }

  /** Everything up to the first of `stops`, or to the end. */
  until(stops: string): string {
    const start = this.position;
    while (this.position < this.text.length && !stops.includes(this.text.charAt(this.position))) this.position++;
    return this.text.slice(start, this.position);
  }

  /** The content of the quoted-string that starts here, its escapes undone. */
  quotedString(): string | SyntaxFault {
    if (!this.sees('"')) return this.fault('a quoted string is missing');
    const start = this.position;
    const end = skipQuoted(this.text, start, this.text.length);
    if (end < 0) return this.fault('unbalanced quotes');
    this.position = end;
    return unquote(this.text.slice(start, end));
  }

  /** The comment that starts here, parentheses included. */
  comment(): string | SyntaxFault {
    const start = this.position;
    let depth = 0;
    for (let index = start; index < this.text.length; index++) {
      const code = this.text.charCodeAt(index);
      if (code === 0x5c) index++;
      else if (code === 0x28) depth++;
      else if (code === 0x29 && --depth === 0) {
        this.position = index + 1;
        return this.text.slice(start, this.position);
      }
    }
    return this.fault('unbalanced parentheses');
  }

  /** The parameters up to the end of the value (RFC 3261 7.3.1). */
  parameters(): Parameters | SyntaxFault {
    const start = this.position;
    this.position = this.text.length;
    return Parameters.parse(this.text, start);
  }

  /** `value` when nothing else follows it. */
  end<T>(value: T): T | SyntaxFault {
    return this.atEnd ? value : this.fault('something follows the value');
  }
}

/** Whether the text is one comment, parentheses included. */
export function isComment(text: string): boolean {
  return text.startsWith('(') && new Scanner(text).comment() === text;
}
