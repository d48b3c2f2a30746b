import { SipResponse } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import { nameOfElement } from '../oracle/oracle.ts';
import type { StrictRule } from './strict-rule.ts';

/** What stands around the messages: their headings, and their names in the ladders. */
export const strictDocumentRules = {
  'strict.heading': {
    sentence: 'The heading of a message says what it is, who sends it and to whom.',
    reference: 'RFC 5359 2',
    errata: ['E2.3-03', 'E2.9-02', 'E2.10-01', 'E2.11-02', 'E2.13-02', 'E2.17-06'],
    *check({ flow, expected: { heading, from, to }, message }) {
      const [sender, receiver] = [nameOfElement(flow, from), nameOfElement(flow, to)];
      const wanted = `${nameOfMessage(message)} ${sender} -> ${receiver}`;
      const found = withoutParentheses(heading).replaceAll(/\s+/g, ' ');
      const [what = '', first = '', second = ''] = splitHeading(found, nameOfMessage(message));
      if (what !== '' && isShort(first, sender) && isShort(second, receiver)) return;
      yield { expected: wanted, found };
    },
  },

  'strict.ladder': {
    sentence: 'A ladder calls a message as the message does, if with fewer words.',
    reference: 'RFC 5359 2',
    errata: ['E2.7-01', 'E2.10-01'],
    *check({ expected: { ladderLabel }, message }) {
      const [name, label] = [nameOfMessage(message), withoutParentheses(ladderLabel)];
      if (!name.startsWith(label) && !label.startsWith(name)) yield { expected: name, found: label };
    },
  },
} satisfies Record<string, StrictRule>;

function nameOfMessage(message: SipMessage): string {
  return message instanceof SipResponse ? `${message.status} ${message.reason}` : message.cseqMethod;
}

/** What may be left out stands in parentheses. */
function withoutParentheses(text: string): string {
  return text.replace(/^\((.*?)\)/, '$1');
}

/** The name of a message, and those between whom it goes; nothing where the heading has another form. */
function splitHeading(heading: string, name: string): readonly string[] {
  const parts = heading.startsWith(`${name} `) ? heading.slice(name.length + 1).split(' -> ') : [];
  return parts.length === 2 ? [name, ...parts] : [];
}

/** `B1` for `User B1`, `PC` for `Bob's PC`; a proxy has a number. */
function isShort(heading: string, name: string): boolean {
  const found = heading.replace(/^(Proxy) \d$/, '$1');
  return found === name || name.endsWith(` ${found}`);
}
