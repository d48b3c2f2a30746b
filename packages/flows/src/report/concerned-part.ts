import { direction } from './message-parts.ts';

/** Which part of a message a key of an expectation is about; longer names go first. Others name the header field itself. */
const parts: Readonly<Record<string, string>> = {
  requestUri: 'start line',
  status: 'start line',
  statusAccept: 'start line',
  closes: 'start line',
  endsUsage: 'start line',
  scheme: 'start line',
  malformed: 'start line',
  tags: 'to',
  toTagSameAs: 'to',
  toTagDistinctFrom: 'to',
  branch: 'via',
  viaCount: 'via',
  via: 'via',
  recordRoute: 'record-route',
  route: 'route',
  routeLr: 'route',
  maxForwards: 'max-forwards',
  contact3xx: 'contact',
  callId: 'call-id',
  fromTag: 'from',
  cseqNumber: 'cseq',
  cseq: 'cseq',
  sdp: 'm=',
  'sdp.direction': direction,
  'sdp.version': 'o=',
  'sdp.address': 'c=',
  'forwarded.body': 'body',
  allowIncludes: 'allow',
  referTo: 'refer-to',
  bodyUri: 'body',
  referredBy: 'referred-by',
  referSub: 'refer-sub',
  subscriptionState: 'subscription-state',
  contentType: 'content-type',
  sipfrag: 'body',
  dialogInfo: 'body',
  proxyAuthenticate: 'proxy-authenticate',
  proxyAuthorization: 'proxy-authorization',
  errorInfo: 'error-info',
};

/** The part of a message that a key is about: `contact.params.x` is about `contact`. */
export function concernedPart(key: string): string {
  for (let name = key; ; name = name.slice(0, name.lastIndexOf('.'))) {
    const found = parts[name];
    if (found !== undefined) return found;
    if (name.startsWith('forwarded.')) return name.slice('forwarded.'.length);
    if (!name.includes('.')) return name;
  }
}
