import type { CallPlan, Destination } from '@switchhook/sip';
import type { Call, Leg } from './call.ts';
import { toldHistory } from './ring.ts';

/** To a server of the exchange; whom it serves is its own business. */
export function planOfServer(call: Call, leg: Leg, destination: Destination): CallPlan {
  call.note?.(`a server of the exchange takes what is for ${leg.uri.toString()}`);
  const target = { uri: leg.uri, destination };
  const targets = leg.chain === undefined ? [target] : toldHistory(leg.chain, [target], leg.uri);
  return { kind: 'ring', stages: [{ targets }], ...call.serverTrim };
}
