import type { VirtualClock, SimulatedNetwork, TraceEntry } from '@switchhook/sim';
import type { InviteSession } from '@switchhook/sip';
import type { Recorder } from '../conversation/recorder.ts';
import type { FlowParty, FlowPhone, FlowScript, Stage } from '../flow/flow-script.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { Cast } from '../stage/cast.ts';
import type { Person } from '../stage/person.ts';
import { held, misplaced } from '../stage/played.ts';
import { coarseFrameTime } from './coarse-sound.ts';
import type { Crash } from './crash.ts';
import { SimulatedTown } from './simulated-town.ts';
import type { SimulationOptions } from './simulation-options.ts';
import { TracedPlay } from './traced-play.ts';
import type { SimulatedPlay } from './traced-play.ts';

/** Milliseconds that people listen at most. */
const longestListening = 5_000;
/** Milliseconds for which may be heard what was before. */
const fading = 200;
/** Minutes after which a play that has not ended is given up. */
const longest = 5 * 60_000;
/** Milliseconds in which all timers of SIP have run out (RFC 3261 17.1.1.2: 64 T1), and then some. */
const afterwards = 70_000;
/** Milliseconds after which everybody is registered again where nothing is lost. */
const noticing = 110_000;
/** Milliseconds that pass after a restart, and again after all seem to have noticed, before they are believed. */
const restarting = 5_000;
/** Milliseconds after which the session timer has ended a call on hold (RFC 4028: half an hour), and then some. */
const sessionInterval = 31 * 60_000;
/** Milliseconds after which a phone keeps nothing any more for somebody who has vanished: a subscription has ended (RFC 6665 4.2.2). */
const longestSubscription = 3_600_000 + 60_000;
/** Milliseconds after which an exchange does not: a server's call has ended by its session timer, and no call is listed any more. */
const longestListed = 12 * 3_600_000 + 60_000;
/** Milliseconds in which silence is noticed: ten seconds of it, a question that nobody answers for 32, and then some. */
const longestSilence = 60_000;
/** Milliseconds between two looks at what everybody holds. */
const lookEvery = 1_000;
/** Milliseconds that a datagram is under way at most. */
const underWay = 200;

/**
 * Real phones and the real exchange on a network that is made up and on a clock that runs as fast as it can: minutes of a
 * call take a moment, and every run can be repeated from its seed.
 */
export class SimulatedStage implements Stage {
  readonly #flow: FlowDescription;
  readonly #options: SimulationOptions;
  readonly #town: SimulatedTown;

  constructor(flow: FlowDescription, options: SimulationOptions = {}) {
    this.#flow = flow;
    this.#options = options;
    this.#town = new SimulatedTown(Cast.of(flow, options.others), options);
  }

  get clock(): VirtualClock {
    return this.#town.clock;
  }

  get network(): SimulatedNetwork {
    return this.#town.network;
  }

  get recorder(): Recorder {
    return this.#town.recorder;
  }

  /** Who sent RTCP to whom: no flow says anything about it. */
  get control(): SimulatedTown['control'] {
    return this.#town.control;
  }

  phone(element: string): FlowPhone {
    return this.person(element);
  }

  party(name: string): FlowParty {
    return { element: name, addressOfRecord: this.#town.addressOfRecord(name) };
  }

  person(element: string): Person {
    return this.#town.persons.get(element) ?? nobody(element);
  }

  /** A network that loses much needs longer until everybody has heard the others: they listen on for a while. */
  async listen(): Promise<void> {
    const { listenTime = 1_500 } = this.#options;
    const begin = this.clock.now();
    do await new Promise<void>((resolve) => void this.clock.after(listenTime, resolve));
    while (this.#town.isHeard && this.clock.now() - begin < longestListening && this.#isMissed(begin + fading));
  }

  /** Whether somebody has not heard since whom he should hear. */
  #isMissed(since: number): boolean {
    const now = this.clock.now();
    const isDeaf = (at: string): boolean =>
      this.recorder.isSent(at, now - coarseFrameTime) && !this.recorder.hears(at, undefined, since);
    return [...this.#town.persons.keys()].some(isDeaf) || this.#isMixMissed(since);
  }

  /** Whether the three of a conference, all in calls, have not all heard each other since. */
  #isMixMissed(since: number): boolean {
    const hears = this.#flow.media[this.#flow.messages.at(-1)?.f ?? '']?.mix?.hears;
    const ends = Object.entries(hears ?? {});
    const isComplete = ends.every(([at]) => this.person(at).phone.calls.some(({ state }) => state === 'connected'));
    return isComplete && ends.some(([at, sources]) => sources.some((each) => !this.recorder.hears(at, each, since)));
  }

  /**
   * Plays the flow from the registrations to the end of the last timer, and stops everything. Where the ladder ends with a
   * call that stands, the recording does, too, and people hang up.
   */
  async play(script: Pick<FlowScript, 'play'>): Promise<SimulatedPlay> {
    return (await this.perform(script)).read();
  }

  /** As {@link play}, and what was said is not read before somebody asks for it. */
  async perform(script: Pick<FlowScript, 'play'>): Promise<TracedPlay> {
    for (const exchange of this.#town.exchanges.values()) await exchange.start();
    let phones = [...this.#town.persons.values()].map(({ phone }) => phone);
    const subscribers = this.#town.cast.subscribers.map(({ element }) => this.person(element).phone);
    const error = await this.#run(async () => {
      for (const phone of phones) await phone.start();
      await Promise.all(subscribers.map((phone) => phone.register()));
      await Promise.race([script.play(this), this.#crashed()]);
    });
    const end = this.clock.now();
    const { standing } = this.#town.cast;
    const { crash } = this.#options;
    const misplaced =
      crash !== undefined
        ? await this.#aftermath(crash)
        : error !== undefined || standing.length === 0
          ? []
          : this.#misplaced();
    if (standing.length === 0 && crash === undefined) await this.clock.play(afterwards, settled);
    const silence = this.clock.now();
    phones = [...this.#town.persons.values()].map(({ phone }) => phone);
    // Registrations are refreshed as long as there are any; without them nothing goes on any more.
    this.#town.heal();
    if (error !== undefined || standing.length > 0 || crash !== undefined)
      await this.#run(() => Promise.all(phones.flatMap(({ calls }) => calls.map((call) => call.hangUp()))));
    await this.#run(() => Promise.all(phones.map((phone) => phone.unregister())));
    await this.clock.play(afterwards, settled);
    const quiet = this.clock.now();
    if (crash !== undefined) await this.#forget(() => this.#heldByPhones(), longestSubscription);
    const leftOvers = [...misplaced, ...this.#heldByPhones()];
    await this.#run(() => Promise.all(phones.map((phone) => phone.stop())));
    for (const person of this.#town.persons.values()) person.leave();
    for (const picture of this.#town.pictures.values()) picture.stop();
    if (crash !== undefined) await this.#forget(() => this.#heldByExchanges(), longestListed);
    leftOvers.push(...this.#heldByExchanges());
    for (const exchange of this.#town.exchanges.values()) await exchange.stop();
    // What is on its way arrives nowhere.
    await this.clock.play(underWay, settled);
    leftOvers.push(...this.#stopped());
    const isShown = ({ from, to }: TraceEntry): boolean =>
      this.#town.cast.isShown(from.host) && this.#town.cast.isShown(to.host);
    return new TracedPlay(this.recorder, this.network, { isShown, end, silence, quiet }, { error, leftOvers });
  }

  /** Has somebody crash, if that is to be; resolves when it is a phone, for then its person cannot go on. Never without it. */
  #crashed(): Promise<void> {
    const { crash } = this.#options;
    return new Promise((resolve) => {
      if (crash === undefined) return;
      const { element, at, downFor } = crash;
      this.clock.after(at, () => {
        this.#town.crash(element);
        if (this.#town.persons.has(element)) resolve();
      });
      this.clock.after(at + downFor, () => void this.#town.restart(element));
    });
  }

  /** Waits until everybody must have noticed; answers with what is not as it should be. */
  async #aftermath({ at, downFor }: Crash): Promise<readonly string[]> {
    await this.clock.play(Math.max(0, at + downFor - this.clock.now()) + restarting, settled);
    await this.#playUntil(() => this.#isQuiet(), noticing);
    // A network that loses much may let nobody register for longer.
    const isLossy = (this.#options.link?.loss ?? 0) > 0;
    const unregistered = isLossy ? [] : this.#unregistered();
    const overlooked = await this.#overlooked();
    // Where nothing has to be heard, the session timer notices.
    const latest = this.clock.now() + sessionInterval;
    do {
      await this.#playUntil(() => this.#isQuiet(), latest - this.clock.now());
      await this.clock.play(restarting, settled);
    } while (!this.#isQuiet() && this.clock.now() < latest);
    return [...new Set([...overlooked, ...this.#widowed(), ...unregistered, ...this.#unregistered()])];
  }

  /** Calls in which somebody should be heard who is gone, and nobody asks why he is not. */
  async #overlooked(): Promise<readonly string[]> {
    const unheard = (): readonly Side[] => this.#alone().filter(({ session }) => session.stands && isHearing(session));
    const before = new Set(unheard().map(({ session }) => session));
    if (before.size > 0) await this.#playUntil(() => this.#isQuiet(), longestSilence);
    return unheard()
      .filter(({ session }) => before.has(session))
      .map(({ element, remote }) => `${element} has heard nothing of ${remote} for a minute, and still has the call`);
  }

  /** Whether all have noticed, and nobody waits for anything. */
  #isQuiet(): boolean {
    const isWaiting = [...this.#town.persons.values()].some(({ phone }) => phone.stats().requests > 0);
    return !isWaiting && this.#unregistered().length === 0 && this.#widowed().length === 0;
  }

  #unregistered(): string[] {
    return this.#town.cast.subscribers
      .filter(({ element }) => this.person(element).phone.registration.kind !== 'registered')
      .map(({ element }) => `${element} is not registered again`);
  }

  #widowed(): string[] {
    return this.#alone().map(({ element, remote }) => `${element} still has a call with ${remote}, who has none`);
  }

  /** Sides of calls of which the far end knows nothing. */
  #alone(): readonly Side[] {
    const sides = [...this.#town.persons].flatMap(([element, { phone }]) =>
      phone.calls.flatMap(({ session, remote }): readonly Side[] =>
        session === undefined ? [] : [{ element, session, remote: remote.uri }],
      ),
    );
    const alone = sides.filter(({ element, session: { dialog } }) => {
      const { callId, localTag, remoteTag } = dialog;
      return !sides.some(
        (each) =>
          each.element !== element &&
          each.session.dialog.callId === callId &&
          each.session.dialog.localTag === remoteTag &&
          each.session.dialog.remoteTag === localTag,
      );
    });
    // What a server plays to, nobody here can tell.
    const isServed = [...this.#town.exchanges.values()].some((exchange) => exchange.stats().servers > 0);
    return alone.length === 0 || isServed ? [] : alone;
  }

  /** Lets time pass until it is done; answers with why it was not. */
  async #run(what: () => Promise<unknown>): Promise<Error | undefined> {
    let outcome: { readonly error: Error | undefined } | undefined;
    void what().then(
      () => (outcome = { error: undefined }),
      (error: unknown) => (outcome = { error: error instanceof Error ? error : new Error(String(error)) }),
    );
    await this.clock.playUntil(() => outcome !== undefined, longest, settled);
    return outcome === undefined ? new Error(`not done after ${longest / 60_000} minutes`) : outcome.error;
  }

  /** Lets time pass until something holds, which is looked at now and then: it takes longer than most that happens. */
  async #playUntil(condition: () => boolean, limit: number): Promise<void> {
    let next = this.clock.now();
    const looked = (): boolean => {
      if (this.clock.now() < next) return false;
      next = this.clock.now() + lookEvery;
      return condition();
    };
    await this.clock.playUntil(looked, limit, settled);
  }

  #misplaced(): readonly string[] {
    const calls = [...this.#town.persons].map(([element, { phone }]) => [element, phone.calls.length] as const);
    return misplaced(this.#town.cast.standing, new Map(calls));
  }

  /** Lets time pass until nothing is held any more, and stays so until all timers of SIP have run out; or for as long as may be. */
  async #forget(held: () => readonly string[], longest: number): Promise<void> {
    const latest = this.clock.now() + longest;
    while (held().length > 0 && this.clock.now() < latest) {
      await this.#playUntil(() => held().length === 0, latest - this.clock.now());
      await this.clock.play(afterwards, settled);
    }
  }

  /** What phones have left when nothing goes on, before anybody is stopped. */
  #heldByPhones(): string[] {
    const phones = [...this.#town.persons].flatMap(([element, { phone }]) => {
      const { calls, sessions, dialogs, requests, transactions, streams, devices } = phone.stats();
      return held(element, { calls, sessions, dialogs, requests, transactions, streams, devices });
    });
    const pictures = [...this.#town.pictures].flatMap(([element, { streams }]) => held(element, { pictures: streams }));
    return [...phones, ...pictures];
  }

  /** What exchanges have left then. */
  #heldByExchanges(): string[] {
    return [...this.#town.exchanges].flatMap(([element, exchange]) => {
      const { requests, transactions, calls, servers } = exchange.stats();
      return held(element, { requests, transactions, calls, servers });
    });
  }

  #stopped(): string[] {
    const phones = [...this.#town.persons].flatMap(([element, { phone }]) => {
      return held(element, { ...phone.stats() });
    });
    return [
      ...phones,
      ...[...this.#town.exchanges].flatMap(([element, exchange]) => held(element, { ...exchange.stats() })),
      ...held('the clock', { actions: this.clock.pending }),
    ];
  }
}

/** One side of a call. */
interface Side {
  readonly element: string;
  readonly session: InviteSession;
  readonly remote: string;
}

/** Whether the far end sends, by what was agreed. */
function isHearing({ direction }: InviteSession): boolean {
  return direction === 'sendrecv';
}

const resolved = Promise.resolve();

/** Calls back once all promises have settled that can: for them, what is put off to the next tick comes behind them. */
function settled(then: () => void): void {
  void resolved.then(() => process.nextTick(then));
}

function nobody(element: string): never {
  throw new RangeError(`nobody plays ${element}`);
}
