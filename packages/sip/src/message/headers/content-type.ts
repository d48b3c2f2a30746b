import type { HeaderType } from '../header.ts';
import { Parameters } from '../parameters.ts';
import type { MediaType } from './shapes/media-type.ts';
import { parseMediaType } from './shapes/media-type.ts';
import { printToken } from '../printing.ts';

export type ContentType = MediaType;

/** Content-Type (RFC 3261 20.15): the media type of the body. */
export const ContentType: HeaderType<ContentType> = {
  name: 'Content-Type',
  compact: 'c',
  list: false,
  parse: parseMediaType,
  print: ({ type, subtype, parameters = Parameters.EMPTY }) =>
    `${printToken(type, 'a media type')}/${printToken(subtype, 'a media type')}${parameters.toString()}`,
};
