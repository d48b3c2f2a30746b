import { flowScripts } from '../flow/flow-scripts.ts';
import type { FlowDescription, FlowNegative } from '../oracle/flow-schema.ts';
import { nameOfElement, readOracle } from '../oracle/oracle.ts';

/**
 * A flow as people read it: what happens in it, who takes part, its messages in their phases, what must hold besides, and the other ways
 * that the prose of the RFC names beside the ladder.
 */
export function explainFlow(flow: FlowDescription): string {
  const { id, title, summary, elements, phases, messages, negative, alternatives } = flow;
  const lines = [`RFC 5359 ${id} ${title}`, '', summary, '', 'Who takes part, by the names of --as:'];
  const widest = Math.max(...elements.map((element) => element.id.length));
  for (const element of elements) lines.push(`  ${element.id.padEnd(widest)}  ${element.name}`);
  for (const { from, to, comment } of phases) {
    const [first, last] = [from, to].map((f) => messages.findIndex((message) => message.f === f));
    lines.push('', `${capitalised(comment)}:`);
    for (const { f, ladderLabel, optional, ...message } of messages.slice(first, (last ?? 0) + 1)) {
      const [sender, receiver] = [message.from, message.to].map((element) => nameOfElement(flow, element));
      lines.push(
        `  ${f.padEnd(3)} ${ladderLabel} from ${sender} to ${receiver}${optional ? ' (may be left out)' : ''}`,
      );
    }
  }
  if (negative.length > 0)
    lines.push('', 'What must hold besides:', ...negative.map((each) => `  ${prohibitionOf(flow, each)}`));
  const task = flowScripts.find((script) => script.flow === id)?.proxyTask;
  if (task !== undefined) lines.push('', 'A proxy of yours that takes part with --proxy has to', `  ${task}`);
  const others = readOracle().coverage.filter((statement) => alternatives.includes(statement.id));
  if (others.length > 0) {
    const head =
      'Other ways that the RFC names, and for which it draws no ladder (docs/coverage.md has the test of each):';
    lines.push('', head, ...others.map((other) => `  ${other.id}: ${other.statement}`));
  }
  return `${lines.join('\n')}\n`;
}

/** What is refused is named before what the statement says of it. */
function prohibitionOf(flow: FlowDescription, { element, mustNot, what, statement }: FlowNegative): string {
  if (element === undefined || mustNot !== 'accept' || what?.with === undefined) return capitalised(statement);
  return `${nameOfElement(flow, element)} must not accept: ${what.method ?? what.kind} with ${what.with}; ${statement}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
