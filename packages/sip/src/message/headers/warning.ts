import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { quote } from '../quoted-string.ts';
import { Scanner } from './shapes/scanner.ts';
import { printInteger, refused } from '../printing.ts';

export interface Warning {
  /** Three digits, like 399. */
  readonly code: number;
  /** The host, with its port perhaps, or the pseudonym that warns. */
  readonly agent: string;
  readonly text: string;
}

/** Warning (RFC 3261 20.43): more about the status of a response, for people and programs. */
export const Warning: HeaderType<Warning> = {
  name: 'Warning',
  list: true,
  parse,
  print,
};

function print({ code, agent, text }: Warning): string {
  if (!/^[^\s",;<>]+$/.test(agent)) throw refused('a warn-agent', agent);
  if (code < 100) throw refused('a warn-code', String(code));
  return `${printInteger(code, 'a warn-code', 999)} ${agent} ${quote(text)}`;
}

function parse(value: string): Warning | SyntaxFault {
  const scanner = new Scanner(value);
  const code = scanner.integer('the warn-code', 999);
  if (code instanceof SyntaxFault) return code;
  if (code < 100) return new SyntaxFault('the warn-code has not three digits');
  if (!scanner.skipSpace()) return scanner.fault('a space is missing');
  const agent = scanner.until(' \t"');
  if (agent === '') return scanner.fault('the warn-agent is missing');
  if (!scanner.skipSpace()) return scanner.fault('a space is missing');
  const text = scanner.quotedString();
  return text instanceof SyntaxFault ? text : scanner.end({ code, agent, text });
}
