import { askExchange } from '../admin-client.ts';
import { exitCodes, UsageError } from '../command.ts';
import { dataFolderOf, folderHelp, folderOptions } from '../data-folder.ts';
import { commandOf } from '../arguments.ts';

/** `switchhook ladder CALL` */
export const ladder = commandOf(
  `Usage: switchhook ladder [--config FILE] [--data DIR] CALL

Draws the messages of a call as a ladder. CALL is the beginning of its Call-ID, as in the log and in
\`switchhook status\`. The exchange must run with \`switchhook serve --ladder\`, which remembers recent messages.

${folderHelp}

Examples:
  switchhook ladder mVPyuryrAx
`,
  folderOptions,
  async ({ values, positionals }, terminal) => {
    const [callId, ...more] = positionals;
    if (callId === undefined || callId === '' || more.length > 0)
      throw new UsageError('name one call by the beginning of its Call-ID');
    const answer = await askExchange(await dataFolderOf(values), `/ladders/${encodeURIComponent(callId)}`);
    if (answer.kind === 'not-running') {
      terminal.complain(`switchhook: ${answer.message}\n`);
      return exitCodes.notRunning;
    }
    if (answer.status !== 200) {
      const advice = 'is it recent, and does the exchange run with --ladder?';
      terminal.complain(`switchhook: no call beginning with ${callId} is remembered; ${advice}\n`);
      return exitCodes.failed;
    }
    terminal.print(answer.text);
    return exitCodes.done;
  },
);
