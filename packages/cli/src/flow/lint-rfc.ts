import { lintRfc, printLint } from '@switchhook/flows';
import { exitCodes } from '../command.ts';
import type { Terminal } from '../command.ts';
import { printProse } from '../prose.ts';

/** `switchhook flow lint-rfc` */
export function lint(asJson: boolean, terminal: Terminal): number {
  const result = lintRfc();
  if (asJson) {
    const { passed, missed } = result;
    const faults = result.faults.map(({ finding, erratum }) => {
      const { flow, message = null, rule, strength, expected, found, sentence, reference } = finding;
      return { flow, message, rule, strength, expected, found, sentence, reference, erratum: erratum ?? null };
    });
    terminal.print(
      `${JSON.stringify({ format: 'switchhook-rfc-lint', version: 1, passed, faults, missed }, null, 2)}\n`,
    );
  } else printProse(printLint(result), terminal);
  return result.passed ? exitCodes.done : exitCodes.failed;
}
