import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExchangeProcess } from '../../peers/support/exchange-process.ts';

/** One label's value of a metric; 0 when it was never counted. */
export async function metric(exchange: ExchangeProcess, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${exchange.ports.admin}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(name) && each.includes(label) && !each.startsWith('#'));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** The exchange under attack, in a folder of its own. */
export async function startExchange(
  configuration: Readonly<Record<string, unknown>> = {},
  parameters: readonly string[] = [],
): Promise<{ exchange: ExchangeProcess; end(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-hostile-'));
  const exchange = await ExchangeProcess.start({ directory, configuration, arguments: parameters });
  return {
    exchange,
    async end() {
      await exchange.process.stop('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
