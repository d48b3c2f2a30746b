/** The methods that IANA has registered for SIP. Methods tell capitals apart (RFC 3261 7.1). */
export const knownMethods = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'INFO',
  'REFER',
  'MESSAGE',
  'UPDATE',
] as const;

/** Known methods by length and first letter, which tell them apart. */
const known: (string | undefined)[] = new Array<string | undefined>(512).fill(undefined);
const placeOf = (length: number, letter: number): number => ((length & 15) << 5) | (letter & 31);
for (const method of knownMethods) known[placeOf(method.length, method.charCodeAt(0))] = method;

/**
 * The method that stands between two positions. A known one is always the very same text, which compares at once and has its
 * hash ready, where a piece of a message would be looked at character by character each time.
 */
export function methodIn(text: string, start: number, end: number): string {
  const method = known[placeOf(end - start, text.charCodeAt(start))];
  const isKnown = method !== undefined && method.length === end - start && text.startsWith(method, start);
  return isKnown ? method : text.slice(start, end);
}
