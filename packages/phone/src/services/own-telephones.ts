import { Contact, NameAddr, SipUri } from '@switchhook/sip';
import type { SipResponse } from '@switchhook/sip';
import { failureOfRequest, failureOfResponse, PhoneError } from '../failure.ts';
import type { ServiceHost } from '../service-host.ts';

/** A telephone that is registered for an address. */
export interface RegisteredTelephone {
  /** What leads to that telephone alone: its GRUU (RFC 5627), else its contact. */
  readonly uri: string;
}

/** The telephones that are registered for the phone's own address, whichever they are (RFC 3261 10.2.3). */
export async function ownTelephones({ agent, home }: ServiceHost): Promise<RegisteredTelephone[]> {
  const target = SipUri.of({ scheme: home.scheme, host: home.host, port: home.port });
  // GRUUs are told to who understands them (RFC 5627 5.3). Contacts may be alike: those of two telephones behind one address.
  const headers = [['Supported', 'gruu']] as const;
  const answer = await agent.ask({ method: 'REGISTER', target, to: NameAddr.of({ uri: home }), headers });
  if ('code' in answer) throw new PhoneError(failureOfRequest(answer), 'the exchange');
  if (answer.status >= 300) throw new PhoneError(failureOfResponse(answer), 'the exchange');
  return telephonesIn(answer);
}

/** A telephone that keeps several connections is one all the same (RFC 5626). */
function telephonesIn(answer: SipResponse): RegisteredTelephone[] {
  const telephones = new Map<string, RegisteredTelephone>();
  for (const text of answer.rawAll(Contact)) {
    const contact = Contact.parse(text);
    if (!(contact instanceof NameAddr)) continue;
    const { uri, parameters } = contact;
    const instance = parameters.get('+sip.instance') ?? uri.toString();
    if (telephones.has(instance)) continue;
    telephones.set(instance, { uri: gruuOf(parameters.get('pub-gruu')) ?? uri.toString() });
  }
  return [...telephones.values()];
}

function gruuOf(text: string | undefined): string | undefined {
  const uri = text === undefined ? undefined : SipUri.parse(text);
  return uri instanceof SipUri ? uri.toString() : undefined;
}
