/**
 * Messages are texts of bytes, one character a byte (latin1), so that nothing is lost on the way. These two turn what
 * people read into that and back: display names, reason phrases, subjects, passwords.
 */

/** The UTF-8 bytes of a text, one character a byte: what a message can carry. */
export function encodeUtf8(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** What people read where a message has these bytes. Bytes that are not UTF-8 are taken for latin1, which old phones send. */
export function decodeUtf8(bytes: string): string {
  if (!/[^\0-\x7f]/.test(bytes)) return bytes;
  try {
    return decodeURIComponent(
      bytes.replace(/[%\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`),
    );
  } catch {
    return bytes;
  }
}
