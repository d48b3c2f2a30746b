import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

/** Columns of a terminal that a text takes: two for a wide character, none for what combines with the one before. */
export function cellsOf(text: string): number {
  return stringWidth(text);
}

/** The text in exactly so many columns: cut with an ellipsis, or filled with spaces. */
export function fitted(text: string, columns: number, ellipsis = '…'): string {
  const cut = cutTo(text, columns, ellipsis);
  return cut + ' '.repeat(Math.max(columns - cellsOf(cut), 0));
}

/** The text in so many columns at most. */
export function cutTo(text: string, columns: number, ellipsis = '…'): string {
  if (cellsOf(text) <= columns) return text;
  const room = columns - cellsOf(ellipsis);
  if (room < 0) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += cellsOf(segment);
    if (used > room) break;
    kept += segment;
  }
  return kept + ellipsis;
}

/** The text in lines of so many columns at most, broken at spaces where it can be. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (cellsOf(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (cellsOf(line) > columns) {
      const part = cutTo(line, columns, '');
      if (part === '') break;
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  lines.push(line);
  return lines;
}

/** Seconds as people read them: `0:42`, `1:02:03`. */
export function duration(seconds: number): string {
  const whole = Math.max(Math.floor(seconds), 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(rest)}` : `${String(minutes)}:${two(rest)}`;
}
