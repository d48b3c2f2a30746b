import { readOracle } from '@switchhook/flows';
import { exitCodes } from '../command.ts';
import type { Terminal } from '../command.ts';
import { FittingTable } from '../fitting-table.ts';
import { mayWrap } from './flow-arguments.ts';

/** `switchhook flow list` */
export function listFlows(terminal: Terminal): number {
  const rows = readOracle().flows.map(({ id, title, messages, elements }) => [
    id,
    title,
    elements.map((element) => element.id).join(', '),
    String(messages.length),
  ]);
  const table = new FittingTable(
    [
      { head: 'FLOW' },
      { head: 'SERVICE', least: mayWrap },
      { head: 'ROLES', least: mayWrap },
      { head: 'MESSAGES', spare: 1 },
    ],
    rows,
    terminal.columns,
  );
  terminal.print(table.head() + rows.map((row) => table.row(row)).join(''));
  return exitCodes.done;
}
