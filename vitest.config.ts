import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import StatementReporter from './scripts/statement-reporter.ts';

const conditions = ['source'];
const devices = 'tests/peers/devices.test.ts';
const underLoad = 'tests/peers/load.test.ts';

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    reporters: ['default', new StatementReporter()],
    // On two processors vitest would use one.
    maxWorkers: '100%',
    globalSetup: 'tests/temporary-files.ts',
    // For the commands that tests run, as package.json has it for `switchhook`: they start in half the time.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/switchhook') },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'tests/house/**/*.test.ts'],
          // Files of one worker share what they import, which would cost more than the tests do.
          isolate: false,
          // Those of the command wait for programs and for sound more than they compute.
          maxWorkers: availableParallelism() + 1,
          // For a machine that does other things too: no test here takes a second on a quiet one, but for real programs.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'endurance',
          include: ['tests/endurance/**/*.test.ts'],
          testTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'peers',
          include: ['tests/peers/**/*.test.ts'],
          exclude: [devices, underLoad],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // They wait for sound more than they compute; more at once would hear each other's lateness.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'devices',
          include: [devices],
          // Each row waits in real time for nearly all of it, which leaves room for others; after all that compute.
          maxConcurrency: 8,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'load',
          include: [underLoad],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Alone on the machine, after all others.
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
