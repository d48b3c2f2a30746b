import { resolve } from 'node:path';
import { hostPort } from '@switchhook/sip';
import type { Configuration, DemonstrationSubscriber, ListenerStatus } from '@switchhook/exchange';
import { typed } from './typed-command.ts';

/** What the welcome tells of a running exchange. */
export interface Welcomed {
  readonly listeners: readonly ListenerStatus[];
  readonly adminUrl: string;
  /** The certificate that a phone must trust for TLS and secure WebSocket; undefined when the operator brings his own. */
  readonly developmentCaFile: string | undefined;
}

/** What a person needs to know after the start: where it listens and, for the demonstration, lines to paste. */
export function welcome(
  exchange: Welcomed,
  configuration: Configuration,
  demonstrated: readonly DemonstrationSubscriber[],
): string {
  const listening = exchange.listeners.map(({ protocol, address, port }) => `${protocol} ${hostPort(address, port)}`);
  const lines = [
    `Ready: the exchange serves ${configuration.domains.map((domain) => domain.name).join(', ')}.`,
    `  listening   ${listening.join(', ')}`,
    `  data        ${configuration.dataFolder}`,
    `  health      ${exchange.adminUrl}/healthz, metrics at /metrics`,
  ];
  if (exchange.developmentCaFile !== undefined)
    lines.push(`  trust       ${exchange.developmentCaFile} (for TLS and WSS)`);
  if (demonstrated.length > 0) lines.push('', ...demonstrationLines(exchange, configuration.dataFolder, demonstrated));
  return `${lines.join('\n')}\n`;
}

/** The shortest way to a conversation: the phone of this repository, twice. */
function phoneLines(dataFolder: string, demonstrated: readonly DemonstrationSubscriber[]): string[] {
  const [first, second] = demonstrated.map(({ user }) => user);
  if (first === undefined || second === undefined) return [];
  const data = dataFolder === resolve('data') ? '' : `--data ${dataFolder} `;
  return [
    'Talk to yourself: a telephone in another terminal, and one more in a third:',
    `  ${typed(`phone ${data}${first}`)}`,
    `  ${typed(`phone ${data}${second}`)}`,
    `then type "call ${second}" at ${first}'s, and press Enter at ${second}'s.`,
  ];
}

function demonstrationLines(
  exchange: Welcomed,
  dataFolder: string,
  demonstrated: readonly DemonstrationSubscriber[],
): string[] {
  const lines = [...phoneLines(dataFolder, demonstrated), '', 'Demonstration subscribers:'];
  for (const { user, domain, password } of demonstrated) {
    lines.push(`  ${`sip:${user}@${domain}`.padEnd(24)} password ${password}`);
  }
  lines.push(
    '',
    'baresip, one line in ~/.baresip/accounts for each phone (a second one on this machine: baresip -f FOLDER):',
  );
  for (const [index, subscriber] of demonstrated.entries()) {
    const listener = exchange.listeners.filter(forPhones)[index % 3];
    if (listener !== undefined) lines.push(`  ${baresipAccount(subscriber, listener)}`);
  }
  if (exchange.developmentCaFile !== undefined) {
    lines.push('and for TLS this line in ~/.baresip/config:', `  sip_cafile ${exchange.developmentCaFile}`);
  }
  lines.push('', ...linphoneLines(exchange, demonstrated));
  lines.push('', `Then call sip:${demonstrated[1]?.user ?? ''}@${demonstrated[1]?.domain ?? ''}.`);
  return lines;
}

function forPhones({ protocol }: ListenerStatus): boolean {
  return protocol === 'UDP' || protocol === 'TCP' || protocol === 'TLS';
}

/** A line of baresip's accounts file. */
function baresipAccount(subscriber: DemonstrationSubscriber, listener: ListenerStatus): string {
  const { user, domain, password } = subscriber;
  const transport = listener.protocol.toLowerCase();
  const outbound = `sip:${hostPort(listener.address, listener.port)};transport=${transport}`;
  return `<sip:${user}@${domain};transport=${transport}>;auth_pass=${password};outbound="${outbound}"`;
}

/**
 * What to type into linphonec. It wants port 5060 of every address for itself and gets none when the exchange has one, so
 * it is given another first; and it registers nobody when it cannot make its database.
 */
function linphoneLines({ listeners }: Welcomed, demonstrated: readonly DemonstrationSubscriber[]): string[] {
  const listener = listeners.find(({ protocol }) => protocol === 'UDP');
  if (listener === undefined) return [];
  const proxy = `sip:${hostPort(listener.address, listener.port)}`;
  const lines = ['linphonec, at its prompt (before its very first start: mkdir -p ~/.local/share/linphone):'];
  for (const [index, { user, domain, password }] of demonstrated.slice(0, 2).entries()) {
    if (index > 0) lines.push('and in a second one:');
    lines.push(`  ports sip ${String(5070 + 10 * index)}`, `  register sip:${user}@${domain} ${proxy} ${password}`);
  }
  return lines;
}
