/** What the docs say of the code is still so. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { announcementTexts, configurationJsonSchema, loadConfiguration } from '@switchhook/exchange';
import {
  defaultNotifierLimits,
  defaultSessionOptions,
  defaultUserAgentLimits,
  endedDialogsKept,
  sessionDescriptionLimits,
} from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { startExchange } from './hostile/house.testing.ts';
import { run } from '../../packages/cli/src/index.ts';
import { machinePicture } from '../../scripts/machine-picture.ts';
import { machinePages, machinePictures, withMachineTables } from '../../scripts/machines.ts';

const docs = join(import.meta.dirname, '../../docs');
const page = (name: string): string => readFileSync(join(docs, name), 'utf8');

describe('state machines, drawn by `npm run docs`', () => {
  test.each(machinePages)('the pictures of docs/%s.md are those of the tables in the code', (name) => {
    const pictures = machinePictures(name);
    expect(readdirSync(join(docs, name)).sort()).toEqual([...pictures.keys()].sort());
    for (const [file, picture] of pictures) expect(page(join(name, file)), file).toBe(picture);
  });

  test.each(machinePages)('so are the tables of docs/%s.md, and each picture is shown', (name) => {
    const text = page(`${name}.md`);
    expect(withMachineTables(name, text)).toBe(text);
    for (const file of machinePictures(name).keys()) expect(text).toContain(`(${name}/${file})`);
  });

  test('a picture has every event of its table', () => {
    const picture = machinePicture('any', {
      begun: {
        skip: { to: 'ended', actions: [] },
        stay: { to: 'begun', actions: [] },
        step: { to: 'half', actions: [] },
      },
      half: { end: { to: 'ended', actions: [] } },
      ended: {},
    });
    for (const word of ['begun', 'half', 'ended', 'skip', '↻ stay', 'step', 'end']) {
      expect(picture).toContain(`>${word}</text>`);
    }
  });
});

const repository = join(docs, '..');

/** The name under which GitHub links a heading. */
function anchorOf(heading: string): string {
  const text = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase();
  return text.replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-');
}

const withoutCode = (file: string): string => readFileSync(file, 'utf8').replace(/^```[^]*?^```/gm, '');

const anchorsIn = (file: string): string[] =>
  Array.from(withoutCode(file).matchAll(/^#+ (.*)$/gm), ([, heading = '']) => anchorOf(heading));

const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'packages/flows/rfc5359-messages.md'],
  ...readdirSync(docs).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ...readdirSync(join(repository, 'packages')).map((name) => `packages/${name}/README.md`),
];

describe('links', () => {
  test.each(pages)('of %s lead to files and headings that are there', (name) => {
    const file = join(repository, name);
    const links = Array.from(withoutCode(file).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
    const lost = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? file : join(dirname(file), path);
        if (!existsSync(target)) return true;
        return anchor !== undefined && target.endsWith('.md') && !anchorsIn(target).includes(anchor);
      });
    expect(lost).toEqual([]);
  });

  test.each(pages)('files that %s names are there', (name) => {
    const named = withoutCode(join(repository, name)).matchAll(/`((?:docs|packages|scripts|tests|bench)\/[\w./-]+)`/g);
    const lost = Array.from(named, ([, path = '']) => path).filter((path) => !existsSync(join(repository, path)));
    expect(lost).toEqual([]);
  });
});

/** The cells, without back quotes, of the table below a heading. */
function tableBelow(text: string, heading: string): string[][] {
  const section = text.slice(text.indexOf(`\n## ${heading}`)).split('\n## ')[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  const cells = (row: string): string[] =>
    row
      .replaceAll('`', '')
      .split('|')
      .map((cell) => cell.trim());
  return rows.slice(2).map((row) => cells(row).slice(1, -1));
}

const firstColumn = (text: string, heading: string): string[] => tableBelow(text, heading).map(([cell = '']) => cell);

/** The members of the union of texts that begins with `start` in a file. */
function unionIn(file: string, start: string): string[] {
  const text = readFileSync(join(repository, file), 'utf8');
  const union = /^(?:[\s|]*'[^']+')+/.exec(text.slice(text.indexOf(start) + start.length))?.[0] ?? '';
  return Array.from(union.matchAll(/'([^']+)'/g), ([, member = '']) => member);
}

describe('docs/errors.md', () => {
  const text = page('errors.md');

  test.each([
    ['Misuse of the library', 'packages/sip/src/error.ts', 'export type ErrorCode ='],
    ['Connections', 'packages/sip/src/transport/contract.ts', 'export type TransportErrorCode ='],
    ['Sound', 'packages/media/src/error.ts', 'export type MediaErrorCode ='],
    ['Starting the exchange', 'packages/exchange/src/errors.ts', 'readonly code:'],
  ])('%s: every code of %s, and no other', (heading, file, start) => {
    const codes = unionIn(file, start);
    expect(codes).not.toEqual([]);
    expect(firstColumn(text, heading).sort()).toEqual(codes.sort());
  });

  test('every code of a resolver', () => {
    for (const code of unionIn('packages/sip/src/transport/resolver.ts', 'readonly code:'))
      expect(text).toContain(code);
  });

  test('the exit codes are those of `switchhook --help`', async () => {
    let help = '';
    const print = (output: string): void => void (help += output);
    const nobody = {
      complain: print,
      askSecret: () => Promise.resolve(undefined),
      readStandardInput: () => Promise.resolve(''),
      onEnter: () => () => undefined,
    };
    await run(['--help'], { print, ...nobody });
    const codes = /Exit codes:([^]*)\./.exec(help)?.[1] ?? '';
    expect(codes).not.toBe('');
    expect(firstColumn(text, "The command's exit codes")).toEqual(codes.match(/\d+/g));
  });
});

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** Every value that can be configured below a JSON schema, with its default. */
function leaves(schema: unknown, path = ''): string[] {
  const properties = property(schema, 'properties');
  if (typeof properties !== 'object' || properties === null) return [`${path} ${String(property(schema, 'default'))}`];
  return Object.entries(properties).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

test('docs/servers.md has every recording that comes along, with what it says', () => {
  const rows = tableBelow(page('servers.md'), 'Recordings that come along');
  expect(rows).toEqual(Object.entries(announcementTexts));
});

test('docs/services.md has every setting that there is', () => {
  const schema: unknown = JSON.parse(configurationJsonSchema());
  const subscriber = property(property(property(schema, 'properties'), 'subscribers'), 'items');
  const settings = leaves(property(property(subscriber, 'properties'), 'settings')).map(
    (leaf) => leaf.split(' ')[0] ?? '',
  );
  expect(settings.length).toBeGreaterThan(10);
  const rows = firstColumn(page('services.md'), 'Setting them').flatMap((names) => names.split(', '));
  expect(rows.sort()).toEqual(settings.sort());
});

describe('docs/limits.md', () => {
  test('has every limit of the configuration with its default, and no other', () => {
    const schema: unknown = JSON.parse(configurationJsonSchema());
    const limits = leaves(property(property(schema, 'properties'), 'limits'));
    expect(limits.length).toBeGreaterThan(10);
    const rows = tableBelow(page('limits.md'), 'Limits that are configured');
    expect(rows.map(([key = '', value = '']) => `${key} ${value}`).sort()).toEqual(limits.sort());
  });

  const { dialogs, requests, serverTransactions } = defaultUserAgentLimits;
  const { subscriptions, subscriptionsPerWatcher } = defaultNotifierLimits;
  const { characters, lines } = sessionDescriptionLimits;
  test.each([
    ['Limits of a user agent', 'dialogs', [dialogs]],
    ['Limits of a user agent', 'own requests under way', [requests]],
    ['Limits of a user agent', 'requests that came and are not done with', [serverTransactions]],
    ['Limits of a subscription', 'subscriptions to a notifier', [subscriptions]],
    ['Limits of a subscription', 'subscriptions of one watcher, by the address in its From', [subscriptionsPerWatcher]],
    ['Limits of a session', 'a session description', [characters, lines]],
    ['Limits of a session', 'how long somebody may ring', [defaultSessionOptions.ringTime / 1_000]],
    [
      'Limits that are fixed',
      'ended calls that a user agent remembers, to decline who wants to replace or join them',
      [endedDialogsKept],
    ],
  ])('%s: %s', (heading, what, numbers) => {
    const [, limit = ''] = tableBelow(page('limits.md'), heading).find(([cell]) => cell === what) ?? [];
    const said = Array.from(limit.matchAll(/\d[\d,]*/g), ([number]) => Number(number.replaceAll(',', '')));
    expect(said.slice(0, numbers.length)).toEqual(numbers);
  });
});

describe('docs/operations.md', () => {
  test('has every metric that /metrics exports, with its type and labels, and no other', async () => {
    const { exchange, end } = await startExchange();
    const text = await (await fetch(`http://127.0.0.1:${exchange.ports.admin}/metrics`)).text();
    await end();
    const exported = Array.from(
      text.matchAll(/^# TYPE (\S+) (\S+)$/gm),
      ([, name = '', type = '']) => `${name} ${type}`,
    );
    expect(exported.length).toBeGreaterThan(10);
    const rows = tableBelow(page('operations.md'), 'Looking at it');
    expect(rows.map(([name = '', type = '']) => `${name} ${type}`).sort()).toEqual(exported.sort());
    const labels = new Map(rows.map(([name = '', , label = '']) => [name, label.split(', ')]));
    for (const [, name = '', label = ''] of text.matchAll(/^(\w+)\{(\w+)=/gm))
      expect(labels.get(name)).toContain(label);
  });

  test('its configuration is in order', () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-docs-'));
    const file = join(folder, 'switchhook.yaml');
    for (const name of ['operations.md', 'configuration.md', 'security.md', 'services.md']) {
      for (const [, yaml = ''] of page(name).matchAll(/^```yaml\n([^]*?)^```/gm)) {
        const whole = yaml.includes('domains:')
          ? yaml
          : `domains: [{ name: a }]\nlisteners: [{ protocol: udp, address: 127.0.0.1 }]\n${yaml}`;
        writeFileSync(file, whole);
        expect(() => loadConfiguration(file), `${name}:\n${yaml}`).not.toThrow();
      }
    }
    rmSync(folder, { recursive: true });
  });
});
