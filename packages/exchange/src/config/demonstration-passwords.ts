import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExchangeError, hasErrorCode } from '../errors.ts';

/** Where the passwords of the demonstration subscribers are kept, so that they can be shown again. */
export function demonstrationPasswordFile(folder: string): string {
  return join(folder, 'demonstration-passwords.json');
}

/** The passwords of the demonstration subscribers by user; empty where no demonstration has run. */
export function readDemonstrationPasswords(folder: string): Readonly<Record<string, string>> {
  const file = demonstrationPasswordFile(folder);
  const damaged = `${file} holds no passwords; delete it to have new passwords made`;
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    const passwords = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    if (passwords.length === 0 || passwords.length < entries.length) throw new ExchangeError('store', damaged);
    return Object.fromEntries(passwords);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return {};
    if (error instanceof SyntaxError) throw new ExchangeError('store', damaged, { cause: error });
    throw error;
  }
}
