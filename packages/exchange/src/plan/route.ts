import type { Binding, CallPlan, Uri } from '@switchhook/sip';
import type { Group } from '../config/configuration.ts';
import { callOf } from './call.ts';
import type { Call, Leg, Question } from './call.ts';
import type { OurAddress } from './domains.ts';
import { addressAt, numberOf } from './gateways.ts';
import type { Gateway } from './gateways.ts';
import { groupCall } from './group-call.ts';
import { instanceStages } from './phones.ts';
import type { Phones } from './phones.ts';
import { ring, ringAt } from './ring.ts';
import type { Services } from './services.ts';
import { subscriberCall } from './subscriber-call.ts';

/** What routing knows of the world while it decides; reading it changes nothing. */
export interface Directory extends Phones {
  isSubscriber(user: string, domain: string): boolean;
  group(user: string, domain: string): Group | undefined;
  bindings(user: string, domain: string): readonly Binding[];
  /** What a subscriber decided about his calls; undefined when that is nothing. */
  services(user: string, domain: string): Services | undefined;
  /** What a URI means here; undefined when it is somebody else's address. */
  address(uri: Uri): OurAddress | undefined;
  /** The way to a telephone number. */
  gateway(number: string): Gateway | undefined;
}

/** Where a request goes: to the phones of a subscriber or a group, on to where they want it, out into the world, or nowhere. */
export function route(question: Question, directory: Directory): CallPlan {
  const { uri, address, instance } = question;
  const call = callOf(question);
  const leg: Leg = { uri, account: undefined, chain: undefined };
  if (question.route.length > 0) return mayLeave(call, leg) ? ringAt(call, leg) : relayingDenied;
  if (instance !== undefined) {
    const stages = instanceStages(instance, directory);
    return stages.length === 0 ? { kind: 'reject', status: 480 } : ring(call, leg, stages);
  }
  return new Routing(call, directory).to(leg, address);
}

const relayingDenied: CallPlan = { kind: 'reject', status: 403, reason: 'Relaying Denied' };

/** Whether a call may go out into the world from here: for somebody of ours, who called or sent it on. */
function mayLeave({ caller }: Call, { account }: Leg): boolean {
  return account !== undefined || caller.kind !== 'stranger';
}

/** One call as it is followed from leg to leg. */
class Routing {
  readonly #call: Call;
  readonly #directory: Directory;
  readonly #onwards = (leg: Leg): CallPlan => this.to(leg, this.#directory.address(leg.uri));

  constructor(call: Call, directory: Directory) {
    this.#call = call;
    this.#directory = directory;
  }

  to(leg: Leg, address: OurAddress | undefined): CallPlan {
    const directory = this.#directory;
    const call = this.#call;
    if (address?.user !== undefined) {
      const account = { user: address.user, domain: address.domain };
      const { user, domain } = account;
      const group = directory.group(user, domain);
      if (group !== undefined) return groupCall(call, leg, group, directory);
      if (directory.isSubscriber(user, domain)) {
        const bindings = directory.bindings(user, domain);
        const services = directory.services(user, domain);
        return subscriberCall(call, leg, account, services, bindings, directory, this.#onwards);
      }
    }
    const number = numberOf(leg.uri, address);
    if (number !== undefined) return this.#toNumber(leg, number);
    if (address !== undefined) return { kind: 'reject', status: 404 };
    return mayLeave(call, leg) ? ringAt(call, leg) : relayingDenied;
  }

  #toNumber(leg: Leg, number: string): CallPlan {
    const gateway = this.#directory.gateway(number);
    // What a stranger may not do he is not told to be impossible.
    if (gateway === undefined && leg.uri.scheme !== 'tel') return { kind: 'reject', status: 404 };
    if (!mayLeave(this.#call, leg)) return relayingDenied;
    if (gateway === undefined) return { kind: 'reject', status: 404 };
    this.#call.note?.(`${number} is reached through the gateway ${gateway.name}`);
    return ring(this.#call, leg, [{ targets: [{ uri: addressAt(gateway, number, this.#call.secure) }] }]);
  }
}
