import { Diversion, HistoryInfo, NameAddr, Privacy, SipUri, SyntaxFault } from '@switchhook/sip';
import type { CallPlan, FollowingPlan, HeaderInit, RejectPlan, SipRequest, Target, Uri } from '@switchhook/sip';

/** What a privacy service would do that this exchange is none of (RFC 3323 5.1 to 5.3): hide the way, the session, the user. */
const notProvided: ReadonlySet<string> = new Set(['header', 'session', 'user']);

/** What a caller wants hidden; nothing where he says nothing, and `id` is seen to elsewhere. */
export interface Wanted {
  /** Where the call has been is not for other domains (RFC 7044 10.1). */
  readonly history: boolean;
  /** What is left of the Privacy header field when that is done. */
  readonly others: readonly string[];
}

/** What a request wants hidden, or the refusal of what it cannot do without and does not get (RFC 3323 4.2, critical). */
export function privacyOf(request: SipRequest): Wanted | RejectPlan | undefined {
  const privacy = request.has(Privacy) ? request.get(Privacy) : undefined;
  if (privacy === undefined || privacy instanceof SyntaxFault) {
    return hasHidden(request) ? { history: false, others: [] } : undefined;
  }
  if (request.toTag === undefined && privacy.includes('critical') && privacy.some((value) => notProvided.has(value))) {
    return { kind: 'reject', status: 500, reason: 'Privacy Not Provided' };
  }
  const history = privacy.includes('history') || privacy.includes('header');
  const rest = privacy.filter((value) => value !== 'history');
  // Of a wish that is fulfilled nothing is left, however much it mattered (RFC 3323 5).
  const others = rest.some((value) => value !== 'critical') ? rest : [];
  return history || hasHidden(request) ? { history, others } : undefined;
}

function hasHidden(request: SipRequest): boolean {
  return request.has('History-Info') && request.rawAll('History-Info').some(hidesItself);
}

/** An entry that says of itself that it is not for others. */
function hidesItself(value: string): boolean {
  return /[?&]privacy=[^>&]*history/i.test(value);
}

/**
 * A plan whose requests tell other domains, gateways among them, nothing of the way that a call has taken here. Phones of ours
 * are told as ever.
 */
export function hidingHistory(
  plan: CallPlan,
  request: SipRequest,
  wanted: Wanted,
  isOurs: (uri: Uri) => boolean,
): CallPlan {
  if (plan.kind !== 'ring') return plan;
  const hide = (target: Target): Target => {
    // Phones have an owner, servers of ours are within the process.
    const leaves = target.owner === undefined && target.destination === undefined;
    const own = namedBy(target.headers, 'Diversion');
    const trailing = (headers: readonly HeaderInit[] | undefined): readonly HeaderInit[] => {
      const added = namedBy(headers, 'History-Info');
      const history = [
        ...request.rawAll('History-Info').map((value) => (leaves ? hidden(value, wanted, isOurs) : value)),
        ...added.map((value) => (leaves ? hidden(value, wanted, (uri) => !uri.equals(target.uri)) : value)),
      ];
      return [...without(headers, 'History-Info'), ...history.map((value): HeaderInit => ['History-Info', value])];
    };
    const { trailingHeaders } = target;
    const diversions = [...own, ...request.rawAll('Diversion')];
    const others = leaves ? wanted.others : (read(request) ?? []);
    return {
      ...target,
      headers: [
        ...without(target.headers, 'Diversion'),
        ...(others.length === 0 ? [] : [[Privacy.name, others.join(';')] as const]),
        ...diversions.map((value): HeaderInit => [
          'Diversion',
          leaves && wanted.history ? withoutName(value, isOurs) : value,
        ]),
      ],
      trailingHeaders:
        typeof trailingHeaders === 'function'
          ? (before) => trailing(trailingHeaders(before))
          : trailing(trailingHeaders),
      ...(target.alternatives && { alternatives: target.alternatives.map(hide) }),
    };
  };
  const next = (following: FollowingPlan | undefined): FollowingPlan | undefined =>
    following && ((tried) => hidingHistory(following(tried), request, wanted, isOurs));
  const { onRedirect } = plan;
  return {
    ...plan,
    removeHeaders: [...(plan.removeHeaders ?? []), 'History-Info', 'Diversion', 'Privacy'],
    stages: plan.stages.map((stage) => ({ ...stage, targets: stage.targets.map(hide) })),
    onBusy: next(plan.onBusy),
    onNoAnswer: next(plan.onNoAnswer),
    onUnavailable: next(plan.onUnavailable),
    onRedirect: onRedirect && ((target, contacts) => next(onRedirect(target, contacts))),
  };
}

const nobody = SipUri.of({ scheme: 'sip', user: 'anonymous', host: 'anonymous.invalid' });

/** An entry without its address, where that is ours to hide (RFC 7044 10.1.2); what it says of privacy goes in any case. */
function hidden(value: string, { history }: Wanted, isOurs: (uri: Uri) => boolean): string {
  const entry = HistoryInfo.parse(value);
  if (entry instanceof SyntaxFault || !isOurs(entry.address.uri)) return value;
  const { uri } = entry.address;
  if (!(uri instanceof SipUri)) {
    return history ? HistoryInfo.print({ ...entry, address: entry.address.with({ uri: nobody }) }) : value;
  }
  const headers = [...uri.headers].filter(([name]) => name.toLowerCase() !== 'privacy');
  const shown = history || hidesItself(value) ? nobody : uri;
  const address = NameAddr.of({ uri: shown.with({ headers }), parameters: entry.address.parameters });
  return HistoryInfo.print({ ...entry, address });
}

function withoutName(value: string, isOurs: (uri: Uri) => boolean): string {
  const diversion = Diversion.parse(value);
  if (diversion instanceof SyntaxFault || !isOurs(diversion.address.uri)) return value;
  return Diversion.print({ ...diversion, address: NameAddr.of({ uri: nobody }), privacy: 'full' });
}

function read(request: SipRequest): readonly string[] | undefined {
  const privacy = request.get(Privacy);
  return privacy instanceof SyntaxFault ? undefined : privacy;
}

function namedBy(headers: readonly HeaderInit[] | undefined, name: string): string[] {
  return (headers ?? []).filter(([header]) => header === name).map(([, value]) => String(value));
}

function without(headers: readonly HeaderInit[] | undefined, name: string): HeaderInit[] {
  return (headers ?? []).filter(([header]) => header !== name);
}
