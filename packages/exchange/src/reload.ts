import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from './config/configuration.ts';

/** Limits that are taken up while the exchange runs. */
const liveLimits: ReadonlySet<string> = new Set(['registration', 'contactsPerSubscriber']);

const fixedParts = [
  'domains',
  'listeners',
  'authentication',
  'dataFolder',
  'admin',
  'captureFile',
  'servers',
  'media',
] as const;

/** The parts of a configuration that differ and that a running exchange cannot change. */
export function needsRestart(before: Configuration, after: Configuration): string[] {
  const parts: string[] = fixedParts.filter((part) => !isDeepStrictEqual(before[part], after[part]));
  const limits = (Object.keys(after.limits) as (keyof Configuration['limits'])[]).filter(
    (limit) => !liveLimits.has(limit) && !isDeepStrictEqual(before.limits[limit], after.limits[limit]),
  );
  if (before.tls.clientCertificates !== after.tls.clientCertificates) parts.push('tls.clientCertificates');
  return [...parts, ...limits.map((limit) => `limits.${limit}`)];
}
