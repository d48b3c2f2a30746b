import { RecordRoute, Route, SipUri, SyntaxFault } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';

export interface RouteEntry {
  readonly text: string;
  readonly host: string;
  readonly isLoose: boolean;
}

const types = { Route, 'Record-Route': RecordRoute };

/** The values of Route or Record-Route. */
export function routesIn(message: SipMessage, name: keyof typeof types): readonly RouteEntry[] {
  const values = message.all(types[name]);
  if (values instanceof SyntaxFault) return [];
  return values.map(({ uri }) => ({
    text: uri.toString(),
    host: uri instanceof SipUri ? uri.host : '',
    isLoose: uri instanceof SipUri && uri.parameters.has('lr'),
  }));
}
