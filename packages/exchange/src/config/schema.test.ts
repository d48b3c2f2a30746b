import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { configurationJsonSchema } from './schema.ts';

test('docs/switchhook.schema.json is what `switchhook config schema` prints', () => {
  const committed: unknown = JSON.parse(
    readFileSync(new URL('../../../../docs/switchhook.schema.json', import.meta.url), 'utf8'),
  );
  expect(committed).toEqual(JSON.parse(configurationJsonSchema()));
});

const jsonSchema = z.record(z.string(), z.unknown()).parse(JSON.parse(configurationJsonSchema()));
const editor = z.fromJSONSchema(jsonSchema);

test.each([
  ['127.0.0.1', true],
  ['127.255.3.9', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.0.2.1', false],
  ['127.0.0.256', false],
  ['localhost', false],
])('an editor knows as well as --check whether the admin interface may be at %s', (address, isFine) => {
  const listeners = [{ protocol: 'udp', address: '192.0.2.1' }];
  const file = { domains: [{ name: 'example.com' }], listeners, admin: { address } };
  expect(editor.safeParse(file).success).toBe(isFine);
});
