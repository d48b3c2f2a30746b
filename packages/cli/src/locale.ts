/** Whether a terminal shows more than ASCII, as its locale says (POSIX 8.2); one of macOS always does. */
export function showsUnicode(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  return platform === 'darwin' || /utf-?8/i.test([LC_ALL, LC_CTYPE, LANG].find((name) => (name ?? '') !== '') ?? '');
}

const plain: ReadonlyMap<string, string> = new Map([
  ['✓', '+'],
  ['✗', 'x'],
  ['…', '...'],
  ['→', '->'],
  ['←', '<-'],
  ['–', '-'],
]);

/** A text for a terminal that shows ASCII alone; `?` for what has no sign there. */
export function inAscii(text: string): string {
  return text.replaceAll(/[^\u0000-\u007f]/gu, (sign) => plain.get(sign) ?? '?');
}
