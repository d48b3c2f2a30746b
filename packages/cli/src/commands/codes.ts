import { readCodes } from '@switchhook/exchange';
import { askExchange } from '../admin-client.ts';
import { readAnswer } from '../answer.ts';
import { commandOf, refuseFurther } from '../arguments.ts';
import { dataFolderOf, folderHelp, folderOptions } from '../data-folder.ts';
import { table } from '../table.ts';

/** `switchhook codes` */
export const codes = commandOf(
  `Usage: switchhook codes [--config FILE] [--data DIR]

Lists what subscribers of the running exchange can dial to change what happens to their calls.

${folderHelp}

Examples:
  switchhook codes
`,
  folderOptions,
  async ({ values, positionals }, terminal) => {
    refuseFurther(positionals);
    const answer = await askExchange(await dataFolderOf(values), '/api/codes');
    return readAnswer(answer, terminal, (value) => {
      const rows = readCodes(value).map(({ code, takesTarget, does }) => [takesTarget ? `${code} NUMBER` : code, does]);
      terminal.print(
        rows.length === 0
          ? 'nothing can be dialled: servers.features is not configured\n'
          : table(['dial', 'and'], rows),
      );
    });
  },
);
