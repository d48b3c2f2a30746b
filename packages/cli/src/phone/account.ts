import { existsSync, readFileSync } from 'node:fs';
import {
  developmentCaFile,
  fileErrorText,
  readAdminAccess,
  readDemonstrationPasswords,
} from '@switchhook/exchange/folder';
import type { AdminAccess } from '@switchhook/exchange/folder';
import { isLoopback, SipUri } from '@switchhook/sip';
import type { TransportProtocol } from '@switchhook/sip';
import { oneOf } from '../arguments.ts';
import { UsageError } from '../command.ts';
import type { Terminal } from '../command.ts';
import { callLogFile, dataFolderOf, folderOptions } from '../data-folder.ts';

const transportNames = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;
type TransportName = (typeof transportNames)[number];

/** As SIP writes them. */
export const protocols: Readonly<Record<TransportName, TransportProtocol>> = {
  udp: 'UDP',
  tcp: 'TCP',
  tls: 'TLS',
  ws: 'WS',
  wss: 'WSS',
};

/** The options by which a command finds an account. */
export const accountOptions = {
  ...folderOptions,
  transport: { type: 'string' },
  proxy: { type: 'string' },
  ca: { type: 'string' },
  'password-file': { type: 'string' },
} as const;

/** Help for {@link accountOptions}, but for that of {@link folderOptions}. */
export const accountHelp = `      --transport NAME  udp, tcp, tls, ws or wss (default: what the exchange has, tls first)
      --proxy HOST     where everything goes first: host, host:port or a SIP URI
      --ca FILE        the authorities to trust for tls and wss, PEM
      --password-file FILE  the password is its first line; it is asked for otherwise`;

/** What the command line has for {@link accountOptions}. */
export type AccountValues = Readonly<
  Partial<Record<'config' | 'data' | 'transport' | 'proxy' | 'ca' | 'password-file', string | undefined>>
>;

/** The transport that the command line names. */
export function transportOf({ transport }: AccountValues): TransportName | undefined {
  return oneOf('--transport', transportNames, transport);
}

/** What the command line says about whose phone it is. */
interface AccountOptions {
  /** `alice`, `alice@example.com`, `sip:alice@example.com`, `sips:…`. */
  readonly address: string;
  /** Where an exchange of this machine keeps its data. */
  readonly dataFolder: string;
  readonly transport?: TransportName | undefined;
  readonly caFile?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly proxy?: string | undefined;
}

/** Whose phone it is, and how it reaches its exchange. */
export interface Account {
  readonly addressOfRecord: string;
  readonly password: string | undefined;
  readonly outboundProxies: readonly string[];
  /** PEM text; undefined for those that Node brings. */
  readonly authorities: readonly string[] | undefined;
  readonly transport: TransportName | undefined;
  /** The address of this machine alone at which the exchange is, or the phone itself: then it stays there. */
  readonly loopback: string | undefined;
  /** The file of its call log. */
  readonly callLogFile: string;
  /** Whom Tab knows. */
  readonly known: readonly string[];
}

/** The transports of an exchange on this machine, the one that a phone takes of itself first. */
const preference: readonly TransportName[] = ['tls', 'tcp', 'udp', 'ws', 'wss'];

/**
 * Finds what the command line leaves out: with an exchange that serves from the data folder, all of it. A password that is
 * nowhere is asked for at the terminal, where there is one. Who does not register needs none, and goes past the exchange.
 */
export async function findAccount(
  address: string,
  values: AccountValues,
  terminal: Pick<Terminal, 'askSecret'> | undefined,
  registers = true,
): Promise<Account> {
  const options: AccountOptions = {
    address,
    dataFolder: await dataFolderOf(values),
    transport: transportOf(values),
    caFile: values.ca,
    passwordFile: values['password-file'],
    proxy: values.proxy,
  };
  const exchange = readAdminAccess(options.dataFolder);
  const uri = addressOf(options.address, exchange);
  const isLocal = exchange?.domains.includes(uri.hostport) === true;
  const passwords = isLocal ? readDemonstrationPasswords(options.dataFolder) : {};
  const usesExchange = isLocal && registers && options.proxy === undefined;
  const listener = usesExchange ? listenerFor(exchange, options.transport) : undefined;
  const known = Object.keys(passwords).filter((user) => user !== uri.user);
  const spoken = options.transport ?? (isLocal ? spokenAt(exchange, options.proxy) : undefined);
  const proxy = options.proxy === undefined ? undefined : proxyUri(options.proxy, spoken);
  return {
    addressOfRecord: `${uri.scheme}:${uri.user ?? ''}@${uri.hostport}`,
    password: await passwordOf(options, uri, passwords, registers ? terminal : undefined),
    outboundProxies: proxy === undefined ? (listener?.proxies ?? []) : [proxy],
    authorities: authoritiesOf(options, isLocal),
    transport: listener?.transport ?? spoken,
    loopback: listener?.address ?? loopbackOf(proxy ?? uri.toString()),
    callLogFile: callLogFile(values, `${uri.user ?? ''}@${uri.hostport}`),
    known,
  };
}

function addressOf(address: string, exchange: AdminAccess | undefined): SipUri {
  const domain = exchange?.domains[0];
  if (!address.includes('@') && !address.includes(':')) {
    if (domain !== undefined) return userOf(`sip:${address}@${domain}`, address);
    throw new UsageError(
      `no exchange has served here that ${address} could be of; start one (npm start), or say sip:${address}@…`,
    );
  }
  return userOf(/^sips?:/i.test(address) ? address : `sip:${address}`, address);
}

function userOf(text: string, given: string): SipUri {
  const uri = SipUri.parse(text);
  if (uri instanceof SipUri && uri.user !== undefined) return uri;
  throw new UsageError(`"${given}" is not the address of a phone; sip:alice@example.com is one`);
}

interface Listener {
  readonly transport: TransportName;
  readonly address: string;
  readonly proxies: readonly string[];
}

/** What the exchange of this machine speaks where its own port is named as the proxy. */
function spokenAt({ listeners }: AdminAccess, proxy: string | undefined): TransportName | undefined {
  return preference.find((transport) => listeners.includes(`${transport.toUpperCase()} ${proxy ?? ''}`));
}

/** The listener of the exchange to go to; written like `TLS 127.0.0.1:5061`. */
function listenerFor(exchange: AdminAccess, wanted: TransportName | undefined): Listener {
  const listeners = exchange.listeners.map((text) => {
    const [protocol = '', hostport = ''] = text.split(' ');
    return { transport: protocol.toLowerCase(), hostport };
  });
  for (const transport of wanted === undefined ? preference : [wanted]) {
    const found = listeners.find((listener) => listener.transport === transport);
    if (found === undefined) continue;
    const address = found.hostport.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    return { transport, address, proxies: [proxyUri(found.hostport, transport)] };
  }
  throw new UsageError(
    `the exchange does not listen for ${wanted ?? 'phones'}; it has ${exchange.listeners.join(', ')}`,
  );
}

/**
 * Who answers on this machine alone is to be answered from there: by its usual address, not by whichever of 127.0.0.0/8 he has taken, so
 * that two at one address are not taken for one.
 */
function loopbackOf(peer: string): string | undefined {
  const uri = SipUri.parse(peer);
  if (!(uri instanceof SipUri) || !isLoopback(uri.host)) return undefined;
  return uri.host.startsWith('127.') ? '127.0.0.1' : uri.host;
}

function proxyUri(proxy: string, transport: TransportName | undefined): string {
  const name = transport === 'wss' ? 'ws' : transport;
  const uri = SipUri.parse(
    /^sips?:/i.test(proxy)
      ? proxy
      : `${transport === 'wss' ? 'sips' : 'sip'}:${proxy}${name === undefined ? '' : `;transport=${name}`}`,
  );
  if (uri instanceof SipUri) return uri.toString();
  throw new UsageError(`"${proxy}" is not the address of a proxy; proxy.example.com:5060 is one`);
}

function authoritiesOf({ caFile, dataFolder }: AccountOptions, isLocal: boolean): readonly string[] | undefined {
  if (caFile !== undefined) {
    const text = readOption('--ca', caFile);
    if (text.includes('-----BEGIN CERTIFICATE-----')) return [text];
    throw new UsageError(
      `--ca ${caFile}: there is no certificate in it, which begins with -----BEGIN CERTIFICATE-----`,
    );
  }
  const development = developmentCaFile(dataFolder);
  return isLocal && existsSync(development) ? [readFileSync(development, 'utf8')] : undefined;
}

/** The text of the file that an option names. */
function readOption(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} ${fileErrorText(error) ?? file}`);
  }
}

async function passwordOf(
  { passwordFile }: AccountOptions,
  uri: SipUri,
  passwords: Readonly<Record<string, string>>,
  terminal: Pick<Terminal, 'askSecret'> | undefined,
): Promise<string | undefined> {
  if (passwordFile !== undefined) {
    const [first = ''] = readOption('--password-file', passwordFile).split(/\r?\n/, 1);
    if (first !== '') return first;
    throw new UsageError(`--password-file ${passwordFile}: its first line is empty, and should be the password`);
  }
  const user = uri.user ?? '';
  if (Object.hasOwn(passwords, user)) return passwords[user];
  if (terminal === undefined) return undefined;
  const secret = await terminal.askSecret(`Password of ${user}@${uri.hostport}: `);
  if (secret === '') throw new UsageError('no password was said; --password-file FILE has it read from a file');
  return secret;
}
