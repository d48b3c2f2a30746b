/**
 * The direction of the arrows: which package may import which, and inside `packages/sip` which room knows which.
 * A package's doors are the `exports` of its package.json, `src/index.ts` first; nobody reaches behind them. What is published imports
 * only what its own package.json brings along.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const packages: Readonly<Record<string, readonly string[]>> = {
  sip: [],
  node: ['sip'],
  sim: ['sip'],
  media: ['sip'],
  phone: ['sip', 'node', 'media'],
  exchange: ['sip', 'node', 'media'],
  flows: ['sip', 'node', 'sim', 'media', 'phone', 'exchange'],
  cli: ['sip', 'node', 'media', 'phone', 'exchange', 'flows'],
};

/** The packages, each behind those that it may know. */
export const packageNames: readonly string[] = Object.keys(packages);

/** The rooms of `packages/sip`, each with those beneath it that it may know. `''` is the files beside the rooms. */
const sipRooms: Readonly<Record<string, readonly string[]>> = {
  '': ['message', 'transport', 'transaction', 'auth', 'dialog', 'session', 'event', 'agent', 'proxy', 'registrar'],
  message: [''],
  transport: ['', 'message'],
  transaction: ['', 'message', 'transport'],
  auth: ['', 'message', 'transport'],
  dialog: ['', 'message', 'transport', 'transaction', 'auth'],
  session: ['', 'message', 'transport', 'transaction', 'auth', 'dialog'],
  event: ['', 'message', 'transport', 'transaction', 'auth', 'dialog'],
  agent: ['', 'message', 'transport', 'transaction', 'auth', 'dialog', 'session', 'event'],
  proxy: ['', 'message', 'transport', 'transaction'],
  registrar: ['', 'message', 'transport', 'transaction', 'auth'],
};

const importPattern = /(?:import|export)(?:\s(?:[^'";]*?\sfrom\s)?|\()'([^']+)'/g;

function sourceFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(directory, file));
}

function keysOf(name: string, entry: 'dependencies' | 'exports'): ReadonlySet<string> {
  const manifest: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '../packages', name, 'package.json'), 'utf8'),
  );
  const entries: object = typeof manifest === 'object' && manifest !== null ? manifest : {};
  const found = new Map<string, unknown>(Object.entries(entries)).get(entry);
  return new Set(typeof found === 'object' && found !== null ? Object.keys(found) : []);
}

function roomOf(file: string, root: string): string {
  const path = relative(root, file).split(sep);
  return path.length > 1 ? (path[0] ?? '') : '';
}

function faultOf(file: string, imported: string, name: string, root: string): string | undefined {
  const own = packages[name] ?? [];
  const isTest = /\.(test|testing)\.ts$/.test(file);
  if (
    name === 'phone' &&
    roomOf(file, root) !== 'node' &&
    !isTest &&
    /^node:|^@switchhook\/(node|media)(\/|$)/.test(imported)
  ) {
    return 'only phone/src/node touches the machine: the phone runs in a browser, too';
  }
  if (imported.startsWith('@switchhook/')) {
    const [target = '', ...door] = imported.slice('@switchhook/'.length).split('/');
    // Tests run on the simulator's clock and network, wherever they are.
    if (isTest && target === 'sim') return undefined;
    if (!own.includes(target)) return `packages/${name} may not know packages/${target}`;
    if (!keysOf(target, 'exports').has(['.', ...door].join('/'))) {
      return `reaches behind the door of @switchhook/${target}`;
    }
  }
  if (imported.startsWith('.')) {
    const target = resolve(dirname(file), imported);
    if (relative(root, target).startsWith('..')) return 'leaves its package by a relative path';
    if (name !== 'sip' || isTest) return undefined;
    const from = roomOf(file, root);
    const to = roomOf(target, root);
    // The door shows every room; a room opens the files beside it (context, errors), never the door.
    if (target === join(root, 'index.ts')) return 'a room imports its own package by the door';
    if (from === to || file === join(root, 'index.ts')) return undefined;
    return (sipRooms[from] ?? []).includes(to) ? undefined : `room ${from || '.'} may not know room ${to || '.'}`;
  }
  if (isTest) return undefined;
  if (imported.startsWith('node:')) {
    return name === 'sip' || name === 'sim' ? 'the core touches no platform' : undefined;
  }
  // A package that only another one brings along is not there for who installs this one alone.
  const brought = imported.split('/', imported.startsWith('@') ? 2 : 1).join('/');
  return keysOf(name, 'dependencies').has(brought) ? undefined : `packages/${name}/package.json does not depend on it`;
}

/** Every import that points the wrong way, as `file: import: why`. */
export function wrongArrows(repository: string): string[] {
  const faults: string[] = [];
  for (const name of Object.keys(packages)) {
    const root = join(repository, 'packages', name, 'src');
    for (const file of sourceFiles(root)) {
      for (const [, imported] of readFileSync(file, 'utf8').matchAll(importPattern)) {
        if (imported === undefined) continue;
        const fault = faultOf(file, imported, name, root);
        if (fault !== undefined) faults.push(`${relative(repository, file)}: '${imported}': ${fault}`);
      }
    }
  }
  return faults;
}
