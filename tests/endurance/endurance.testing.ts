import { endure, flowScripts } from '@switchhook/flows';
import { expect, test } from 'vitest';

/** How many networks each flow is played on; \`SEEDS=1000\` for a night. Four processors can share them. */
const seeds = Number(process.env['SEEDS'] ?? 120) / 4;

/** Plays every flow on bad networks. What fails prints the command that plays it once more. */
export function enduresAll(part: number): void {
  test.each(flowScripts.map((script) => [script.flow, script] as const))(
    `${seeds} bad networks do not keep %s from a right end (part ${part})`,
    async (_, script) => {
      const first = (part - 1) * seeds + 1;
      const breakdowns = await endure(
        script,
        Array.from({ length: seeds }, (_each, index) => first + index),
      );
      const told = breakdowns.map(
        ({ problems, parameters }) => `npm run switchhook -- ${parameters}\n  ${problems.join('\n  ')}`,
      );
      expect(breakdowns.length, told.join('\n')).toBe(0);
    },
  );
}
