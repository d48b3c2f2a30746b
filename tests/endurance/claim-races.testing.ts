import { simulatedContext, SeededRandom, SimulatedNetwork, VirtualClock } from '@switchhook/sim';
import { InviteSessions, joinOf, replacesOf, StreamNegotiation, UserAgent } from '@switchhook/sip';
import type {
  HeaderInit,
  IncomingInvite,
  InviteOutcome,
  InviteSession,
  MediaEngine,
  OutgoingInvite,
} from '@switchhook/sip';

/** Milliseconds within which everything of a race begins, over a network on which a message takes as long as that. */
const rush = 60;
const link = { delay: 5, jitter: 40 };

const silent: MediaEngine = {
  capabilities: [
    {
      kind: 'audio',
      formats: [{ payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 }],
      security: 'none',
      cryptoSuites: [],
      packetTime: 20,
    },
  ],
  open: () =>
    Promise.resolve({
      local: { address: '192.0.2.1', port: 10_000, controlPort: 10_001 },
      crypto: [],
      apply: () => undefined,
      close: () => undefined,
    }),
};

/** A phone that takes every claim, and leaves other calls to the race. */
class Racer {
  readonly agent: UserAgent;
  readonly sessions: InviteSessions;
  readonly calls: IncomingInvite[] = [];
  readonly name: string;
  readonly address: string;

  constructor(stage: Stage, name: string, index: number) {
    this.name = name;
    const context = simulatedContext(`${String(stage.seed)}/${name}`, stage.clock);
    this.address = `192.0.2.${String(index)}`;
    this.agent = new UserAgent(context, {
      address: `<sip:${name}@example.com>`,
      transports: [stage.network.host(name, [this.address]).transport('UDP')],
      resolver: { resolve: ({ host }) => [{ protocol: 'UDP', address: host, port: 5_060 }] },
    });
    this.sessions = new InviteSessions(this.agent, {
      media: () => new StreamNegotiation(context, silent),
      incoming: (invite) => {
        this.calls.push(invite);
        if (invite.replaces !== undefined || invite.joins !== undefined) void invite.accept();
        else invite.ring();
      },
      mayReplace: () => true,
      mayJoin: () => true,
    });
    this.agent.install(this.sessions);
  }

  call(other: Racer, headers: readonly HeaderInit[] = []): OutgoingInvite {
    return this.sessions.invite({ target: `sip:${other.name}@${other.address}`, headers });
  }

  /** The session with the far end of an INVITE, as this side has it. */
  session(callId: string | undefined): InviteSession {
    const found = this.calls.find(({ session }) => session.dialog.callId === callId)?.session;
    if (found === undefined) throw new Error('no such call');
    return found;
  }
}

class Stage {
  readonly seed: number;
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly alice: Racer;
  readonly bob: Racer;
  readonly bill: Racer;
  readonly carol: Racer;

  constructor(seed: number) {
    this.seed = seed;
    this.random = new SeededRandom(`race ${String(seed)}`);
    this.network = new SimulatedNetwork(this.clock, new SeededRandom(seed), { link });
    this.alice = new Racer(this, 'alice', 1);
    this.bob = new Racer(this, 'bob', 2);
    this.bill = new Racer(this, 'bill', 3);
    this.carol = new Racer(this, 'carol', 4);
  }

  get racers(): readonly Racer[] {
    return [this.alice, this.bob, this.bill, this.carol];
  }

  /** Does something within the rush, whenever the seed has it. */
  sometime(action: () => void): void {
    this.clock.after(this.random.fraction() * rush, action);
  }
}

/** What a claim needs of the call that it is about: Alice's, which rings at Bob's, or which Bob has answered. */
interface Setting {
  readonly stage: Stage;
  readonly invite: OutgoingInvite;
  /** Bob's side of it. */
  readonly bobs: InviteSession;
}

interface Result {
  readonly outcome: string;
  readonly fault?: string | undefined;
}

async function ringing(stage: Stage): Promise<Setting> {
  const invite = stage.alice.call(stage.bob);
  await stage.clock.play(300);
  return { stage, invite, bobs: stage.bob.session(invite.callId) };
}

async function answered(stage: Stage): Promise<Setting> {
  const setting = await ringing(stage);
  void stage.bob.calls[0]?.accept();
  await stage.clock.play(300);
  return setting;
}

function word(outcome: InviteOutcome): string {
  return outcome.kind === 'refused' ? String(outcome.response.status) : outcome.kind;
}

/** Sessions that stand, of somebody. */
function standing({ calls }: Racer, ...made: readonly OutgoingInvite[]): readonly InviteSession[] {
  return [...calls.map(({ session }) => session), ...made.flatMap((invite) => invite.sessions)].filter(
    ({ state }) => state === 'confirmed',
  );
}

/** Each plays a race, and says who has won and what is wrong with it. */
export const races: Readonly<Record<string, (stage: Stage) => Promise<Result>>> = {
  'a pickup against the answer': async (stage) => {
    const { invite, bobs } = await ringing(stage);
    let pickup: OutgoingInvite | undefined;
    stage.sometime(() => (pickup = stage.bill.call(stage.alice, [replacesOf(bobs, { earlyOnly: true })])));
    stage.sometime(() => void stage.bob.calls[0]?.accept());
    await stage.clock.play(3_000);
    if (pickup === undefined) throw new Error('nobody picked up');
    const [own, picked] = [word(await invite.outcome), word(await pickup.outcome)];
    const fits = { answered: ['486', '603'], replaced: ['answered'] }[own] ?? [];
    const left = standing(stage.alice, invite);
    return {
      outcome: `${own} / ${picked}`,
      fault: !fits.includes(picked) ? 'not one winner' : left.length === 1 ? undefined : `${String(left.length)} calls`,
    };
  },

  'two pickups': async (stage) => {
    const { invite, bobs } = await ringing(stage);
    const header = replacesOf(bobs, { earlyOnly: true });
    const pickups: OutgoingInvite[] = [];
    for (const racer of [stage.bill, stage.carol])
      stage.sometime(() => pickups.push(racer.call(stage.alice, [header])));
    await stage.clock.play(3_000);
    const words = (await Promise.all(pickups.map(({ outcome }) => outcome))).map(word);
    const winners = words.filter((each) => each === 'answered').length;
    const losers = words.filter((each) => each === '603').length;
    const first = pickups[0]?.callId === standing(stage.alice, invite)[0]?.dialog.callId;
    return {
      outcome: `${word(await invite.outcome)}, the ${first ? 'first' : 'second'} that began`,
      fault: winners === 1 && losers === 1 && standing(stage.alice, invite).length === 1 ? undefined : words.join(),
    };
  },

  'two retrievals of one parked call': async (stage) => {
    // Bob stands in for the park server, where Alice waits; who retrieves her takes its place.
    const { invite, bobs } = await answered(stage);
    const header = replacesOf(bobs);
    const retrievals: OutgoingInvite[] = [];
    for (const racer of [stage.bill, stage.carol])
      stage.sometime(() => retrievals.push(racer.call(stage.alice, [header])));
    await stage.clock.play(5_000);
    const words = (await Promise.all(retrievals.map(({ outcome }) => outcome))).map(word);
    const winners = words.filter((each) => each === 'answered').length;
    const losers = words.filter((each) => each === '603' || each === '481').length;
    const left = standing(stage.alice, invite);
    const first = retrievals[0]?.callId === left[0]?.dialog.callId;
    const isRight = winners === 1 && losers === 1 && left.length === 1 && bobs.state === 'ended';
    return { outcome: `the ${first ? 'first' : 'second'} that began`, fault: isRight ? undefined : words.join() };
  },

  'a CANCEL against the 200': async (stage) => {
    const { invite, bobs } = await ringing(stage);
    stage.sometime(() => invite.cancel());
    stage.sometime(() => void stage.bob.calls[0]?.accept());
    await stage.clock.play(40_000);
    const [alices] = standing(stage.alice, invite);
    const isAgreed = (alices !== undefined) === (bobs.state === 'confirmed');
    const outcome = word(await invite.outcome);
    // Who gave up has no call, whatever was on its way; who was answered before has one.
    const isRight = isAgreed && (alices !== undefined) === (outcome === 'answered');
    return { outcome, fault: isRight ? undefined : `${alices?.state ?? 'no call'} and ${bobs.state}` };
  },

  'a replacement against a re-INVITE': async (stage) => {
    const { invite, bobs } = await answered(stage);
    let replacing: OutgoingInvite | undefined;
    let change: Promise<{ readonly kind: string }> | undefined;
    const own = stage.random.fraction() < 0.5;
    stage.sometime(() => (replacing = stage.bill.call(stage.alice, [replacesOf(bobs)])));
    stage.sometime(() => {
      change = own ? invite.sessions[0]?.hold() : bobs.hold();
    });
    await stage.clock.play(5_000);
    const replaced = replacing === undefined ? 'none' : word(await replacing.outcome);
    const changed = (await change)?.kind ?? 'none';
    const left = standing(stage.alice, invite);
    const isBills = left.length === 1 && left[0]?.dialog.callId === replacing?.callId;
    return {
      outcome: `${own ? 'own' : 'far'} re-INVITE ${changed}`,
      fault:
        replaced === 'answered' && isBills && bobs.state === 'ended'
          ? undefined
          : `${replaced}, ${String(left.length)}`,
    };
  },

  'a join against the BYE': async (stage) => {
    const { invite, bobs } = await answered(stage);
    const [alices] = invite.sessions;
    if (alices === undefined) throw new Error('no session');
    let joining: OutgoingInvite | undefined;
    // As Bob sees it, it is Alice whom Carol asks to be let in.
    stage.sometime(() => (joining = stage.carol.call(stage.alice, [joinOf(bobs)])));
    const own = stage.random.fraction() < 0.5;
    stage.sometime(() => void (own ? alices : bobs).hangUp());
    await stage.clock.play(3_000);
    const joined = joining === undefined ? 'none' : word(await joining.outcome);
    const left = standing(stage.alice, invite).length;
    return {
      outcome: `${joined}, hung up by ${own ? 'alice' : 'bob'}`,
      fault:
        (joined === 'answered' && left === 1) || (joined === '603' && left === 0) ? undefined : `${String(left)} left`,
    };
  },

  'a CANCEL of a pickup against its 200': async (stage) => {
    const { invite, bobs } = await ringing(stage);
    let pickup: OutgoingInvite | undefined;
    // The answer takes a while, so that the CANCEL has a chance.
    const wait = 250 * stage.random.fraction();
    stage.sometime(() => (pickup = stage.bill.call(stage.alice, [replacesOf(bobs, { earlyOnly: true })])));
    stage.clock.after(rush + wait, () => pickup?.cancel());
    await stage.clock.play(40_000);
    const picked = pickup === undefined ? 'none' : word(await pickup.outcome);
    const state = invite.state;
    if (picked === 'answered') {
      const left = standing(stage.alice, invite).length;
      return {
        outcome: 'answered',
        fault: state === 'replaced' && left === 1 ? undefined : `${state}, ${String(left)}`,
      };
    }
    // Given up: what Alice has answered nevertheless is hung up; what she has not goes on to ring.
    const left = standing(stage.alice, invite).length;
    const isRight = (state === 'replaced' || state === 'proceeding') && left === 0;
    return { outcome: `${picked}, ${state}`, fault: isRight ? undefined : `${state}, ${String(left)}` };
  },
};

/** Plays one interleaving of a race, and looks whether anything is left of it in the end. */
export async function playRace(name: string, seed: number): Promise<Result> {
  const stage = new Stage(seed);
  for (const { agent } of stage.racers) await agent.start();
  const race = races[name];
  if (race === undefined) throw new Error(`no race ${name}`);
  const { outcome, fault } = await race(stage);
  for (const { agent } of stage.racers) await agent.stop();
  const held = stage.racers.map((racer) => {
    const { sessions, outgoing, incoming } = racer.sessions.stats();
    return sessions + outgoing + incoming;
  });
  const isEmpty = held.every((each) => each === 0) && stage.clock.pending === 0;
  return {
    outcome,
    fault: fault ?? (isEmpty ? undefined : `left: ${held.join()}, ${String(stage.clock.pending)} timers`),
  };
}
