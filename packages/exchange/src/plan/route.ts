import { Event, NameAddr, registrationEvent, SipUri, SyntaxFault } from '@switchhook/sip';
import type {
  Binding,
  CallPlan,
  Destination as SocketDestination,
  RejectPlan,
  SipRequest,
  Stage,
  Target,
  Uri,
} from '@switchhook/sip';
import type { Group } from '../config/configuration.ts';
import type { AnnouncementName } from '../servers/announcement-names.ts';
import type { Destination } from '../settings/destination.ts';
import type { Account } from '../subscribers/account.ts';
import { callOf } from './call.ts';
import type { Call, Leg, Question } from './call.ts';
import type { OurAddress } from './domains.ts';
import { addressAt, numberOf } from './gateways.ts';
import type { Gateway } from './gateways.ts';
import { groupCall } from './group-call.ts';
import type { Members } from './group-call.ts';
import { received } from './history.ts';
import { screenOutgoing, screenReferral } from './outgoing.ts';
import type { OutgoingWorld } from './outgoing.ts';
import { instanceOnTheWay, instanceStages, targetsOf } from './phones.ts';
import type { Phones } from './phones.ts';
import { hidingHistory, privacyOf } from './privacy.ts';
import { ring, ringAt } from './ring.ts';
import { planOfServer } from './server-plan.ts';
import { deniedIncoming, screenIncoming, subscriberCall } from './subscriber-call.ts';
import type { SubscriberWorld } from './subscriber-call.ts';

/** What routing knows of the world while it decides; reading it changes nothing. */
export interface Directory extends Phones, OutgoingWorld {
  isSubscriber(user: string, domain: string): boolean;
  group(user: string, domain: string): Group | undefined;
  bindings(user: string, domain: string): readonly Binding[];
  /** Calls that a subscriber has now. */
  calls(user: string, domain: string): number;
  /** When his last call ended; 0 when he has had none. */
  idleSince(user: string, domain: string): number;
  /** Those whose telephones take what is sent to a foreign address, whatever user it names. */
  ownersAt(uri: Uri): readonly Account[];
  /** The way to a telephone number. */
  gateway(number: string): Gateway | undefined;
  /** Where the server of the exchange is that an address leads to. */
  server(user: string, domain: string): SocketDestination | undefined;
  /** Where the registrations of a subscriber are told: by the exchange itself, which has no user. */
  registrationNotifier(user: string | undefined, domain: string): SocketDestination | undefined;
}

/** Why a request must not go on within its dialog; undefined where nothing is against it. */
export function refusalWithin(question: Question, directory: Directory): RejectPlan | undefined {
  return screenReferral(
    callOf(question, (uri) => directory.address(uri)),
    undefined,
    directory,
  );
}

/** Where a request goes: to the phones of a subscriber or a group, on to where they want it, out into the world, or nowhere. */
export function route(question: Question, directory: Directory): CallPlan {
  const { uri, address } = question;
  const leg: Leg = { uri, account: undefined, chain: undefined };
  const privacy = privacyOf(question.request);
  if (privacy !== undefined && 'kind' in privacy) return privacy;
  const plan = new Routing(
    question,
    callOf(question, (each) => directory.address(each)),
    directory,
  ).begin(leg, address);
  if (privacy === undefined) return plan;
  return hidingHistory(plan, question.request, privacy, (each) => directory.address(each) !== undefined);
}

/** Whether somebody wants to be told who is registered: the registrar alone knows that (RFC 3680 4.9). */
export function isForRegistrations(request: SipRequest): boolean {
  if (request.method !== 'SUBSCRIBE') return false;
  const event = request.get(Event);
  return !(event instanceof SyntaxFault) && event?.type === registrationEvent.name;
}

const relayingDenied: CallPlan = { kind: 'reject', status: 403, reason: 'Relaying Denied' };

/** Whether a call may go out into the world from here: for somebody of ours, who called or sent it on. */
function mayLeave({ caller }: Call, { account }: Leg): boolean {
  return account !== undefined || caller.kind !== 'stranger';
}

/** One call as it is followed from leg to leg. */
class Routing implements SubscriberWorld, Members {
  readonly #question: Question;
  readonly #call: Call;
  readonly #directory: Directory;

  constructor(question: Question, call: Call, directory: Directory) {
    this.#question = question;
    this.#call = call;
    this.#directory = directory;
  }

  /** The leg that the caller himself asked for. */
  begin(leg: Leg, address: OurAddress | undefined): CallPlan {
    const { route: further, instance } = this.#question;
    const call = this.#call;
    const isSentOn = further.length > 0;
    if (isSentOn && !mayLeave(call, leg)) return relayingDenied;
    if (!isSentOn && instance === undefined) return this.#to(leg, address);
    const denied = this.#deniedOutgoing(leg.uri, address, undefined) ?? this.#deniedOnTheWay(further);
    if (denied !== undefined) return denied;
    if (instance === undefined) return ringAt(call, leg);
    const refused = this.#deniedByInstance(address);
    if (refused !== undefined) return refused;
    const stages = isSentOn ? instanceOnTheWay(instance, this.#directory) : instanceStages(instance, this.#directory);
    call.note?.(`that telephone alone${stages.length > 0 ? ' rings' : ' is meant, and it is not there'}`);
    if (stages.length > 0) return ring(call, this.#toldWhatIsLost(leg, stages), stages);
    // Within a dialog a 480 ends the call (RFC 5057 5.1), and this phone may be back in a moment (RFC 5626 5.3.1).
    return { kind: 'reject', status: call.request.toTag === undefined ? 480 : 430 };
  }

  /**
   * What a URI says beside what the registrar made it of, as which conference of a telephone is meant, is lost when its contact takes
   * its place (RFC 5627 4.2): History-Info delivers it, which is there for that (RFC 7044).
   */
  #toldWhatIsLost(leg: Leg, stages: readonly Stage[]): Leg {
    const { uri } = leg;
    const { request } = this.#call;
    if (request.toTag !== undefined || !(uri instanceof SipUri)) return leg;
    const kept = stages.flatMap(({ targets }) => targets.map((target) => target.uri));
    const isKept = (name: string): boolean =>
      name === 'gr' || kept.some((each) => each instanceof SipUri && each.parameters.has(name));
    const isAllKept = [...uri.parameters].every(([name]) => isKept(name));
    return isAllKept ? leg : { ...leg, chain: received(this.#call, uri) };
  }

  readonly routeLeg = (leg: Leg): CallPlan => this.#to(leg, this.#directory.address(leg.uri));

  get phones(): Phones {
    return this.#directory;
  }

  calls({ user, domain }: Account): number {
    return this.#directory.calls(user, domain);
  }

  idleSince(user: string, domain: string): number {
    return this.#directory.idleSince(user, domain);
  }

  readonly announcement = (domain: string, name: AnnouncementName): Uri | undefined =>
    this.#directory.announcement(domain, name);

  isAddressOf(place: Destination, { user, domain }: Account): boolean {
    const address = this.#directory.address(place);
    return address?.user === user && address.domain === domain;
  }

  targetsAt(place: Destination, account: Account): readonly Target[] {
    const directory = this.#directory;
    const address = directory.address(place);
    if (this.isAddressOf(place, account)) {
      return targetsOf(directory.bindings(account.user, account.domain), directory);
    }
    if (this.#deniedOutgoing(place, address, account) !== undefined) return [];
    if (address?.user !== undefined && directory.isSubscriber(address.user, address.domain)) {
      return this.targetsOf(address.user, address.domain);
    }
    const number = numberOf(place, address, directory);
    const gateway = number === undefined ? undefined : directory.gateway(number);
    if (number !== undefined && gateway !== undefined) {
      return [{ uri: addressAt(gateway, number, this.#call.secure) }];
    }
    if (number !== undefined || address !== undefined || this.#deniedByOwner(place) !== undefined) return [];
    return [{ uri: this.#call.secure && 'with' in place ? place.with({ scheme: 'sips' }) : place }];
  }

  targetsOf(user: string, domain: string): readonly Target[] {
    const directory = this.#directory;
    if (!directory.isSubscriber(user, domain)) return [];
    const services = directory.services(user, domain);
    if (services !== undefined) {
      const isBusy = services.lines !== Infinity && directory.calls(user, domain) >= services.lines;
      if (services.doNotDisturb || isBusy || deniedIncoming(this.#call, services) !== undefined) {
        this.#call.note?.(`${user} is left out: he takes no such call now`);
        return [];
      }
    }
    return targetsOf(directory.bindings(user, domain), directory);
  }

  #to(leg: Leg, address: OurAddress | undefined): CallPlan {
    const directory = this.#directory;
    const call = this.#call;
    const server = address?.user === undefined ? undefined : directory.server(address.user, address.domain);
    if (server !== undefined) return planOfServer(call, leg, server);
    const denied = this.#deniedOutgoing(leg.uri, address, leg.account);
    if (denied !== undefined) return denied;
    const notifier =
      address !== undefined && isForRegistrations(call.request)
        ? directory.registrationNotifier(address.user, address.domain)
        : undefined;
    if (notifier !== undefined) return planOfServer(call, leg, notifier);
    const number = numberOf(leg.uri, address, directory);
    // Whoever has such a name here: help comes first, where there is a way to it.
    if (number !== undefined && directory.isEmergency(number) && directory.gateway(number) !== undefined) {
      return this.#toNumber(leg, number);
    }
    if (address?.user !== undefined) {
      const account = { user: address.user, domain: address.domain };
      const { user, domain } = account;
      const group = directory.group(user, domain);
      if (group !== undefined) return groupCall(call, leg, group, this);
      if (directory.isSubscriber(user, domain)) {
        const services = directory.services(user, domain);
        return subscriberCall(call, leg, account, services, directory.bindings(user, domain), this);
      }
    }
    if (number !== undefined) return this.#toNumber(leg, number);
    if (address !== undefined) {
      call.note?.(`nobody is at ${leg.uri.toString()}`);
      return { kind: 'reject', status: 404 };
    }
    if (!mayLeave(call, leg)) return this.#mayNotLeave();
    return this.#deniedByOwner(leg.uri) ?? ringAt(call, leg);
  }

  #toNumber(leg: Leg, number: string): CallPlan {
    const gateway = this.#directory.gateway(number);
    // What a stranger may not do he is not told to be impossible.
    if (gateway === undefined && leg.uri.scheme !== 'tel') return this.#noWay(number);
    if (!mayLeave(this.#call, leg)) return this.#mayNotLeave();
    if (gateway === undefined) return this.#noWay(number);
    this.#call.note?.(`${number} is reached through the gateway ${gateway.name}`);
    return ring(this.#call, leg, [{ targets: [{ uri: addressAt(gateway, number, this.#call.secure) }] }]);
  }

  #noWay(number: string): CallPlan {
    this.#call.note?.(`no gateway takes ${number}`);
    return { kind: 'reject', status: 404 };
  }

  #mayNotLeave(): CallPlan {
    this.#call.note?.('who has not proved who he is can call subscribers and groups only');
    return relayingDenied;
  }

  /** Whether somebody may call an address, or send calls to it: who sent this one on, else who makes it. */
  #deniedOutgoing(uri: Uri, address: OurAddress | undefined, account: Account | undefined): CallPlan | undefined {
    const call = this.#call;
    if (call.request.method === 'ACK') return undefined;
    const who = account ?? (call.caller.kind === 'subscriber' ? call.caller : undefined);
    const denied = screenOutgoing(call, who, uri, address, this.#directory);
    return denied ?? (account === undefined ? screenReferral(call, address, this.#directory) : undefined);
  }

  /** Whoever a call is sent by gets it, and so has to be somebody whom the caller may call. */
  #deniedOnTheWay(route: readonly string[]): CallPlan | undefined {
    for (const value of route) {
      const hop = NameAddr.parse(value);
      if (!(hop instanceof NameAddr)) continue;
      const denied = this.#deniedOutgoing(hop.uri, undefined, undefined) ?? this.#deniedByOwner(hop.uri);
      if (denied !== undefined) return denied;
    }
    return undefined;
  }

  /** Who calls a telephone of ours by where it is, and not by whose it is, calls its owner all the same. */
  #deniedByOwner(uri: Uri): CallPlan | undefined {
    for (const owner of this.#directory.ownersAt(uri)) {
      const denied = this.#deniedByInstance(owner);
      if (denied !== undefined) return denied;
    }
    return undefined;
  }

  #deniedByInstance(address: OurAddress | undefined): CallPlan | undefined {
    if (address?.user === undefined) return undefined;
    const { user, domain } = address;
    const services = this.#directory.services(user, domain);
    return services === undefined ? undefined : screenIncoming(this.#call, { user, domain }, services, this);
  }
}
