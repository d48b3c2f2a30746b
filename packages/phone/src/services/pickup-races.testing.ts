import type { SipContext } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import type { PhoneMedia } from '../media.ts';
import { TestHouse } from '../phone.testing.ts';
import type { TestPhone } from '../phone.testing.ts';
import type { PhoneSettings } from '../phone-options.ts';

/** All of the house pick up each other's calls, and believe each other. */
export const pickupGroup: Partial<PhoneSettings> = { permissions: { identity: 'claimed', group: ['192.0.2.*'] } };

/** What became of a wish for a call: whose it is, or why not. */
export function outcomeOf(wish: Promise<Call>): { readonly text: string } {
  const outcome = { text: 'open' };
  wish.then(
    (call) => (outcome.text = `has ${call.remote.name}`),
    (error: unknown) => (outcome.text = error instanceof PhoneError ? error.failure.kind : String(error)),
  );
  return outcome;
}

/** The calls of each phone, a few words each. */
export function callsOf(...phones: readonly TestPhone[]): string[] {
  return phones.map(({ phone }) => phone.calls.map(({ state, remote }) => `${state} ${remote.name}`).join(', '));
}

/** How a race for the call of Alice to Bob ended. */
export interface Race {
  readonly winner: string;
  /** What else is there than one call and one who lost it; nothing, that is. */
  readonly wrong: readonly string[];
}

interface Runner {
  readonly house: TestHouse;
  readonly alice: TestPhone;
  readonly bob: TestPhone;
  readonly bill: TestPhone;
  readonly carol: TestPhone;
}

/** What the phones of a race have instead of real sound, so that more of them can be run. */
type Media = (context: SipContext) => PhoneMedia;

async function ringing(seed: number, media: Media | undefined): Promise<Runner> {
  const house = new TestHouse(seed, { link: { delay: 5, jitter: 30 } }, media);
  const alice = await house.phone('alice', pickupGroup);
  const bob = await house.phone('bob', pickupGroup);
  const bill = await house.phone('bill', pickupGroup);
  const carol = await house.phone('carol', pickupGroup);
  alice.phone.dial(bob.uri);
  await house.play(500);
  return { house, alice, bob, bill, carol };
}

async function finish({ house, alice, bob, bill, carol }: Runner, losers: readonly string[]): Promise<Race> {
  const winner = alice.phone.calls[0]?.remote.name ?? 'nobody';
  const expected = [bob, bill, carol].map(({ phone }) =>
    phone.address.displayName === winner ? 'connected alice' : '',
  );
  const wrong = losers.filter((text) => text !== 'taken' && text !== 'no-call');
  const found = callsOf(alice, bob, bill, carol);
  if (found.join() !== [`connected ${winner}`, ...expected].join()) wrong.push(...found);
  const left = await house.stop();
  if (left.some((each) => Object.keys(each).length > 0)) wrong.push(JSON.stringify(left));
  return { winner, wrong };
}

/** Bill picks up what Bob answers, at nearly the same time. */
export async function pickupAgainstAnswer(seed: number, media?: Media): Promise<Race> {
  const runner = await ringing(seed, media);
  const { house, bob, bill } = runner;
  const outcome = outcomeOf(bill.phone.pickUp(bob.uri));
  house.context.clock.after(seed % 120, () => void bob.phone.calls[0]?.answer().catch(() => undefined));
  await house.play(1_500);
  return finish(runner, outcome.text === 'has alice' ? [] : [outcome.text]);
}

/** Bill and Carol pick up at the same time. */
export async function twoPickups(seed: number, media?: Media): Promise<Race> {
  const runner = await ringing(seed, media);
  const { house, bob, bill, carol } = runner;
  const outcomes = [bill, carol].map(({ phone }) => outcomeOf(phone.pickUp(bob.uri)));
  await house.play(1_500);
  const lost = outcomes.filter(({ text }) => text !== 'has alice').map(({ text }) => text);
  return finish(runner, lost);
}
