import { askExchange } from '../admin-client.ts';
import { commandOf, refuseFurther } from '../arguments.ts';
import { UsageError } from '../command.ts';
import { dataFolderOf, folderHelp, folderOptions } from '../data-folder.ts';
import { readAnswer } from '../answer.ts';
import { typed } from '../typed-command.ts';

/** `switchhook explain` */
export const explain = commandOf(
  `Usage: switchhook explain [--at TIME] FROM TO

Tells in plain words where a call of FROM to TO would go now, and why. Calls nobody.
FROM is a subscriber, or anything else for somebody who has not proved who he is; TO is a user, a number or a URI.

      --at TIME        at another time, like 2026-03-04T12:00:00Z
${folderHelp}

Examples:
  switchhook explain alice bob
  switchhook explain --at 2026-03-07T12:00:00Z alice bob
`,
  { ...folderOptions, at: { type: 'string' } },
  async ({ values, positionals }, terminal) => {
    const [from, to, ...more] = positionals;
    if (from === undefined || to === undefined)
      throw new UsageError(`say who calls whom: ${typed('explain alice bob')}`);
    refuseFurther(more);
    if (values.at !== undefined && Number.isNaN(Date.parse(values.at))) {
      throw new UsageError('--at is a time like 2026-03-04T12:00:00Z');
    }
    const query = new URLSearchParams({ from, to, ...(values.at !== undefined && { at: values.at }) });
    const answer = await askExchange(await dataFolderOf(values), `/api/explain?${query.toString()}`);
    return readAnswer(answer, terminal, (value) => {
      const sentences = typeof value === 'object' && value !== null && 'sentences' in value ? value.sentences : [];
      terminal.print(Array.isArray(sentences) ? sentences.map((sentence) => `${String(sentence)}\n`).join('') : '');
    });
  },
);
