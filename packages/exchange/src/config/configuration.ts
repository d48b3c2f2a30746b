import { dirname, resolve } from 'node:path';
import type { TransportProtocol } from '@switchhook/sip';
import type { Gateway } from '../plan/gateways.ts';
import type { SettingsByAddress } from '../settings/book.ts';
import type { Account } from '../subscribers/account.ts';
import { hashPassword, subscriberKey } from '../subscribers/subscriber.ts';
import type { Subscriber } from '../subscribers/subscriber.ts';
import { readConfigurationFile } from './load.ts';
import type { ReadConfiguration } from './load.ts';
import type { ConfigurationFile } from './schema.ts';
import { defaultPorts, gatewaysOf } from './semantics.ts';

/** A socket to listen on. */
export interface ListenerConfiguration {
  readonly protocol: TransportProtocol;
  readonly address: string;
  readonly port: number;
  readonly publicName?: string;
}

/** An address that rings several subscribers of its domain. */
export interface Group {
  readonly user: string;
  readonly domain: string;
  readonly members: readonly string[];
  readonly ring: ConfigurationFile['groups'][number]['ring'];
  /** Milliseconds for each member when they ring in turn. */
  readonly ringTime: number;
}

/** What an exchange runs with: a configuration file with its references followed and its secrets hashed. */
export interface Configuration {
  /** At least one; the first is the default. */
  readonly domains: ConfigurationFile['domains'];
  readonly listeners: readonly ListenerConfiguration[];
  readonly tls: ConfigurationFile['tls'];
  readonly subscribers: readonly Subscriber[];
  readonly authentication: ConfigurationFile['authentication'];
  readonly groups: readonly Group[];
  /** Subscribers who may watch the registrations of all others. */
  readonly administrators: readonly Account[];
  /** Those that are to run. */
  readonly servers: ConfigurationFile['servers'];
  readonly media: ConfigurationFile['media'];
  readonly emergencyNumbers: readonly string[];
  /** Ways to the telephone network. */
  readonly gateways: readonly Gateway[];
  /** What the file sets for subscribers, by `user@domain`. */
  readonly settings: SettingsByAddress;
  readonly limits: ConfigurationFile['limits'];
  readonly dataFolder: string;
  readonly admin: ConfigurationFile['admin'];
  readonly captureFile?: string;
  readonly logLevel: ConfigurationFile['log']['level'];
  /** Where a part of it stands, as `switchhook.yaml:7:21`; absent when no file says it. */
  readonly placeOf?: ReadConfiguration['placeOf'];
}

/** What the command line says over the file. */
export interface ConfigurationOverrides {
  readonly dataFolder?: string | undefined;
  readonly captureFile?: string | undefined;
}

/** Reads a configuration file; relative paths in it start from its folder. Throws `ConfigurationError`. */
export function loadConfiguration(file: string, overrides: ConfigurationOverrides = {}): Configuration {
  const { contents, placeOf } = readConfigurationFile(file);
  return { ...configurationOf(contents, dirname(resolve(file)), overrides), placeOf };
}

/** A checked file as the exchange uses it. */
export function configurationOf(
  file: ConfigurationFile,
  folder: string,
  overrides: ConfigurationOverrides = {},
): Configuration {
  const firstDomain = file.domains[0]?.name ?? '';
  const captureFile = overrides.captureFile ?? inFolder(folder, file.capture);
  return {
    domains: file.domains,
    listeners: file.listeners.map((listener) => ({
      protocol: protocols[listener.protocol],
      address: listener.address,
      port: listener.port ?? defaultPorts[listener.protocol],
      ...(listener.publicName === undefined ? {} : { publicName: listener.publicName }),
    })),
    tls: {
      ...file.tls,
      certificate: inFolder(folder, file.tls.certificate),
      key: inFolder(folder, file.tls.key),
      ca: inFolder(folder, file.tls.ca),
    },
    subscribers: file.subscribers.map((subscriber) => subscriberOf(subscriber, firstDomain)),
    authentication: file.authentication,
    administrators: file.administrators.map((address) => {
      const at = address.lastIndexOf('@');
      return at < 0
        ? { user: address, domain: firstDomain }
        : { user: address.slice(0, at), domain: address.slice(at + 1).toLowerCase() };
    }),
    groups: file.groups.map((group) => ({
      user: group.user,
      domain: group.domain ?? firstDomain,
      members: group.members,
      ring: group.ring,
      ringTime: group.ringTime * 1_000,
    })),
    servers: serversOf(file.servers, folder),
    media: file.media,
    emergencyNumbers: file.emergencyNumbers,
    gateways: gatewaysOf(file),
    settings: new Map(
      file.subscribers.flatMap(({ user, domain = firstDomain, settings }) =>
        settings === undefined ? [] : [[subscriberKey(user, domain), settings] as const],
      ),
    ),
    limits: file.limits,
    dataFolder: overrides.dataFolder ?? resolve(folder, file.data),
    admin: file.admin,
    ...(captureFile === undefined ? {} : { captureFile }),
    logLevel: file.log.level,
  };
}

const protocols: Readonly<Record<keyof typeof defaultPorts, TransportProtocol>> = {
  udp: 'UDP',
  tcp: 'TCP',
  tls: 'TLS',
  ws: 'WS',
  wss: 'WSS',
};

function serversOf(servers: ConfigurationFile['servers'], folder: string): ConfigurationFile['servers'] {
  const { announcement, music } = servers;
  const files = (list: readonly string[]): string[] => list.map((each) => resolve(folder, each));
  return {
    ...servers,
    announcement: announcement && { ...announcement, folder: inFolder(folder, announcement.folder) },
    music: music && {
      ...music,
      files: files(music.files),
      programmes: music.programmes.map((programme) => ({ ...programme, files: files(programme.files) })),
    },
  };
}

function inFolder(folder: string, file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(folder, file);
}

function subscriberOf(entry: ConfigurationFile['subscribers'][number], firstDomain: string): Subscriber {
  const { user, name, password, credentials = {} } = entry;
  const domain = entry.domain ?? firstDomain;
  const hashes = password === undefined ? withoutGaps(credentials) : hashPassword(user, domain, password);
  const subscriber = { user, domain, credentials: hashes };
  return name === undefined ? subscriber : { ...subscriber, name };
}

function withoutGaps(
  credentials: NonNullable<ConfigurationFile['subscribers'][number]['credentials']>,
): Subscriber['credentials'] {
  const { MD5: md5, 'SHA-256': sha256, 'SHA-512-256': sha512 } = credentials;
  return {
    ...(md5 === undefined ? {} : { MD5: md5 }),
    ...(sha256 === undefined ? {} : { 'SHA-256': sha256 }),
    ...(sha512 === undefined ? {} : { 'SHA-512-256': sha512 }),
  };
}
