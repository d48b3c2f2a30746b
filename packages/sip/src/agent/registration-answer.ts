import { SyntaxFault } from '../message/fault.ts';
import { Contact } from '../message/headers/contact.ts';
import { Expires } from '../message/headers/expires.ts';
import { FlowTimer } from '../message/headers/flow-timer.ts';
import { Require } from '../message/headers/require.ts';
import { ServiceRoute } from '../message/headers/service-route.ts';
import type { SipResponse } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';

/** What a 200 to a REGISTER says (RFC 3261 10.2.4, RFC 3608, RFC 5626 4.2.1, RFC 5627 4.2). */
export interface RegistrationAnswer {
  /** Seconds that the own binding stands. */
  readonly expires: number;
  readonly outbound: boolean;
  readonly flowTimer: number | undefined;
  readonly serviceRoute: readonly NameAddr[];
  readonly publicGruu: SipUri | undefined;
  readonly temporaryGruu: SipUri | undefined;
  /** What else is registered for the address: other phones, other flows. */
  readonly others: readonly NameAddr[];
}

/** Which of the bindings is the own one. */
export interface OwnBinding {
  readonly contact: SipUri;
  readonly instanceId: string;
  readonly regId: number | undefined;
  /** What was asked for, in seconds. */
  readonly expires: number;
}

export function readRegistrationAnswer(response: SipResponse, own: OwnBinding): RegistrationAnswer {
  const bindings = response
    .rawAll(Contact)
    .map((text) => Contact.parse(text))
    .filter((contact) => contact instanceof NameAddr);
  const mine =
    bindings.find((binding) => own.regId !== undefined && isFlowOf(binding, own)) ??
    bindings.find(({ uri }) => own.contact.equals(uri));
  const expires = response.get(Expires);
  const routes = response.all(ServiceRoute);
  const flowTimer = response.get(FlowTimer);
  return {
    expires: secondsOf(mine) ?? (typeof expires === 'number' ? expires : own.expires),
    outbound: response.rawAll(Require).some((tag) => tag.toLowerCase() === 'outbound'),
    flowTimer: flowTimer instanceof SyntaxFault ? undefined : flowTimer,
    serviceRoute: routes instanceof SyntaxFault ? [] : routes,
    publicGruu: gruuOf(mine, 'pub-gruu'),
    temporaryGruu: gruuOf(mine, 'temp-gruu'),
    others: bindings.filter((binding) => binding !== mine),
  };
}

/** RFC 5626 6: instance and reg-id say which binding it is, whatever its URI. */
function isFlowOf({ parameters }: NameAddr, { instanceId, regId }: OwnBinding): boolean {
  return parameters.get('+sip.instance') === `<${instanceId}>` && parameters.get('reg-id') === String(regId);
}

function secondsOf(binding: NameAddr | undefined): number | undefined {
  const text = binding?.parameters.get('expires') ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function gruuOf(binding: NameAddr | undefined, name: string): SipUri | undefined {
  const uri = SipUri.parse(binding?.parameters.get(name) ?? '');
  return uri instanceof SipUri ? uri : undefined;
}
