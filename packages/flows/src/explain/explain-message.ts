import { strengthOf } from '../checker/examination.ts';
import { sentenceOf } from '../checker/sentences.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { messageOf, readOracle } from '../oracle/oracle.ts';
import { meaningOf } from './purpose.ts';

/** What a message of a flow is for and what it must carry, as people read it. Throws for a message that the flow does not have. */
export function explainMessage(flow: FlowDescription, f: string): string {
  const message = messageOf(flow, f);
  const { from, to, ladderLabel, after, optional, expect, rules, tolerate = [], errata = [] } = message;
  const nameOf = (element: string): string => flow.elements.find(({ id }) => id === element)?.name ?? element;
  const lines = [
    `RFC 5359 ${flow.id} ${flow.title}, ${f}: ${ladderLabel} from ${nameOf(from)} to ${nameOf(to)}${optional ? ' (may be left out)' : ''}`,
  ];
  for (const sentence of meaningOf(flow, message)) lines.push('', sentence);
  if (after.length > 0) lines.push('', `It comes after ${after.join(', ')}.`);
  lines.push('');
  for (const rule of rules) lines.push(...rulesLines('must', rule, ''));
  for (const [key, value] of Object.entries(expect)) {
    lines.push(...rulesLines(strengthOf(message, key), key, printValue(value)));
  }
  for (const [key, strength] of Object.entries(message.strength ?? {})) {
    if (key.includes('.')) lines.push(...rulesLines(strength, key, ''));
  }
  if (tolerate.length > 0) lines.push('', 'Allowed, too:', ...tolerate.map((each) => `  ${each}`));
  const known = readOracle().errata.filter(({ id }) => errata.includes(id));
  if (known.length > 0) {
    lines.push('', 'What the RFC prints wrongly here:');
    lines.push(...known.map(({ id, shows, correct }) => `  ${id}: ${shows} Right: ${correct}`));
  }
  return `${lines.join('\n')}\n`;
}

function rulesLines(strength: string, key: string, value: string): string[] {
  const { sentence, reference } = sentenceOf(key);
  return [`  ${strength.padEnd(6)} ${key}${value === '' ? '' : `: ${value}`}`, `         ${sentence} (${reference})`];
}

/** `{"aor":"bob"}` as `aor bob`. */
function printValue(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(/,"\w+":\{\}/g, '')
    .replaceAll(':null', ':none')
    .replaceAll(/[{}"]/g, '')
    .replaceAll(/[:,]/g, (sign) => (sign === ':' ? ' ' : ', '));
}
