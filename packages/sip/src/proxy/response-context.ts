import type { HeaderInit } from '../message/header.ts';
import { Contact } from '../message/headers/contact.ts';
import { HistoryInfo } from '../message/headers/history-info.ts';
import { Require } from '../message/headers/require.ts';
import type { SipResponse } from '../message/message.ts';
import type { SipUri } from '../message/uri.ts';
import { AnsweredRequest } from './answered-request.ts';
import type { FinalOutcome } from './best-response.ts';
import { Branch, isRinging } from './branch.ts';
import type { BranchOwner } from './branch.ts';
import { nextPlan, outcomeOf } from './call-outcome.ts';
import type {
  Attempt,
  CallPlan,
  FollowingPlan,
  Provisional,
  RejectPlan,
  RingPlan,
  SettledPlan,
  Stage,
  Target,
} from './call-plan.ts';
import type { ProxyEnvironment } from './environment.ts';
import { finalResponse } from './final-response.ts';
import type { ProxyServerTransaction } from './layers.ts';
import { changedVias, passedOn } from './passed-on.ts';
import { ownContact } from './record-route.ts';
import { contactsOf, isRecursible, recurse } from './redirection.ts';
import type { RequestContext } from './request-context.ts';
import { StageTimer } from './stage-timer.ts';
import { newTargets } from './target-set.ts';

/** For whom a response context works. */
export interface ResponseContextOwner {
  /** Takes a plan that the response context does not execute itself: every kind but `ring`. */
  settle(plan: SettledPlan, request: RequestContext, transaction: ProxyServerTransaction): void;
  /** Somebody took the call. */
  answered(request: RequestContext, owner: string): void;
  /** Nothing is pending any more. A further 2xx to an INVITE may still come by. */
  ended(transaction: ProxyServerTransaction): void;
}

/** RFC 3326, for the branches that lose. */
function reasonHeader(cause: number, text: string): readonly HeaderInit[] {
  return [['Reason', `SIP;cause=${String(cause)};text="${text}"`]];
}
const completedElsewhere = reasonHeader(200, 'Call completed elsewhere');
const none: readonly never[] = [];
/** For a final response that cannot go on. */
const badGateway = 502;
const noPlan: RingPlan = { kind: 'ring', stages: [] };

/** All branches of one request, and the one final response that is made of them (RFC 3261 16.7). */
export class ResponseContext implements BranchOwner {
  readonly #environment: ProxyEnvironment;
  readonly #request: RequestContext;
  readonly #transaction: ProxyServerTransaction;
  readonly #owner: ResponseContextOwner;
  #plan = noPlan;
  #stages: readonly Stage[] = none;
  /** Branches of the present stage that are still waited for. */
  #stage: readonly Branch[] = none;
  #stageTimer: StageTimer | undefined = undefined;
  /** Makes the plan to which the callee has redirected the call. */
  #redirection: FollowingPlan | undefined = undefined;
  /** The plan that follows the present one, once it was made. */
  #next: CallPlan | undefined = undefined;
  /** The To tag of what this proxy says for itself meanwhile. */
  #ownTag = '';
  /** Branches without a final response, of whatever stage. */
  #pending: readonly Branch[] = none;
  /** Branches of the present plan, but for those whose redirection was followed. */
  #attempts: readonly Branch[] = none;
  /** Branches with a 2xx. */
  #answered: readonly Branch[] = none;
  /** What the final response is chosen from. */
  #candidates: readonly FinalOutcome[] = none;
  #tried: readonly Target[] = none;
  /** The Via values of the request, once somebody has answered with others. */
  #vias: readonly string[] | undefined = undefined;
  /** No new branches: the call was answered, declined for all, or given up. */
  #closed = false;
  #cancelled = false;
  #finalStatus = 0;
  #starting = false;
  #over = false;

  constructor(
    environment: ProxyEnvironment,
    request: RequestContext,
    transaction: ProxyServerTransaction,
    owner: ResponseContextOwner,
  ) {
    this.#environment = environment;
    this.#request = request;
    this.#transaction = transaction;
    this.#owner = owner;
  }

  run(plan: RingPlan): void {
    this.#plan = plan;
    this.#stages = plan.stages;
    this.#attempts = none;
    this.#redirection = undefined;
    this.#next = undefined;
    if (plan.provisional !== undefined) this.#inform(plan.provisional);
    this.#advance();
  }

  /** The caller gave up (RFC 3261 16.10). `headers` go into the CANCELs: the caller's Reason. */
  cancel(headers: readonly HeaderInit[]): void {
    if (this.#finalStatus !== 0) return;
    this.#cancelled = true;
    this.#close(headers);
    this.#advance();
  }

  provisional(branch: Branch, response: SipResponse): void {
    if (isRinging(response) && this.#stage.includes(branch)) this.#stageTimer?.rings();
    if (this.#finalStatus === 0) this.#forward(this.#passedOn(response, branch));
  }

  gaveUp(branch: Branch): void {
    this.#stage = without(this.#stage, branch);
    this.#advance();
  }

  before(branch: Branch): readonly Attempt[] {
    return this.#attempts.filter((each) => each !== branch && isHeardOf(each)).map((each) => attemptOf(each));
  }

  success(branch: Branch, response: SipResponse): void {
    const isFirst = this.#pending.includes(branch);
    this.#settle(branch);
    const message = this.#passedOn(response, branch);
    // A response without another Via than this proxy's was never meant to go on (RFC 3261 16.7 step 3).
    if (message === undefined) {
      if (isFirst) this.#considers({ status: badGateway, answer: undefined });
      this.#advance();
      return;
    }
    this.#answered = joined(this.#answered, [branch]);
    if (this.#finalStatus === 0) {
      this.#finalStatus = response.status;
      const { owner } = branch.target;
      // Told first: with its final response a request lets go of all that was read of it.
      if (owner !== undefined && this.#request.isInvite) this.#owner.answered(this.#request, owner);
      this.#forward(message);
      this.#close(completedElsewhere);
    } else if (this.#request.isInvite) {
      // Every 2xx to an INVITE goes up, also after the first one (16.7 step 5).
      this.#forward(message);
    }
    this.#finishWhenIdle();
  }

  failure(branch: Branch): void {
    this.#settle(branch);
    if (branch.answer !== undefined && !branch.answer.hasFurtherVia)
      this.#considers({ status: badGateway, answer: undefined });
    else if (!this.#redirected(branch) && !this.#recursed(branch)) this.#considers(branch);
    if (branch.status >= 600 && !this.#closed) this.#close(reasonHeader(branch.status, 'Declined elsewhere'));
    else if (branch.status === 486 && this.#plan.busyEnds === true && this.#attempts.includes(branch)) {
      this.#endStages(branch, 'Busy elsewhere');
    }
    this.#advance();
  }

  #settle(branch: Branch): void {
    this.#pending = without(this.#pending, branch);
    this.#stage = without(this.#stage, branch);
  }

  #considers(outcome: FinalOutcome): void {
    this.#candidates = joined(this.#candidates, [outcome]);
  }

  /** Ends what still rings and lets nothing new begin. */
  #close(headers: readonly HeaderInit[]): void {
    this.#closed = true;
    this.#stages = none;
    this.#stage = none;
    this.#stageTimer?.stop();
    const starting = this.#starting;
    this.#starting = true;
    for (const branch of this.#pending) branch.cancel(headers);
    this.#starting = starting;
  }

  /** One branch has decided for the whole plan: the others are cancelled, and no longer waited for. */
  #endStages(decisive: Branch, reason: string): void {
    const others = this.#attempts.filter((branch) => branch !== decisive && !branch.isOver);
    this.#stages = none;
    this.#stage = none;
    this.#attempts = [decisive];
    const starting = this.#starting;
    this.#starting = true;
    for (const branch of others) branch.cancel(reasonHeader(decisive.status, reason));
    this.#starting = starting;
  }

  /** Goes on as far as it goes: the next stage, the plan that follows, or the final response. */
  #advance(): void {
    if (this.#starting) return;
    this.#starting = true;
    while (this.#stage.length === 0 && this.#nextStage());
    this.#starting = false;
    if (this.#stage.length > 0 || this.#stages.length > 0) return;
    this.#stageTimer?.stop();
    if (this.#closed || !this.#follow()) this.#finishWhenIdle();
  }

  /** Starts the next stage; false when there is none, or none yet for want of breadth. */
  #nextStage(): boolean {
    const [stage] = this.#stages;
    if (stage === undefined) return false;
    this.#stageTimer?.stop();
    const room = this.#environment.settings.maximumTargets - this.#tried.length;
    const targets = newTargets(stage.targets, this.#tried, room);
    const available = this.#availableBreadth();
    if (targets.length > this.#request.breadth) this.#considers({ status: 440, answer: undefined });
    // Branches that were cancelled count until their final response is there (RFC 5393 5.3.3).
    else if (targets.length > available) return false;
    else this.#start(targets, this.#mayOverlap(stage) ? Math.max(targets.length, available >> 1) : available);
    this.#stages = this.#stages.slice(1);
    if (this.#request.isInvite && this.#stage.length > 0) {
      if (stage.ringWithin !== undefined || stage.ringTime !== undefined) this.#beginToWait(stage);
    }
    return true;
  }

  /**
   * Whether something may begin while this stage is still being cancelled. Half of the breadth is kept for it, so that
   * a phone that does not even answer the CANCEL cannot hold the next one up.
   */
  #mayOverlap(stage: Stage): boolean {
    const isTimed = stage.ringTime !== undefined || stage.targets.some(({ ringTime }) => ringTime !== undefined);
    return isTimed && (this.#stages.length > 1 || this.#plan.onNoAnswer !== undefined);
  }

  #availableBreadth(): number {
    return this.#pending.reduce((breadth, branch) => breadth - branch.breadth, this.#request.breadth);
  }

  #start(targets: readonly Target[], breadth: number): void {
    const share = Math.floor(breadth / Math.max(targets.length, 1));
    let rest = breadth - share * targets.length;
    const branches = targets.map((target) => {
      const extra = rest > 0 ? 1 : 0;
      rest -= extra;
      return new Branch(this.#environment, this.#request, this.#plan, target, share + extra, this);
    });
    this.#tried = joined(this.#tried, targets);
    this.#pending = joined(this.#pending, branches);
    this.#attempts = joined(this.#attempts, branches);
    this.#stage = joined(this.#stage, branches);
    // One that ends at once may have closed the context, and so cancelled those behind it.
    for (const branch of branches) if (!branch.isOver) branch.start();
  }

  #stageTimedOut(): void {
    const branches = this.#stage;
    this.#stage = none;
    this.#starting = true;
    for (const branch of branches) branch.giveUp();
    this.#starting = false;
    this.#advance();
  }

  #beginToWait(stage: Stage): void {
    this.#stageTimer ??= new StageTimer(this.#environment.context.clock, () => this.#stageTimedOut());
    this.#stageTimer.begin(stage);
  }

  /** Asks the plan what a redirection leads to; false when it has nothing to say of it. */
  #redirected(branch: Branch): boolean {
    const { answer, status, target } = branch;
    const { onRedirect } = this.#plan;
    if (onRedirect === undefined || answer === undefined || !isRecursible(status)) return false;
    const counts = this.#attempts.includes(branch) && !branch.timedOut && !this.#closed;
    const next = counts ? this.#asked(() => onRedirect(target, contactsOf(answer))) : undefined;
    if (next === undefined) {
      if (counts) this.#attempts = without(this.#attempts, branch);
    } else {
      this.#redirection = typeof next === 'function' ? next : () => next;
      this.#endStages(branch, 'Redirected elsewhere');
    }
    return true;
  }

  /** Tries what a redirection names (RFC 3261 16.7 step 4); false when there is nothing to try. */
  #recursed(branch: Branch): boolean {
    const response = branch.answer;
    if (this.#plan.recurse !== true || this.#closed || branch.timedOut) return false;
    if (response === undefined || !isRecursible(branch.status)) return false;
    const room = this.#environment.settings.maximumTargets - this.#tried.length;
    const isTried = (uri: SipUri): boolean => this.#tried.some((target) => target.uri.equals(uri));
    const { groups, rest } = recurse(response, this.#request.scheme, isTried, room);
    const [first] = groups;
    if (first === undefined) return false;
    this.#attempts = without(this.#attempts, branch);
    if (rest !== undefined) this.#considers({ status: branch.status, answer: rest });
    const available = this.#availableBreadth();
    const begun = first.length <= available ? 1 : 0;
    this.#stages = joined(
      groups.slice(begun).map((targets) => ({ targets })),
      this.#stages,
    );
    if (begun === 1) this.#start(first, available);
    return true;
  }

  /** Goes over to the plan that the outcome of this one leads to. */
  #follow(): boolean {
    if (this.#finalStatus !== 0) return false;
    this.#next ??= this.#makeNext();
    const next = this.#next;
    if (next === undefined) return false;
    if (next.kind === 'ring') {
      this.run(next);
      return true;
    }
    // An answer that crosses the CANCEL still wins, so the last word waits for all.
    if (this.#pending.length > 0) return true;
    this.#finalStatus = next.kind === 'reject' || next.kind === 'respond' ? next.status : 302;
    this.#owner.settle(next, this.#request, this.#transaction);
    this.#finishWhenIdle();
    return true;
  }

  #makeNext(): CallPlan | undefined {
    const following = this.#redirection ?? nextPlan(this.#plan, outcomeOf(this.#attempts));
    return following && this.#asked(() => following(this.#attempts.map((each) => attemptOf(each))));
  }

  /** Asks the policy something; when it fails, that ends the call. */
  #asked<Answer>(ask: () => Answer): Answer | RejectPlan {
    try {
      return ask();
    } catch (error) {
      this.#environment.context.log.error('the policy failed', { error: String(error) });
      return { kind: 'reject', status: 500 };
    }
  }

  /** Says something for the proxy itself. Who wants provisional responses reliable (RFC 3262) gets those of phones alone. */
  #inform({ status, reason, headers = none }: Provisional): void {
    const { request, isInvite } = this.#request;
    if (!isInvite || this.#finalStatus !== 0 || request.rawAll(Require).includes('100rel')) return;
    if (this.#ownTag === '') this.#ownTag = this.#environment.context.random.token();
    const options = {
      reason,
      headers: [[Contact.name, ownContact(this.#request)] as const, ...headers],
      toTag: this.#ownTag,
      recordRoute: true,
    };
    this.#transaction.respond(this.#transaction.request.createResponse(status, options));
  }

  /** Sends the final response once nothing can add to it, and ends with the last branch. */
  #finishWhenIdle(): void {
    if (this.#over || this.#pending.length > 0 || this.#stages.length > 0) return;
    this.#over = true;
    if (this.#finalStatus === 0) this.#respondBest();
    this.#owner.ended(this.#transaction);
    this.#release();
  }

  /** Further 2xx come by without the context, whose part is over. Only a branch that never ended keeps it. */
  #release(): void {
    if (this.#answered.length > 0) {
      const rest = new AnsweredRequest(this.#transaction, this.#removedFromResponses, this.#vias);
      for (const branch of this.#answered) branch.handTo(rest);
    }
    this.#transaction.release();
    this.#answered = none;
    this.#plan = noPlan;
    this.#redirection = undefined;
    this.#attempts = none;
    this.#stages = none;
    this.#candidates = none;
    this.#tried = none;
  }

  #respondBest(): void {
    const final = finalResponse(this.#candidates, this.#request, this.#cancelled);
    if (final === undefined) return;
    this.#finalStatus = final.status;
    if (final.kind === 'chosen') {
      const { answer, challenges } = final;
      // One of an earlier plan is on the way to those of this one, which tell of it.
      const branch = this.#attempts.find((each) => each.answer === answer) ?? this.#attempts.at(-1);
      this.#forward(this.#passedOn(answer, branch, challenges));
    } else this.#owner.settle(final, this.#request, this.#transaction);
  }

  #passedOn(
    response: SipResponse,
    branch: Branch | undefined,
    challenges: readonly HeaderInit[] = none,
  ): SipResponse | undefined {
    const removeHeaders = this.#removedFromResponses;
    const history = this.#plan.history === 'told' ? this.#historyFor(response, branch) : none;
    const headers = history.length === 0 ? challenges : [...history, ...challenges];
    const { furtherVia } = response;
    this.#vias ??= changedVias(response, furtherVia, this.#transaction.request);
    return passedOn(response, furtherVia, this.#transaction.flow, { removeHeaders, headers, vias: this.#vias });
  }

  get #removedFromResponses(): readonly string[] | undefined {
    const { removeHeaders = none, history } = this.#plan;
    return history === 'withheld' ? [...removeHeaders, HistoryInfo.name] : removeHeaders;
  }

  /** The way of the call as it is known now (RFC 7044 9.4). Who tells of it himself tells all that he was told. */
  #historyFor(response: SipResponse, branch: Branch | undefined): readonly HeaderInit[] {
    if (branch === undefined || response.has(HistoryInfo)) return none;
    const tried = this.#attempts.filter((each) => each === branch || isHeardOf(each)).map((each) => attemptOf(each));
    const before = this.#request.request.rawAll(HistoryInfo).map((value): HeaderInit => [HistoryInfo.name, value]);
    const own = branch.trailing(tried) ?? none;
    return [...before, ...own.filter(([header]) => header === HistoryInfo.name)];
  }

  /** Passes a response on, if there is one that can be. */
  #forward(message: SipResponse | undefined): void {
    if (message === undefined) return;
    if (this.#finalStatus >= 300 && message.status < 300) {
      // The transaction is past its final response; what answered all the same must be heard (16.7 step 9).
      this.#environment.transports.sendResponse(message, this.#transaction.flow);
    } else {
      this.#transaction.respond(message);
    }
  }
}

function attemptOf({ target, timedOut, isOver, status }: Branch): Attempt {
  return { target, status: timedOut ? 408 : isOver ? status : undefined };
}

/** Whether anything came of a branch yet. */
function isHeardOf({ rang, timedOut, isOver }: Branch): boolean {
  return rang || timedOut || isOver;
}

/** Lists are never changed but replaced, so that the many contexts with nothing in them share the one empty list. */
function without(branches: readonly Branch[], branch: Branch): readonly Branch[] {
  if (!branches.includes(branch)) return branches;
  return branches.length === 1 ? none : branches.filter((each) => each !== branch);
}

function joined<Item>(items: readonly Item[], more: readonly Item[]): readonly Item[] {
  return items.length === 0 ? more : [...items, ...more];
}
