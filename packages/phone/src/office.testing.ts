import { afterEach, beforeEach, expect } from 'vitest';
import { TestHouse } from './phone.testing.ts';
import type { TestPhone } from './phone.testing.ts';

/** Those of the test that runs, in a file that has said {@link withTwoPhones} or {@link withThreePhones}. */
export let house: TestHouse;
export let alice: TestPhone;
export let bob: TestPhone;
/** Only with three. */
export let carol: TestPhone;

/** Everybody trusts everybody, by what he says. */
export const trusting = {
  permissions: {
    identity: 'claimed',
    group: ['*@192.0.2.1', '*@192.0.2.2', '*@192.0.2.3', '*@192.0.2.4', '*@192.0.2.5'],
  },
} as const;

/** Two phones for each test of a file, which hold nothing when they have been stopped after it. */
export function withTwoPhones(): void {
  beforeEach(async () => {
    house = new TestHouse();
    alice = await house.phone('alice');
    bob = await house.phone('bob');
  });
  stopAfterEach();
}

/** Three who trust each other. */
export function withThreePhones(): void {
  beforeEach(async () => {
    house = new TestHouse();
    alice = await house.phone('alice', trusting);
    bob = await house.phone('bob', trusting);
    carol = await house.phone('carol', trusting);
  });
  stopAfterEach();
}

function stopAfterEach(): void {
  afterEach(async () => {
    for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
  });
}

/** What comes of something while so many milliseconds pass; where it is rejected, so is this. */
export async function resultOf<T>(promise: Promise<T>, milliseconds = 500): Promise<T> {
  promise.catch(() => undefined);
  await house.play(milliseconds);
  return promise;
}
