/** HTML or XML that is whole and safe: only templates of this file make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Part = Markup | string | number | undefined | readonly Part[];

/**
 * A template whose parts are escaped, whatever they hold: in the text and in quoted attributes of HTML, SVG and XML alike.
 * Only what such a template has made is taken as it is.
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((text, index) => text + render(parts[index])).join(''));
}

/** Markup that is empty. */
export const nothing = new Markup('');

function render(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return escapeText(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * What nobody can see or no document may hold: controls, those of writing direction among them, halves of characters, what
 * is no character at all, letters and blanks that look like nothing or like a space. Line ends, tabs and the space stay.
 */
const invisible = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|[^\P{Zs} ]/gu;

function escapeText(text: string): string {
  return visible(text).replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
}

/** A text in which everything can be seen: ⟨U+202E⟩ stands where that would turn the rest around. */
export function visible(text: string): string {
  return text.replace(invisible, (sign) => {
    const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `⟨U+${code.padStart(4, '0')}⟩`;
  });
}

/** What went over the wire, a character a byte, as people read it: its UTF-8 decoded, what is none as U+FFFD. */
export function readable(text: string): string {
  return /[^\0-\xff]/.test(text) ? text : Buffer.from(text, 'latin1').toString('utf8');
}
