import { SipRequest, SipResponse } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import type { Complaint, Exhibit } from '../examination.ts';
import { routesIn } from '../route-list.ts';
import { same, sameVias, viasOf } from './responses.ts';

/**
 * What a proxy may change on the way, in lower case, beside what its rule names: credentials for its own realm, and header
 * fields by which proxies tell each other things (T18).
 */
const ofProxies: ReadonlySet<string> = new Set([
  ...['via', 'v', 'max-forwards', 'route', 'record-route', 'content-length', 'l', 'max-breadth', 'path'],
  ...['proxy-require', 'proxy-authorization', 'proxy-authenticate', 'proxy-authentication-info'],
  ...['session-expires', 'x', 'min-se', 'history-info', 'diversion', 'date', 'timestamp', 'privacy', 'identity', 'y'],
  ...['p-asserted-identity', 'p-preferred-identity', 'p-charging-vector'],
]);

/** R-FWD-REQ: a proxy adds its Via, takes one off Max-Forwards, takes its own Route away and leaves the rest (RFC 3261 16.6). */
export function* forwardsRequest({ expected, message, binding }: Exhibit): Iterable<Complaint> {
  const input = inputOf(expected.forwards, binding);
  if (!(message instanceof SipRequest) || !(input instanceof SipRequest)) return;
  const [wanted, vias] = [viasOf(input), viasOf(message)];
  if (vias.length <= wanted.length) yield { key: 'viaCount', expected: 'a Via of the proxy on top', found: 'none' };
  yield* sameVias(wanted, vias.slice(Math.max(0, vias.length - wanted.length)));
  if (input.maxForwards !== undefined) {
    yield* same('maxForwards', String(input.maxForwards - 1), String(message.maxForwards ?? 'none'));
  }
  const own = routesIn(message, 'Route').find(({ host }) => binding.isHostOf(expected.from, host));
  if (own !== undefined) yield { key: 'route', expected: 'no Route to the proxy itself', found: own.text };
  yield* same('callId', input.callId, message.callId);
  yield* same('cseqNumber', String(input.cseqNumber), String(message.cseqNumber));
  yield* unchanged(input, message);
}

/** R-FWD-RESP: a proxy takes its Via off a response and leaves the rest (RFC 3261 16.7). */
export function* forwardsResponse({ expected, message, binding }: Exhibit): Iterable<Complaint> {
  const input = inputOf(expected.forwards, binding);
  if (!(message instanceof SipResponse) || !(input instanceof SipResponse)) return;
  yield* sameVias(viasOf(input).slice(1), viasOf(message));
  yield* unchanged(input, message);
}

function inputOf(f: string | undefined, binding: Exhibit['binding']): SipMessage | undefined {
  return f === undefined ? undefined : binding.message(f);
}

/** End-to-end header fields, name by name, and the body, byte by byte. */
function* unchanged(input: SipMessage, output: SipMessage): Iterable<Complaint> {
  const names = new Set([...input.headerFields(), ...output.headerFields()].map(({ name }) => name.toLowerCase()));
  for (const name of names) {
    if (ofProxies.has(name)) continue;
    const [before, after] = [input.rawAll(name).join(', '), output.rawAll(name).join(', ')];
    if (before === after) continue;
    yield { key: `forwarded.${name}`, expected: `${name}: ${before || 'none'}`, found: `${name}: ${after || 'none'}` };
  }
  if (input.body !== output.body) {
    yield { key: 'forwarded.body', expected: `the ${input.body.length} bytes of the body`, found: 'another body' };
  }
}
