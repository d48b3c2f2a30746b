import type { SipContext } from '../context.ts';
import { lowerCase } from '../message/characters.ts';
import { Require } from '../message/headers/require.ts';
import { To } from '../message/headers/to.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';
import { whenKnown } from '../when-known.ts';
import type { Binding } from './binding.ts';
import { survivesFlow, withoutFlow } from './binding-reach.ts';
import type { UpdateContext } from './binding-update.ts';
import { updateBindings } from './binding-update.ts';
import type { RegistrarFlow } from './flow-watch.ts';
import { FlowWatch } from './flow-watch.ts';
import { GruuMint } from './gruu.ts';
import type { GruusOfBinding } from './gruu.ts';
import type { LocationService } from './location-service.ts';
import { Refusal } from './refusal.ts';
import type { RegistrantIdentity, RegistrarOptions, RegistrationLimits } from './registrar-options.ts';
import { defaultRegistrationLimits } from './registrar-options.ts';
import type { Registration } from './registration.ts';
import { readRegistration } from './registration.ts';
import { registrationHeaders } from './registration-response.ts';

/** What the registrar needs of a server transaction. */
export interface RegistrarTransaction {
  readonly request: SipRequest;
  readonly flow: RegistrarFlow;
  respond(response: SipResponse): void;
}

/**
 * What a GRUU leads to (RFC 5627 6.1): its bindings, the most recently refreshed first; none at the moment, for a
 * 480; or nothing at all, for a 404.
 */
export type GruuResolution =
  | { readonly kind: 'bound'; readonly addressOfRecord: string; readonly bindings: readonly Binding[] }
  | { readonly kind: 'unbound'; readonly addressOfRecord: string }
  | { readonly kind: 'unknown' };

/** The option tags that a REGISTER may require. */
export const registrarExtensions: readonly string[] = ['path', 'outbound', 'gruu'];

/** How many REGISTERs were answered how. */
export interface RegistrarStats {
  readonly accepted: number;
  readonly refused: number;
  /** Connections that carry bindings. */
  readonly flows: number;
}

/** The registrar of RFC 3261 10.3, with Path, Service-Route, outbound and GRUU, over a location service. */
export class Registrar {
  readonly #context: SipContext;
  readonly #location: LocationService;
  readonly #options: RegistrarOptions;
  readonly #limits: RegistrationLimits;
  readonly #gruus: GruuMint;
  readonly #flows: FlowWatch;
  #accepted = 0;
  #refused = 0;

  constructor(context: SipContext, location: LocationService, options: RegistrarOptions) {
    this.#context = context;
    this.#location = location;
    this.#options = options;
    this.#limits = { ...defaultRegistrationLimits, ...options.limits };
    this.#gruus = new GruuMint(context, options.gruuKey ?? context.random.token() + context.random.token());
    this.#flows = new FlowWatch((flow, addressesOfRecord) => {
      for (const addressOfRecord of addressesOfRecord) this.#dropFlow(flow, addressOfRecord);
    });
  }

  /** Answers a REGISTER, at once or when the location service has made the change durable. */
  handle(transaction: RegistrarTransaction, identity: RegistrantIdentity | undefined): void {
    const registration = this.#read(transaction.request, identity);
    if (registration instanceof Refusal) this.#refuse(transaction, registration);
    else this.#carryOut(transaction, registration);
  }

  /** Where a request for this URI has to go when it is a GRUU of ours; undefined when it is no GRUU. */
  resolveGruu(uri: SipUri): GruuResolution | undefined | Promise<GruuResolution> {
    const gruu = this.#gruus.read(uri);
    if (gruu === undefined) return undefined;
    if (gruu.kind === 'temporary') {
      const { gruuId } = gruu;
      return whenKnown(this.#location.findGruu(gruuId), (addressOfRecord) =>
        // A temporary GRUU that has lost its last contact is no longer valid (RFC 5627 5.3).
        addressOfRecord === undefined
          ? { kind: 'unknown' }
          : this.#resolve(addressOfRecord, (binding) => binding.gruuId === gruuId, { kind: 'unknown' }),
      );
    }
    const addressOfRecord = this.#options.findAddressOfRecord(uri);
    if (addressOfRecord === undefined || gruu.instanceId === '') return { kind: 'unknown' };
    // As URI parameters compare (RFC 3261 19.1.4), so that equal URIs lead to the same phone.
    const instanceId = lowerCase(gruu.instanceId);
    return this.#resolve(addressOfRecord, (binding) => lowerCase(binding.instanceId ?? '') === instanceId, {
      kind: 'unbound',
      addressOfRecord,
    });
  }

  /** The GRUUs of a binding, for who may know them (RFC 5628 5). */
  gruusOf(binding: Binding): GruusOfBinding {
    return this.#gruus.of(binding);
  }

  /** Watches no flow any longer. The bindings stay with the location service. */
  stop(): void {
    this.#flows.stop();
  }

  stats(): RegistrarStats {
    return { accepted: this.#accepted, refused: this.#refused, flows: this.#flows.size };
  }

  /** Steps 2 to 7 as far as the request decides them. */
  #read(request: SipRequest, identity: RegistrantIdentity | undefined): Registration | Refusal {
    const unknown = request.rawAll(Require).filter((tag) => !registrarExtensions.includes(tag.toLowerCase()));
    if (unknown.length > 0) return new Refusal(420, undefined, [['Unsupported', unknown.join(', ')]]);
    const to = request.get(To);
    if (!(to instanceof NameAddr)) return new Refusal(400, 'Invalid To');
    // RFC 4475 3.3.4: what is no SIP URI cannot be an address of record.
    if (!(to.uri instanceof SipUri)) return new Refusal(400, 'To Is Not a SIP URI');
    if (!this.#options.mayRegister(identity, to.uri)) return new Refusal(403);
    const addressOfRecord = this.#options.findAddressOfRecord(to.uri);
    if (addressOfRecord === undefined) return new Refusal(404);
    return readRegistration(request, addressOfRecord, this.#limits, this.#options);
  }

  #carryOut(transaction: RegistrarTransaction, registration: Registration): void {
    const failed = (error: unknown): void => {
      this.#context.log.error('the location service failed', { reason: String(error) });
      this.#refuse(transaction, new Refusal(500));
    };
    try {
      let refusal: Refusal | undefined;
      let before: readonly Binding[] = [];
      const updated = this.#location.update(
        registration.addressOfRecord,
        (current) => {
          before = current;
          const result = updateBindings(current, registration, this.#updateContext(transaction.flow, registration));
          if (!(result instanceof Refusal)) return result;
          refusal = result;
          return current;
        },
        'registered',
      );
      const finished = whenKnown(updated, (bindings) => {
        if (refusal === undefined) {
          this.#accept(transaction, registration, bindings);
          for (const flow of supersededFlows(before, bindings)) {
            this.#flows.superseded(flow, registration.addressOfRecord);
          }
        } else this.#refuse(transaction, refusal);
      });
      if (finished instanceof Promise) finished.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #updateContext(flow: RegistrarFlow, registration: Registration): UpdateContext {
    const { protocol, remote } = flow;
    return {
      now: this.#context.clock.date(),
      maximumContacts: this.#limits.maximumContacts,
      flow: registration.direct ? flow.id : undefined,
      received: registration.direct ? { protocol, address: remote.address, port: remote.port } : undefined,
      newGruuId: () => this.#gruus.newId(),
      gruuIdOf: (uri) => {
        const gruu = this.#gruus.read(uri);
        return gruu?.kind === 'temporary' ? gruu.gruuId : undefined;
      },
    };
  }

  #accept(transaction: RegistrarTransaction, registration: Registration, bindings: readonly Binding[]): void {
    const { flow } = transaction;
    this.#accepted++;
    const now = this.#context.clock.date();
    const headers = registrationHeaders(registration, bindings, now, this.#gruus, this.#options);
    this.#respond(transaction, 200, headers);
    const connected = flow.protocol !== 'UDP' && bindings.some((binding) => binding.flow === flow.id);
    if (connected) this.#flows.watch(flow, registration.addressOfRecord);
  }

  #refuse(transaction: RegistrarTransaction, refusal: Refusal): void {
    this.#refused++;
    this.#respond(transaction, refusal.status, refusal.headers, refusal.reason);
  }

  #respond(transaction: RegistrarTransaction, status: number, headers: readonly HeaderInit[], reason?: string): void {
    const toTag = this.#context.random.token();
    transaction.respond(transaction.request.createResponse(status, { reason, toTag, headers }));
  }

  #resolve(
    addressOfRecord: string,
    fits: (binding: Binding) => boolean,
    otherwise: GruuResolution,
  ): GruuResolution | Promise<GruuResolution> {
    return whenKnown(this.#location.bindings(addressOfRecord), (all): GruuResolution => {
      const bindings = all.filter(fits).sort((one, other) => other.updatedAt - one.updatedAt);
      return bindings.length === 0 ? otherwise : { kind: 'bound', addressOfRecord, bindings };
    });
  }

  /** The end of a connection ends the bindings that only it could reach (RFC 5626 7); others have none from then on. */
  #dropFlow(flow: number, addressOfRecord: string): void {
    const failed = (error: unknown): void =>
      this.#context.log.error('a binding outlives its connection', { addressOfRecord, reason: String(error) });
    try {
      const updated = this.#location.update(
        addressOfRecord,
        (current) => {
          if (!current.some((binding) => binding.flow === flow)) return current;
          return current
            .filter((binding) => binding.flow !== flow || survivesFlow(binding))
            .map((binding) => (binding.flow === flow ? withoutFlow(binding) : binding));
        },
        'flow-ended',
      );
      if (updated instanceof Promise) updated.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** The connections of flows that were formed anew: the same reg-id of the same instance over another one (RFC 5626 6). */
function supersededFlows(before: readonly Binding[], after: readonly Binding[]): readonly number[] {
  return before.flatMap(({ flow, regId, instanceId }) => {
    if (flow === undefined || regId === undefined) return [];
    const fresh = after.find((each) => each.regId === regId && each.instanceId === instanceId);
    const isUsed = fresh === undefined || after.some((each) => each.flow === flow);
    return isUsed ? [] : [flow];
  });
}
