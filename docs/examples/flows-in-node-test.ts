import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, flow } from '@switchhook/flows';
import { recordedCall } from './recorded-call.ts';

await test('call park, played by the phones and servers of this house', async (context) => {
  const { problems, messages } = await flow('2.15', { protocol: 'UDP' });
  // A test for each message, so that the first that is wrong is the first that fails.
  for (const { number, title, problems: wrong } of messages) {
    await context.test(`${number} ${title}`, () => assert.deepEqual(wrong, []));
  }
  assert.deepEqual(problems, []);
});

await test('call hold, as our devices did it', async () => {
  const { problems, text } = check('2.1', await recordedCall());
  assert.deepEqual(problems, [], text);
});
