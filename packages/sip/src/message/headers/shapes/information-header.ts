import { SyntaxFault } from '../../fault.ts';
import type { HeaderType } from '../../header.ts';
import { Parameters } from '../../parameters.ts';
import type { Uri } from '../../uri.ts';
import { parseUri } from '../../uri.ts';
import { Scanner } from './scanner.ts';

/** A URI in angle brackets with parameters: a value of Alert-Info, Call-Info and Error-Info. */
export interface Information {
  readonly uri: Uri;
  readonly parameters?: Parameters;
}

export function informationHeader(name: string): HeaderType<Information> {
  return { name, list: true, parse, print };
}

function parse(text: string): Information | SyntaxFault {
  const scanner = new Scanner(text);
  if (!scanner.sees('<')) return scanner.fault('the angle bracket before the URI is missing');
  scanner.position++;
  const start = scanner.position;
  const uri = parseUri(scanner.until('>'));
  if (uri instanceof SyntaxFault) return new SyntaxFault(uri.reason, start + uri.offset, uri.status);
  if (!scanner.accept('>')) return scanner.fault('the angle bracket behind the URI is missing');
  const parameters = scanner.parameters();
  return parameters instanceof SyntaxFault ? parameters : { uri, parameters };
}

function print({ uri, parameters = Parameters.EMPTY }: Information): string {
  return `<${uri.toString()}>${parameters.toString()}`;
}
