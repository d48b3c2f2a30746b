import { createHash } from 'node:crypto';
import { Markup, markup } from './markup.ts';
import { pageStyle } from './page-style.ts';

/**
 * A whole page. It may load nothing, run nothing and send nothing (Content-Security-Policy), whatever stands in it: the one thing
 * that it allows is its own style, by its hash.
 */
export function page(title: string, body: Markup): string {
  const hash = createHash('sha256').update(pageStyle).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return markup`${new Markup('<!DOCTYPE html>')}
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="referrer" content="no-referrer"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>${title}</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}

/** Right or wrong, by sign and word and not by colour alone. */
export function stamp(passed: boolean): Markup {
  return passed
    ? markup`<span class="stamp good"><span aria-hidden="true">✓</span> As it should be</span>`
    : markup`<span class="stamp bad"><span aria-hidden="true">✗</span> Not as it should be</span>`;
}

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
