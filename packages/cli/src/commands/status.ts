import { readStatus } from '@switchhook/exchange';
import type { ExchangeStatus } from '@switchhook/exchange';
import { askExchange } from '../admin-client.ts';
import { exitCodes } from '../command.ts';
import { dataFolderOf, folderHelp, folderOptions } from '../data-folder.ts';
import { table } from '../table.ts';
import { commandOf, refuseFurther } from '../arguments.ts';

/** `switchhook status` */
export const status = commandOf(
  `Usage: switchhook status [--json] [--config FILE] [--data DIR]

Shows what the running exchange is doing: listeners, registrations, calls.

      --json           as JSON
${folderHelp}

Examples:
  switchhook status
  switchhook status --json | jq .calls
`,
  { ...folderOptions, json: { type: 'boolean' } },
  async ({ values, positionals }, terminal) => {
    refuseFurther(positionals);
    const answer = await askExchange(await dataFolderOf(values), '/status');
    if (answer.kind === 'not-running') {
      terminal.complain(`switchhook: ${answer.message}\n`);
      return exitCodes.notRunning;
    }
    if (answer.status !== 200) {
      terminal.complain(`switchhook: the exchange answered ${String(answer.status)}: ${answer.text}\n`);
      return exitCodes.failed;
    }
    const state = readStatus(answer.text);
    terminal.print(values.json === true ? `${JSON.stringify(state, null, 2)}\n` : printStatus(state));
    return exitCodes.done;
  },
);

/** The status as a person reads it. */
function printStatus(state: ExchangeStatus): string {
  const registrations = state.registrations.map((registration) => [
    registration.addressOfRecord,
    registration.contact,
    registration.via,
    `${String(registration.expiresIn)} s`,
    registration.userAgent ?? '',
  ]);
  const calls = state.calls.map((call) => [
    call.from,
    call.to,
    call.state,
    `${String(call.since)} s`,
    call.peer === undefined ? call.transport : `${call.transport} ${call.peer}`,
    call.callId,
  ]);
  const servers = state.servers.map(({ kind, address, calls: count }) => [kind, address, String(count)]);
  return [
    `switchhook ${state.version}, serving ${state.domains.join(', ')} since ${state.startedAt}${state.draining ? ' (draining)' : ''}\n`,
    `listening on ${state.listeners.join(', ')}\n\n`,
    `Registrations: ${String(registrations.length)} (subscribers: ${String(state.subscribers)})\n`,
    registrations.length === 0 ? '' : table(['address', 'contact', 'via', 'expires', 'device'], registrations),
    `\nCalls: ${String(calls.length)}\n`,
    calls.length === 0 ? '' : table(['from', 'to', 'state', 'since', 'via', 'call'], calls),
    servers.length === 0
      ? ''
      : `\nServers: ${String(servers.length)}\n${table(['server', 'address', 'calls'], servers)}`,
  ].join('');
}
