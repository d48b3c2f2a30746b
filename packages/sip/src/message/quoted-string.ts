/** The text of a quoted string (with its quotes), quoted-pairs undone. */
export function unquote(text: string): string {
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\([^]?)/g, '$1') : inner;
}

/**
 * A quoted string that stands for `text`. Control characters go as quoted-pairs; line ends cannot (RFC 3261 25.1) and
 * become spaces.
 */
export function quote(text: string): string {
  return `"${text.replace(/[\r\n]+/g, ' ').replace(/["\\\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '\\$&')}"`;
}
