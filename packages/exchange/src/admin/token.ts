import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrorCode } from '../errors.ts';

/** What a running exchange leaves in its data folder, so that other programs of its owner find it and can talk to it. */
export interface AdminAccess {
  readonly url: string;
  readonly token: string;
  readonly domains: readonly string[];
  /** Like `TLS 127.0.0.1:5061`. */
  readonly listeners: readonly string[];
}

const fileName = 'admin.json';

/** A new secret for each run; the file is for its owner alone. */
export function writeAdminAccess(folder: string, reach: Omit<AdminAccess, 'token'>): AdminAccess {
  const file = join(folder, fileName);
  const access: AdminAccess = { ...reach, token: randomBytes(32).toString('hex') };
  writeFileSync(file, `${JSON.stringify(access)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return access;
}

/** Where the exchange of a data folder is reached; undefined when none has served from it. */
export function readAdminAccess(folder: string): AdminAccess | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, fileName), 'utf8'));
    if (typeof value !== 'object' || value === null || !('url' in value) || !('token' in value)) return undefined;
    return {
      url: String(value.url),
      token: String(value.token),
      domains: 'domains' in value ? textsOf(value.domains) : [],
      listeners: 'listeners' in value ? textsOf(value.listeners) : [],
    };
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Whether an Authorization header field carries the token, in time that says nothing about it. */
export function isAuthorized(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
