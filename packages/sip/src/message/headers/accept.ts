import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { SipMessage } from '../sip-message.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import type { MediaType } from './shapes/media-type.ts';
import { parseMediaType } from './shapes/media-type.ts';
import { printToken } from '../printing.ts';

export interface Accept extends MediaType {
  /** How welcome the media range is, 0 to 1; 1 where it is not said. */
  readonly q?: number | undefined;
}

/** Accept (RFC 3261 20.1): the media ranges that a body may have; an empty field means none. */
export const Accept: HeaderType<Accept> = {
  name: 'Accept',
  list: true,
  parse,
  print: ({ type, subtype, q, parameters }) =>
    `${printToken(type, 'a media type')}/${printToken(subtype, 'a media type')}${printParameters({ q }, parameters)}`,
};

function parse(text: string): Accept | SyntaxFault {
  const mediaType = parseMediaType(text);
  if (mediaType instanceof SyntaxFault) return mediaType;
  const known = new KnownParameters(mediaType.parameters);
  const q = known.quality();
  return known.fault ?? { ...mediaType, q, parameters: known.rest };
}

/** Whether Accept has the type among its ranges (RFC 3261 20.1), with a weight above 0. */
export function accepts(message: SipMessage, contentType: string): boolean {
  const ranges = message.all(Accept);
  if (ranges instanceof SyntaxFault) return false;
  const [type = ''] = contentType.split('/');
  return ranges.some(
    (range) => range.q !== 0 && ['*/*', `${type}/*`, contentType].includes(`${range.type}/${range.subtype}`),
  );
}
