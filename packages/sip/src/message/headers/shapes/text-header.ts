import { skip, SPACE, trimEnd } from '../../characters.ts';
import { SyntaxFault } from '../../fault.ts';
import type { HeaderType } from '../../header.ts';
import { checkLine } from '../../printing.ts';

/** A header field of free text for people (RFC 3261 25.1 TEXT-UTF8-TRIM); it may be empty. */
export function textHeader(name: string, compact?: string): HeaderType<string> {
  return {
    name,
    ...(compact !== undefined && { compact }),
    list: false,
    parse(text: string): string | SyntaxFault {
      const start = skip(text, 0, text.length, SPACE);
      const value = text.slice(start, trimEnd(text, start, text.length));
      const control = value.search(/[\0\r\n]/);
      return control < 0 ? value : new SyntaxFault('a control character', start + control);
    },
    print: checkLine,
  };
}
