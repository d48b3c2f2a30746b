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

/** Known methods by their lengths. */
const byLength: readonly (readonly string[])[] = Array.from({ length: 10 }, (_, length) =>
  knownMethods.filter((method) => method.length === length),
);

/**
 * The method that stands between two positions. A known one is always the very same text, which compares at once and has its
 * hash ready, where a piece of a message would be looked at character by character each time.
 */
export function methodIn(text: string, start: number, end: number): string {
  for (const method of byLength[end - start] ?? []) if (text.startsWith(method, start)) return method;
  return text.slice(start, end);
}
