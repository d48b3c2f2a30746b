import { explainFlow, explainMessage, flowScripts, simulateFlow } from '@switchhook/flows';
import { printable } from '@switchhook/sip';
import { exitCodes, UsageError } from '../command.ts';
import type { Terminal } from '../command.ts';
import { printProse } from '../prose.ts';
import { flowOf } from './flow-arguments.ts';

/** `switchhook flow explain SECTION [MESSAGE]` */
export async function explain(
  section: string | undefined,
  name: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const flow = flowOf(section);
  if (name === undefined) {
    printProse(explainFlow(flow), terminal);
    return exitCodes.done;
  }
  const f = name.toUpperCase();
  if (!flow.messages.some((message) => message.f === f)) {
    throw new UsageError(`name one of its messages: F1 to F${flow.messages.length}`);
  }
  printProse(explainMessage(flow, f), terminal);
  const script = flowScripts.find((each) => each.flow === flow.id);
  const said = script && (await simulateFlow(script)).report.matched.get(f);
  if (said !== undefined) {
    const lines = said.text.split('\r\n').map((line) => `  ${printable(line)}`.trimEnd());
    terminal.print(`\nAs it is said here:\n\n${lines.join('\n')}\n`);
  }
  return exitCodes.done;
}
