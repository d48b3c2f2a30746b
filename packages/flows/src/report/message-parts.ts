import { wholeHeaderName } from '@switchhook/sip';

/** One line of a message, as two messages are laid side by side. */
export interface MessagePart {
  /**
   * What it is: `start line`, a header name in lower case and in full, `o=` for a line of a session description, `a=rtpmap:0` for an
   * attribute of it, `body` for any other body.
   */
  readonly name: string;
  readonly text: string;
}

/** A message in its parts, whatever it holds: what is no header line is one without a name. */
export function partsOf(message: string): readonly MessagePart[] {
  const [head = '', body = ''] = message.split(/\r?\n\r?\n([^]*)/, 2);
  const [first = '', ...lines] = head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const parts: MessagePart[] = [{ name: 'start line', text: first }];
  for (const text of lines.filter((line) => line !== '')) {
    parts.push({ name: wholeHeaderName(/^([^\s:]+)\s*:/.exec(text)?.[1] ?? ''), text });
  }
  if (body.startsWith('v=')) return [...parts, ...descriptionParts(body)];
  return body.trim() === '' ? parts : [...parts, { name: 'body', text: body.trimEnd() }];
}

function descriptionParts(body: string): readonly MessagePart[] {
  const lines = body.split(/\r?\n/).filter((line) => line !== '');
  return lines.map((text) => {
    const attribute = /^a=(?:rtpmap:\d+|fmtp:\d+|sendrecv|sendonly|recvonly|inactive|[^:]+)/.exec(text)?.[0];
    const isDirection = /^a=(?:sendrecv|sendonly|recvonly|inactive)$/.test(text);
    return { name: isDirection ? direction : (attribute ?? text.slice(0, 2)), text };
  });
}

/** The part that says who sends. */
export const direction = 'a=direction';

/** Whether a part is a line of a session description. */
export function isOfDescription(name: string): boolean {
  return /^[a-z]=/.test(name);
}
