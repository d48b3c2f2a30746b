import { essentialNames } from './header-name.ts';
import { usualVia } from './headers/via.ts';

/** As {@link HeaderIndex} and {@link Essentials} read them, in RFC 3261 25.1's words. */
const token = /[\w\-.!%*+`'~]+/.source;
const longName = /[\w\-.!%*+`'~]{2,}/.source;
const word = /[\w\-.!%*+`'~()<>:\\"/[\]?{}]+/.source;
const displayName = /(?:"[^"\\>\r\n\0]*" ?|[\w\-.!%*+`'~ ]*)/.source;
const value = /[^\r\n\0]*/.source;

/** Any name that has the key of this one: first letter, last letter and length. */
function ofSameKey(name: string): string {
  const either = (letter = ''): string => `[${letter.toUpperCase()}${letter.toLowerCase()}]`;
  return `${either(name.at(0))}${'.'.repeat(name.length - 2)}${either(name.at(-1))}:`;
}

const lines = [
  `(?:From|To): ${displayName}<[^>\\r\\n\\0]+>(?:;tag=${token})?`,
  `Call-ID: ${word}(?:@${word})?`,
  `CSeq: \\d{1,9} ${token}`,
  `Via: ${usualVia}(?:, ?${usualVia})*`,
  '(?:Max-Forwards|Content-Length): +\\d+',
  `(?!${essentialNames.map(ofSameKey).join('|')})${longName}:${value}`,
];
const usualHead = new RegExp(`(?:(?:${lines.join('|')})\\r\\n(?![ \\t]))*\\r\\n`, 'y');

/** Beyond it the length of a name is not whole in its key. */
const longestUsual = 65_536;

/**
 * Whether the header section at `position` is written as nearly all are, which one look at each character by one
 * expression tells, several times faster than anything that goes from piece to piece. Then
 *
 * - each line has a name of two letters at least, a colon and a value, not folded and without a NUL;
 * - what has the key of one of the {@link essentialNames} has that name;
 * - From and To are a URI in angle brackets with a tag or nothing behind it, and Call-ID is one.
 *
 * Whatever is written otherwise, or wrong, is for those who read piece by piece.
 */
export function isUsualHead(text: string, position: number): boolean {
  if (text.length > longestUsual) return false;
  usualHead.lastIndex = position;
  return usualHead.test(text);
}
