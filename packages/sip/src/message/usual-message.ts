import { essentialNames } from './header-name.ts';
import { usualVia } from './headers/via.ts';

/** In RFC 3261 25.1's words. No control character stands in any of them, nor a white space but SP. */
const token = /[\w\-.!%*+`'~]+/.source;
const longName = /[\w\-.!%*+`'~]{2,}/.source;
const word = /[\w\-.!%*+`'~()<>:\\"/[\]?{}]+/.source;
const displayName = /(?:"[ !#-=?-[\]-\uffff]*" ?|[\w\-.!%*+`'~ ]*)/.source;
const uri = /[!-=?-\uffff]+/.source;
const value = /[ -\uffff]*/.source;

/** Any name with two letters like those that this one starts with, and as long. */
function like(name: string): string {
  const either = (letter = ''): string => `[${letter.toUpperCase()}${letter.toLowerCase()}]`;
  return `${either(name[0])}${either(name[1])}${'.'.repeat(name.length - 2)}:`;
}

/** A header section whose CSeq has that method. */
function headerSection(method: string): string {
  const headerLines = [
    `(?:From|To): ${displayName}<${uri}>(?:;tag=${token})?`,
    `Call-ID: ${word}(?:@${word})?`,
    `CSeq: \\d{1,9} ${method}`,
    `Via: ${usualVia}(?:, ?${usualVia})*`,
    '(?:Max-Forwards|Content-Length): +\\d{1,9}',
    `(?!${essentialNames.map(like).join('|')})${longName}:${value}`,
  ];
  return `(?:(?:${headerLines.join('|')})\\r\\n)*\\r\\n`;
}

const usualRequest = new RegExp(`^(${token}) [!-\\uffff]+ SIP/2\\.0\\r\\n${headerSection('\\1')}`);
const usualResponse = new RegExp(`^SIP/2\\.0 [1-6]\\d\\d ${value}\\r\\n${headerSection(token)}`);

/** Beyond it the length of a name is not whole in its key. */
const longestUsual = 65_536;

/**
 * Whether a message is written as nearly all are up to its body, which one look at each character by one
 * expression tells, several times faster than anything that goes from piece to piece. Then
 *
 * - the start line is one;
 * - each line has a name of two letters at least, a colon and a value, and is not folded;
 * - what has the key of one of the {@link essentialNames} has that name, and one space behind its colon;
 * - From and To are a URI in angle brackets with a tag or nothing behind it, Call-ID and every Via is one, and what
 *   should be numbers are;
 * - the method in the CSeq of a request is the method of the request.
 *
 * Whatever is written otherwise, or wrong, is for those who read piece by piece.
 */
export function isUsual(text: string): boolean {
  if (text.length > longestUsual) return false;
  // A method has no slash (RFC 3261 25.1).
  return text.startsWith('SIP/') ? usualResponse.test(text) : usualRequest.test(text);
}
