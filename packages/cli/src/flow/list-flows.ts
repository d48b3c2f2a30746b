import { flowScripts, readOracle } from '@switchhook/flows';
import { exitCodes } from '../command.ts';
import type { Terminal } from '../command.ts';
import { table } from '../table.ts';

/** `switchhook flow list` */
export function listFlows(terminal: Terminal): number {
  const rows = readOracle().flows.map(({ id, title, messages, elements }) => [
    id,
    title,
    String(messages.length),
    elements.map(({ name }) => name).join(', '),
    flowScripts.some(({ flow }) => flow === id) ? 'played and checked' : 'checked where it is recorded',
  ]);
  terminal.print(table(['SECTION', 'SERVICE', 'MESSAGES', 'WHO', 'HERE'], rows));
  return exitCodes.done;
}
