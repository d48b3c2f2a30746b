import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationJsonSchema } from './schema.ts';

test('docs/switchhook.schema.json is what `switchhook config schema` prints', () => {
  const committed: unknown = JSON.parse(
    readFileSync(new URL('../../../../docs/switchhook.schema.json', import.meta.url), 'utf8'),
  );
  expect(committed).toEqual(JSON.parse(configurationJsonSchema()));
});
