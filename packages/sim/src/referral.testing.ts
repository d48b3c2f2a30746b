import { Referrals } from '@switchhook/sip';
import type { IncomingReferral, InviteSession, OutgoingReferral, ReferralsOptions } from '@switchhook/sip';
import { nothingHeld, TestPhone } from './invite-sessions.testing.ts';
import { SimulatedNetwork } from './network.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A phone that refers, and is referred. */
export class ReferringPhone extends TestPhone {
  readonly referrals: Referrals;
  readonly referred: IncomingReferral[] = [];
  /** What to do about a REFER, instead of leaving it to the test. */
  decide: (referral: IncomingReferral) => void = () => undefined;

  constructor(
    network: SimulatedNetwork,
    clock: VirtualClock,
    name: string,
    address: string,
    options?: ReferralsOptions,
    seed: number | string = 1,
  ) {
    super(network, clock, name, address, {}, seed);
    this.answer = (invite) => {
      void invite.accept();
    };
    this.referrals = new Referrals(
      this.agent,
      {
        referred: (referral) => {
          this.referred.push(referral);
          this.decide(referral);
        },
      },
      options,
    );
    this.agent.install(this.referrals);
  }

  /** The REFER that came last. */
  get asked(): IncomingReferral {
    const referral = this.referred.at(-1);
    if (referral === undefined) throw new Error('nobody refers');
    return referral;
  }
}

/** Alice, who is in a call with Bob, and refers him. */
export class ReferralStage {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly alice: ReferringPhone;
  readonly bob: ReferringPhone;

  constructor(options?: ReferralsOptions) {
    this.network = new SimulatedNetwork(this.clock, new SeededRandom(1));
    this.alice = new ReferringPhone(this.network, this.clock, 'alice', '192.0.2.1', options);
    this.bob = new ReferringPhone(this.network, this.clock, 'bob', '192.0.2.2', options);
  }

  /** With a call that stands, as Alice and as Bob see it. */
  static async connected(options?: ReferralsOptions): Promise<{
    readonly stage: ReferralStage;
    readonly session: InviteSession;
    readonly theirs: InviteSession;
  }> {
    const stage = new ReferralStage(options);
    await stage.alice.agent.start();
    await stage.bob.agent.start();
    const invite = stage.alice.call(stage.bob);
    await stage.settle();
    const outcome = await invite.outcome;
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    return { stage, session: outcome.session, theirs: stage.bob.ringing.session };
  }

  async settle(milliseconds = 100): Promise<void> {
    await this.clock.play(milliseconds);
  }

  /** Waits until nothing more can come, stops, and says what is left over. */
  async leftOvers(): Promise<unknown[]> {
    await this.settle(400_000);
    const held = [this.alice, this.bob].flatMap((phone) => {
      const all = { ...phone.held(), ...phone.referrals.stats() };
      const nothing = { ...nothingHeld, outgoing: 0, incoming: 0, subscriptions: 0 };
      return JSON.stringify(all) === JSON.stringify(nothing) ? [] : [all];
    });
    await this.alice.agent.stop();
    await this.bob.agent.stop();
    return [...held, ...(this.clock.pending > 0 ? [this.clock.pending] : [])];
  }
}

/** All that is told of a REFER, a word or two each. */
export function toldOf(referral: OutgoingReferral): string[] {
  const told: string[] = [];
  referral.listen((event) => {
    if (event.kind === 'accepted') told.push('accepted');
    else if (event.kind === 'progress') told.push(String(event.status));
    else {
      const { outcome } = event;
      const status =
        'status' in outcome
          ? ` ${String(outcome.status)}`
          : outcome.kind === 'refused'
            ? ` ${String(outcome.response.status)}`
            : '';
      told.push(`${outcome.kind}${status}`);
    }
  });
  return told;
}
