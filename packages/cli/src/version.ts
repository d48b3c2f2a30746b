import { readFileSync } from 'node:fs';

/** The version in the package's own package.json, beside `src` and `dist` alike. */
export function packageVersion(): string {
  const value: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof value === 'object' && value !== null && 'version' in value ? String(value.version) : '';
}
