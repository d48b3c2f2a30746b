import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeFolder } from '@switchhook/node';
import { configurationOf } from './configuration.ts';
import type { Configuration, ConfigurationOverrides } from './configuration.ts';
import { demonstrationPasswordFile, readDemonstrationPasswords } from './demonstration-passwords.ts';
import { configurationSchema } from './schema.ts';

/** A demonstration subscriber, with the password to type into a phone. */
export interface DemonstrationSubscriber {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
}

/** What an exchange without a configuration file runs with. */
export interface Demonstration {
  readonly configuration: Configuration;
  readonly subscribers: readonly DemonstrationSubscriber[];
}

const domain = '127.0.0.1';
const users = ['alice', 'bob', 'carol', 'bill'] as const;

/**
 * Loopback listeners of every transport and the subscribers of RFC 5359. The domain is an address, so that phones on
 * this machine find it without any DNS. Passwords are made on first start and stay in the data folder, readable only
 * by its owner, so that they can be shown again.
 */
export function demonstration(overrides: ConfigurationOverrides = {}): Demonstration {
  const dataFolder = resolve(overrides.dataFolder ?? 'data');
  const passwords = demonstrationPasswords(dataFolder);
  const subscribers = users.map((user) => ({ user, domain, password: passwords[user] ?? '' }));
  return { configuration: demonstrationConfiguration(passwords, { ...overrides, dataFolder }), subscribers };
}

/** The same without anything made or written: who has no password cannot register. */
export function demonstrationConfiguration(
  passwords: Readonly<Record<string, string>>,
  overrides: ConfigurationOverrides & { readonly dataFolder: string },
): Configuration {
  const file = configurationSchema.parse({
    domains: [{ name: domain, aliases: ['localhost', '::1'] }],
    listeners: ['udp', 'tcp', 'tls', 'ws', 'wss'].map((protocol) => ({ protocol, address: '127.0.0.1' })),
    subscribers: users.map((user) => ({
      user,
      password: passwords[user],
      name: user.replace(/^./, (c) => c.toUpperCase()),
    })),
    servers: { announcement: {}, music: {}, park: {}, features: {} },
    media: { address: domain },
  });
  return configurationOf(file, overrides.dataFolder, overrides);
}

function demonstrationPasswords(folder: string): Readonly<Record<string, string>> {
  const kept = readDemonstrationPasswords(folder);
  if (users.every((user) => kept[user] !== undefined)) return kept;
  const passwords = Object.fromEntries(users.map((user) => [user, kept[user] ?? makePassword()]));
  makeFolder(folder, 0o700);
  writeFileSync(demonstrationPasswordFile(folder), `${JSON.stringify(passwords, null, 2)}\n`, { mode: 0o600 });
  return passwords;
}

/** 80 bits, from letters and digits that are not mistaken for each other. */
export function makePassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  let password = '';
  for (let index = 0; index < 16; index++) password += letters[randomInt(letters.length)] ?? '';
  return password;
}
