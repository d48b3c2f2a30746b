import { resolve } from 'node:path';
import { Exchange, demonstration, loadConfiguration, readCertificateFiles } from '@switchhook/exchange';
import type { Configuration, DemonstrationSubscriber } from '@switchhook/exchange';
import { exitCodes, UsageError } from '../command.ts';
import { commandOf, refuseFurther } from '../arguments.ts';
import { serveUntilSignal } from '../signals.ts';
import { packageVersion } from '../version.ts';
import { welcome } from '../welcome.ts';

const options = {
  config: { type: 'string', short: 'c' },
  check: { type: 'boolean' },
  data: { type: 'string', short: 'd' },
  capture: { type: 'string' },
  ladder: { type: 'boolean' },
} as const;

/** `switchhook serve` */
export const serve = commandOf(
  `Usage: switchhook serve [--config FILE] [--check] [--data DIR] [--capture FILE] [--ladder]

Runs the exchange. Without a configuration it serves this machine alone, with the demonstration
subscribers alice, bob, carol and bill, and prints how to register a phone as one of them.

  -c, --config FILE    the configuration, YAML
      --check          check the configuration and do nothing else
  -d, --data DIR       the data folder (default: what the configuration says, else ./data)
      --capture FILE   write every message to a pcapng file for Wireshark, TLS and WebSocket in clear
      --ladder         remember recent messages, for \`switchhook ladder\`
  -h, --help           this text

Signals: HUP reads the configuration again, or means TERM where there is none, so that closing the terminal ends it.
TERM and INT let calls being set up finish and then stop; a second one stops at once.

Examples:
  switchhook serve
  switchhook serve --check --config switchhook.yaml
  switchhook serve --config switchhook.yaml --ladder
`,
  options,
  async ({ values, positionals }, terminal) => {
    refuseFurther(positionals);
    if (values.check === true && values.config === undefined) throw new UsageError('--check needs --config FILE');
    const load = (): Loaded => read(values);
    const { configuration, demonstrated } = load();
    if (values.check === true) {
      readCertificateFiles(configuration, Date.now());
      terminal.print(`${String(values.config)} is fine\n`);
      return exitCodes.done;
    }
    const exchange = new Exchange(configuration, { version: packageVersion(), ladder: values.ladder === true });
    await exchange.start();
    const ready = (): void => terminal.print(welcome(exchange, configuration, demonstrated));
    await serveUntilSignal(exchange, values.config === undefined ? undefined : () => load().configuration, ready);
    return exitCodes.done;
  },
);

interface Loaded {
  readonly configuration: Configuration;
  readonly demonstrated: readonly DemonstrationSubscriber[];
}

function read(values: {
  config?: string | undefined;
  data?: string | undefined;
  capture?: string | undefined;
}): Loaded {
  const overrides = {
    dataFolder: values.data === undefined ? undefined : resolve(values.data),
    captureFile: values.capture === undefined ? undefined : resolve(values.capture),
  };
  if (values.config !== undefined) {
    return { configuration: loadConfiguration(values.config, overrides), demonstrated: [] };
  }
  const { configuration, subscribers } = demonstration(overrides);
  return { configuration, demonstrated: subscribers };
}
