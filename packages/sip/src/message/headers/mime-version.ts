import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { Scanner } from './shapes/scanner.ts';
import { printInteger } from '../printing.ts';

export interface MimeVersion {
  readonly major: number;
  readonly minor: number;
}

/** MIME-Version (RFC 3261 20.24): the version of MIME that the body follows. */
export const MimeVersion: HeaderType<MimeVersion> = {
  name: 'MIME-Version',
  list: false,
  parse,
  print: ({ major, minor }) => `${printInteger(major, 'a version')}.${printInteger(minor, 'a version')}`,
};

function parse(text: string): MimeVersion | SyntaxFault {
  const scanner = new Scanner(text);
  const major = scanner.integer('the major version', Number.MAX_SAFE_INTEGER);
  if (major instanceof SyntaxFault) return major;
  if (scanner.text[scanner.position] !== '.') return scanner.fault('the dot is missing');
  scanner.position++;
  const minor = scanner.integer('the minor version', Number.MAX_SAFE_INTEGER);
  return minor instanceof SyntaxFault ? minor : scanner.end({ major, minor });
}
