/** What the docs say of the code is still so. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { machinePicture } from '../../scripts/machine-picture.ts';
import { machinePictures, withMachineTables } from '../../scripts/machines.ts';

const docs = join(import.meta.dirname, '../../docs');
const page = (name: string): string => readFileSync(join(docs, name), 'utf8');

describe('docs/transactions.md, made by `npm run docs`', () => {
  test('the pictures are those of the tables in the code', () => {
    const pictures = machinePictures();
    expect(readdirSync(join(docs, 'transactions')).sort()).toEqual([...pictures.keys()].sort());
    for (const [name, picture] of pictures) expect(page(join('transactions', name)), name).toBe(picture);
  });

  test('so are the tables of the text, and each picture is shown', () => {
    const text = page('transactions.md');
    expect(withMachineTables(text)).toBe(text);
    for (const name of machinePictures().keys()) expect(text).toContain(`(transactions/${name})`);
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
