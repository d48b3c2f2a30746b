/** What a phone says to the person at it. */
import { expect, test } from 'vitest';
import { sentenceFor } from '../../packages/cli/src/phone/sentences.ts';
import { alice, bob, carol, house, withThreePhones } from '../../packages/phone/src/office.testing.ts';
import { answering } from '../../packages/phone/src/phone.testing.ts';
import type { TestPhone } from '../../packages/phone/src/phone.testing.ts';

withThreePhones();

/** What a phone says to its person from now on. */
function heardBy({ phone }: TestPhone): string[] {
  const heard: string[] = [];
  phone.onEvent((event) => {
    const sentence = event.kind === 'registration' ? undefined : sentenceFor(event);
    if (sentence !== undefined) heard.push(sentence.text);
  });
  return heard;
}

test('a message with a link says what to do with it', async () => {
  answering(bob);
  const [call] = await Promise.all([alice.phone.call(bob.uri), house.play(500)]);
  const heard = heardBy(carol);
  await Promise.all([call.transferByMessage(carol.uri), house.play(500)]);
  expect(heard).toEqual(['alice: Please take over my call: bob; "follow" calls bob']);
});

test('a call that is made for somebody is a call, and nobody is handed on', async () => {
  answering(carol);
  const heard = heardBy(bob);
  bob.phone.onEvent((event) => {
    if (event.kind === 'referral' && event.state === 'asked') event.referral.accept();
  });
  await Promise.all([alice.phone.dialWith(bob.uri, carol.uri), house.play(1_000)]);
  expect(heard).toEqual([
    `alice asks you to call carol (${carol.uri})`,
    `calling ${carol.uri}`,
    'it rings at carol',
    'carol answered',
  ]);
});
