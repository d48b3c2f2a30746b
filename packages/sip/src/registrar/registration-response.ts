import { SipDate } from '../message/headers/date.ts';
import type { HeaderInit } from '../message/header.ts';
import { Parameters } from '../message/parameters.ts';
import { quote } from '../message/quoted-string.ts';
import type { Binding } from './binding.ts';
import type { GruuMint } from './gruu.ts';
import type { RegistrarOptions } from './registrar-options.ts';
import type { Registration } from './registration.ts';

/** The header fields of the 200: all bindings as they stand now (RFC 3261 10.3 step 8) and what extensions add. */
export function registrationHeaders(
  registration: Registration,
  bindings: readonly Binding[],
  now: number,
  gruus: GruuMint,
  options: RegistrarOptions,
): HeaderInit[] {
  const headers: HeaderInit[] = [];
  for (const binding of bindings) {
    headers.push(['Contact', contactValue(binding, now, registration.supportsGruu ? gruus : undefined)]);
  }
  headers.push(['Date', SipDate.print(now)]);
  for (const hop of registration.path) headers.push(['Path', hop]);
  for (const hop of options.serviceRoute?.(registration.addressOfRecord) ?? []) headers.push(['Service-Route', hop]);
  if (registration.confirmsOutbound) {
    headers.push(['Require', 'outbound']);
    if (registration.direct && options.flowTimer !== undefined) headers.push(['Flow-Timer', String(options.flowTimer)]);
  }
  return headers;
}

/** One binding with the seconds that it has left, and its GRUUs for a phone that knows what they are (RFC 5627 5.2). */
function contactValue(binding: Binding, now: number, gruus: GruuMint | undefined): string {
  const { instanceId, regId, q } = binding;
  const known = Parameters.of({
    expires: Math.max(0, Math.ceil((binding.expiresAt - now) / 1000)),
    q: q === 1 ? undefined : q,
    'reg-id': regId,
  });
  let text = `<${binding.contact}>${known.toString()}`;
  if (instanceId !== undefined) {
    text += `;+sip.instance=${quote(`<${instanceId}>`)}`;
    const { publicGruu, temporaryGruu } = gruus?.of(binding) ?? {};
    if (publicGruu !== undefined) text += `;pub-gruu="${publicGruu}"`;
    if (temporaryGruu !== undefined) text += `;temp-gruu="${temporaryGruu}"`;
  }
  return text + binding.parameters;
}
