/**
 * Where the start line ends, or -1 when it does not end, or holds a bare CR or LF: whoever took that for a line end
 * would see other header fields than this side.
 */
export function startLineEnd(text: string): number {
  const carriageReturn = text.indexOf('\r');
  return carriageReturn >= 0 && text.indexOf('\n') === carriageReturn + 1 ? carriageReturn : -1;
}
