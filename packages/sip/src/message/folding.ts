import { isIn, SPACE, trimEnd } from './characters.ts';

/** Folded lines as one: each line end with the white space around it becomes one space (RFC 3261 7.3.1). */
export function unfold(value: string): string {
  if (!value.includes('\r')) return value;
  let result = '';
  let position = 0;
  for (;;) {
    const carriageReturn = value.indexOf('\r', position);
    if (carriageReturn < 0) return result + value.slice(position);
    const piece = value.slice(position, trimEnd(value, position, carriageReturn));
    position = carriageReturn;
    while (position < value.length && isIn(value.charCodeAt(position), SPACE)) position++;
    result += `${piece} `;
  }
}
