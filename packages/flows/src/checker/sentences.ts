import type { FlowMessage } from '../oracle/flow-schema.ts';

export interface Sentence {
  readonly sentence: string;
  readonly reference: string;
}

/** What each key of an expectation asks for, in a sentence, and where it is written. Longer names go first. */
const sentences: Readonly<Record<string, Sentence>> = {
  'R-REQ': {
    sentence: 'A request has Max-Forwards, a From tag, and a branch that no other transaction has.',
    reference: 'RFC 3261 8.1.1',
  },
  'R-RESP': {
    sentence: 'A response copies Via, From, To, Call-ID and CSeq from its request, and adds a To tag.',
    reference: 'RFC 3261 8.2.6.2',
  },
  'R-FWD-REQ': {
    sentence:
      'A proxy adds its Via, takes one off Max-Forwards, takes its own Route away, and leaves the rest as it came.',
    reference: 'RFC 3261 16.6',
  },
  'R-FWD-RESP': {
    sentence: 'A proxy takes its Via off a response and leaves the rest as it came.',
    reference: 'RFC 3261 16.7',
  },
  'R-INDIALOG': {
    sentence:
      'A request within a dialog has the tags of the dialog, goes to its remote target by its route set, and counts on.',
    reference: 'RFC 3261 12.2',
  },
  'R-NEW': {
    sentence: 'What begins a dialog has no To tag, a Call-ID and a From tag of its own, and a Contact.',
    reference: 'RFC 3261 8.1.1, 12.1',
  },
  'R-ACK2': {
    sentence: 'The ACK to a 2xx has a branch of its own and the CSeq number of its INVITE.',
    reference: 'RFC 3261 13.2.2.4',
  },
  'R-ACKN': {
    sentence:
      'The ACK to a failure repeats branch, Request-URI, Route, From, Call-ID and CSeq number of its INVITE, and the To of the response.',
    reference: 'RFC 3261 17.1.1.3',
  },
  'R-CANCEL': {
    sentence: 'A CANCEL repeats what its request has, and waits for a provisional response.',
    reference: 'RFC 3261 9.1',
  },
  'R-SDP': {
    sentence: 'The o= line of a party stays the same in a session, and its version goes up by one with every change.',
    reference: 'RFC 3264 8',
  },
  'R-REPL': {
    sentence: "Replaces has its recipient's tag as to-tag, and early-only where the dialog must still be early.",
    reference: 'RFC 3891 3',
  },
  'R-JOIN': { sentence: "Join has its recipient's tag as to-tag.", reference: 'RFC 3911 4' },
  message: { sentence: 'What is drawn without parentheses belongs to the flow and appears.', reference: 'RFC 5359 1' },
  unexpected: { sentence: 'Nothing is sent that neither the flow nor a tolerance knows.', reference: 'RFC 5359 1' },
  malformed: { sentence: 'What is sent is a message of SIP/2.0.', reference: 'RFC 3261 7, 25.1' },
  status: { sentence: 'The request is answered with this status.', reference: 'RFC 3261 21' },
  order: { sentence: 'An effect does not come before its cause.', reference: 'RFC 5359 1' },
  repetition: {
    sentence:
      'A message is repeated byte for byte, and over a reliable transport only a 2xx to INVITE and its ACK are.',
    reference: 'RFC 3261 13.3.1.4, 17.1, 17.2',
  },
  scheme: { sentence: 'A dialog that began with sips stays with sips.', reference: 'RFC 3261 12.1.1, RFC 5630 3' },
  media: {
    sentence: 'RTP goes where the double lines of the ladder are, in their direction, and nowhere else.',
    reference: 'RFC 5359 1',
  },
  mix: { sentence: 'Each in a conference hears all others and not himself.', reference: 'RFC 4579 5' },
  requestUri: { sentence: 'The request goes to this address.', reference: 'RFC 3261 8.1.1.1, 12.2.1.1' },
  'requestUri.gruu': { sentence: 'The request goes to a GRUU.', reference: 'RFC 5627 4.5' },
  tags: { sentence: 'From and To carry the tags of the two parties.', reference: 'RFC 3261 8.1.1.3, 8.2.6.2, 12' },
  viaCount: { sentence: 'Each hop that the request has taken has one Via.', reference: 'RFC 3261 16.6, 16.7' },
  recordRoute: { sentence: 'The proxy stays on the path of the dialog.', reference: 'RFC 3261 16.6 step 4, 12.1.1' },
  route: { sentence: 'The request takes the route set.', reference: 'RFC 3261 12.2.1.1, 8.1.2' },
  routeLr: { sentence: 'The Route that a 305 makes is a loose one.', reference: 'RFC 3261 19.1.1, 8.1.3.4' },
  maxForwards: { sentence: 'Each hop takes one off Max-Forwards.', reference: 'RFC 3261 8.1.1.6, 16.6 step 3' },
  contact3xx: { sentence: 'A 305 names the proxy in its Contact.', reference: 'RFC 3261 21.3.4' },
  to: { sentence: 'Who is forwarded stays in To: only the Request-URI changes.', reference: 'RFC 3261 16.6 step 2' },
  branch: { sentence: 'The branch tells one transaction from another.', reference: 'RFC 3261 8.1.1.7' },
  cseqNumber: {
    sentence: 'The CSeq number tells which request this belongs to.',
    reference: 'RFC 3261 8.1.1.5, 12.2.1.1',
  },
  toTagSameAs: {
    sentence: 'The responses of one user agent to an INVITE and its CANCEL carry one To tag.',
    reference: 'RFC 3261 9.2',
  },
  toTagDistinctFrom: {
    sentence: 'Every user agent that answers has a To tag of its own.',
    reference: 'RFC 3261 12.1.1',
  },
  sdp: { sentence: 'The message carries this offer or answer.', reference: 'RFC 3264 5, 6' },
  'sdp.direction': { sentence: 'The direction of the stream says who sends.', reference: 'RFC 3264 6.1, 8.4' },
  'sdp.address': { sentence: 'A hold is never told by the unspecified address.', reference: 'RFC 3264 8.4' },
  'sdp.version': {
    sentence: 'The o= version counts the descriptions of one party in one session.',
    reference: 'RFC 3264 8',
  },
  'sdp.streams': { sentence: 'A later description has the same streams in the same order.', reference: 'RFC 3264 8' },
  'sdp.formats': {
    sentence: 'A stream is accepted with one format at least of those that were offered.',
    reference: 'RFC 3264 6.1',
  },
  'sdp.mediaPort': { sentence: 'Another call has another port.', reference: 'RFC 3264 5.1' },
  contact: { sentence: 'Contact is where the element itself is reached.', reference: 'RFC 3261 8.1.1.8, 12.1.1' },
  'contact.gruu': { sentence: 'Who is to be reached from outside the dialog gives a GRUU.', reference: 'RFC 5627 4.4' },
  'contact.mixer': { sentence: 'A conference has a Contact of its own, marked isfocus.', reference: 'RFC 4579 5.1' },
  'contact.params': { sentence: 'Contact tells what the user agent is and does.', reference: 'RFC 3840 9, RFC 4235 5' },
  'contact.notParams': { sentence: 'Contact stops saying what holds no longer.', reference: 'RFC 4235 5.2' },
  'contact.absentParams': { sentence: 'Contact does not say what does not hold.', reference: 'RFC 4235 5.1, 5.2' },
  'contact.sameUriAs': { sentence: 'All in one conference are given one focus.', reference: 'RFC 4579 5.1' },
  require: {
    sentence: 'Who does not know the extension must not go on without it.',
    reference: 'RFC 3261 20.32, RFC 3891 4',
  },
  supported: {
    sentence: 'The service works only with who says that he has the extension.',
    reference: 'RFC 3261 20.37',
  },
  allowIncludes: { sentence: 'The service works only with who takes the method.', reference: 'RFC 3261 20.5' },
  absent: { sentence: 'The header field has no place in this message.', reference: 'RFC 3261 20' },
  replaces: {
    sentence: 'Replaces names the dialog by the tags as its recipient sees them.',
    reference: 'RFC 3891 3, 6.1',
  },
  join: { sentence: 'Join names the dialog by the tags as its recipient sees them.', reference: 'RFC 3911 4, 7.1' },
  referTo: {
    sentence: 'Refer-To is the address to call, with the header fields that the call needs.',
    reference: 'RFC 3515 2.1, RFC 3261 19.1.1',
  },
  bodyUri: { sentence: 'The text carries the whole address to call, escaped.', reference: 'RFC 3261 19.1.1' },
  referredBy: { sentence: 'Referred-By says who asked, and is passed on unchanged.', reference: 'RFC 3892 2' },
  referSub: { sentence: 'Refer-Sub says whether there will be a subscription.', reference: 'RFC 4488 4' },
  'referSub.gruu': {
    sentence: 'A REFER without a subscription goes to an address that does not fork.',
    reference: 'RFC 4488 4',
  },
  event: { sentence: 'Event names the package, and one subscription keeps one id.', reference: 'RFC 6665 8.2.1' },
  subscriptionState: {
    sentence: 'Subscription-State says what became of the subscription.',
    reference: 'RFC 6665 4.1.3, 8.2.3',
  },
  expires: {
    sentence: 'Expires says for how long; a 2xx to SUBSCRIBE always has it.',
    reference: 'RFC 6665 3.1.1, 4.2.1',
  },
  accept: { sentence: 'The subscriber says which documents he reads.', reference: 'RFC 6665 3.1.3' },
  contentType: {
    sentence: 'The body is of the type that the package has.',
    reference: 'RFC 3261 20.15, RFC 6665 5.4.5',
  },
  sipfrag: { sentence: 'The fragment tells how the referred request fares.', reference: 'RFC 3515 2.4.5' },
  'sipfrag.dialog': {
    sentence: 'The fragment tells the new dialog, so that it can be replaced in turn.',
    reference: 'RFC 5359 2.3, 2.15',
  },
  dialogInfo: { sentence: 'The document tells the dialogs as they are.', reference: 'RFC 4235 4.1' },
  'dialogInfo.version': {
    sentence: 'Each document of a subscription is one version higher.',
    reference: 'RFC 4235 4.1, 4.3',
  },
  proxyAuthenticate: { sentence: 'The challenge has what a digest needs.', reference: 'RFC 3261 22.3, RFC 8760 2' },
  proxyAuthorization: {
    sentence: 'The credentials answer the challenge that was made.',
    reference: 'RFC 3261 22.3, 22.4, RFC 7616 3.4',
  },
  errorInfo: { sentence: 'Error-Info is where the caller hears why.', reference: 'RFC 3261 20.18' },
  closes: { sentence: 'After BYE nothing but its answer belongs to the session.', reference: 'RFC 3261 15' },
  endsUsage: {
    sentence: 'BYE ends the session, and the dialog lives as long as its subscription.',
    reference: 'RFC 5057 4.1',
  },
  statusAccept: {
    sentence: 'REFER and SUBSCRIBE are accepted with 200; 202 is the same.',
    reference: 'RFC 6665 8.3.1, RFC 7647 5',
  },
};

/** What a rule or a key of an expectation says. A key that is not told by itself is told by the one above it. */
export function sentenceOf(rule: string): Sentence {
  for (let name = rule; ; name = name.slice(0, name.lastIndexOf('.'))) {
    const found = sentences[name];
    if (found !== undefined) return found;
    if (!name.includes('.')) return { sentence: rule, reference: 'RFC 5359' };
  }
}

/** What a message that is missing is owed by; of those that nothing but the ladder asks for, what is said of `message`. */
export function sentenceOfAbsence({ kind, method, status, forwards }: FlowMessage): Sentence {
  if (forwards !== undefined) {
    return kind === 'request'
      ? { sentence: 'A proxy passes a request on to where it is for.', reference: 'RFC 3261 16.5, 16.6' }
      : { sentence: 'A proxy passes the response on to who has asked.', reference: 'RFC 3261 16.7' };
  }
  if (kind === 'response' && (status ?? 0) >= 200) {
    return { sentence: 'Every request but ACK gets a final response.', reference: 'RFC 3261 8.2, 13.3.1, 17.2' };
  }
  return (kind === 'request' ? owed[method] : undefined) ?? sentenceOf('message');
}

const owed: Readonly<Record<string, Sentence>> = {
  ACK: {
    sentence: 'Who has sent an INVITE acknowledges every final response to it.',
    reference: 'RFC 3261 13.2.2.4, 17.1.1.3',
  },
  BYE: { sentence: 'Who ends a session tells the other side with a BYE.', reference: 'RFC 3261 15.1.1' },
  CANCEL: { sentence: 'Who gives up before he is answered cancels his INVITE.', reference: 'RFC 3261 9.1' },
  NOTIFY: {
    sentence: 'Who accepts a SUBSCRIBE or a REFER sends a NOTIFY at once, and one when the state has changed.',
    reference: 'RFC 6665 4.2.1.2, 4.2.2, RFC 3515 2.4.4',
  },
};
