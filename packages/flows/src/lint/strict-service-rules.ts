import { ReferSub, SipRequest, SipResponse, SyntaxFault } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import { contactOf, contactsIn } from '../checker/binding.ts';
import { sessionDescriptionOf } from '../conversation/session-description.ts';
import { isGruu, isSuccess } from './strict-message-rules.ts';
import type { StrictRule } from './strict-rule.ts';

/** What sessions, references and subscriptions say. */
export const strictServiceRules = {
  'strict.sessionName': {
    sentence: 'The name of a session has at least one character.',
    reference: 'RFC 8866 5.3',
    errata: ['E-G10'],
    *check({ message }) {
      if (/^s=\r?$/m.test(message.body)) yield { expected: 's=-', found: 's=' };
    },
  },

  'strict.description': {
    sentence: 'A line of a session description has no space after its equals sign.',
    reference: 'RFC 8866 5',
    errata: ['E2.12-01'],
    *check({ message }) {
      const line = /^[a-z]= \S[^\r\n]*/m.exec(sessionDescriptionOf(message)?.text ?? '')?.[0];
      if (line !== undefined) yield { expected: line.replace('= ', '='), found: line };
    },
  },

  'strict.sessionId': {
    sentence: 'Another session of a party has another id, unless it says the very same.',
    reference: 'RFC 8866 5.2',
    errata: ['E2.3-05', 'E2.15-11'],
    *check({ expected, message, earlier }) {
      const description = sessionDescriptionOf(message);
      if (description === undefined) return;
      const isTaken = earlier
        .filter(({ from, message: other }) => from === expected.from && other?.callId !== message.callId)
        .map(({ message: other }) => (other === undefined ? undefined : sessionDescriptionOf(other)))
        .some((other) => other?.sessionId === description.sessionId && other.text !== description.text);
      if (isTaken) yield { expected: 'an id of its own', found: `${description.sessionId} of another session` };
    },
  },

  'strict.direction': {
    sentence: 'Who renders nothing does not ask for media.',
    reference: 'RFC 4235 5.2, RFC 3264 5.1',
    errata: ['E2.13-10', 'E2.15-09'],
    *check({ message }) {
      const isDeaf = contactsIn(message).some(({ parameters }) => parameters.get('+sip.rendering')?.includes('no'));
      const direction = sessionDescriptionOf(message)?.media[0]?.direction;
      if (isDeaf && (direction === 'sendrecv' || direction === 'recvonly')) {
        yield { expected: 'sendonly', found: direction };
      }
    },
  },

  'strict.accepted': {
    sentence: 'REFER and SUBSCRIBE are answered with 200.',
    reference: 'RFC 6665 8.3.1, RFC 7647 5',
    errata: ['E-G01'],
    *check({ message }) {
      if (message instanceof SipResponse && message.status === 202) yield { expected: '200', found: '202' };
    },
  },

  'strict.reference': {
    sentence: 'A REFER makes a dialog of its own.',
    reference: 'RFC 6665 4.5.2, RFC 7647 4',
    errata: ['E-G02'],
    *check({ message, earlier }) {
      const isOfReference =
        message.cseqMethod === 'REFER' || (message instanceof SipRequest && message.method === 'NOTIFY');
      const isInSession = earlier.some(
        ({ message: other }) => other?.callId === message.callId && other.cseqMethod === 'INVITE',
      );
      if (isOfReference && isInSession) yield { expected: 'a dialog of its own', found: 'the dialog of a session' };
    },
  },

  'strict.notifier': {
    sentence: 'A notifier gives a GRUU as its Contact.',
    reference: 'RFC 6665 4.5.1, RFC 7647 3',
    errata: ['E-G03'],
    *check({ message, earlier }) {
      const isFirst = !earlier.some(({ message: other }) => isNotify(other) && other?.callId === message.callId);
      const isAcceptance = isSuccess(message, 'SUBSCRIBE') || isSuccess(message, 'REFER');
      if (!isFirst || (!isAcceptance && !isNotify(message)) || isWithoutSubscription(message)) return;
      const uri = contactOf(message)?.uri;
      if (uri === undefined || !isGruu(uri)) yield { expected: 'a GRUU', found: uri?.toString() ?? 'none' };
    },
  },

  'strict.allowEvents': {
    sentence: 'Who notifies says of which events, in an INVITE and its 2xx.',
    reference: 'RFC 6665 4.4.4',
    errata: ['E-G18'],
    *check({ flow, expected: { from }, message }) {
      const isMeant = isSuccess(message, 'INVITE') || (message instanceof SipRequest && message.method === 'INVITE');
      const isNotifier = flow.messages.some(
        (each) => each.from === from && each.kind === 'request' && each.method === 'NOTIFY',
      );
      if (isMeant && isNotifier && !message.has('Allow-Events')) yield { expected: 'Allow-Events', found: 'none' };
    },
  },

  'strict.referrer': {
    sentence: 'Who refers is proven, or is not believed.',
    reference: 'RFC 3892 2, 4',
    errata: ['E-G17'],
    *check({ message }) {
      const text = message.raw('Referred-By');
      if (text !== undefined && !/;\s*cid\s*=/i.test(text)) yield { expected: 'a token (cid)', found: text };
    },
  },

  'strict.norefersub': {
    sentence: 'Who says Refer-Sub knows norefersub.',
    reference: 'RFC 4488 4',
    errata: ['E2.18-04'],
    *check({ message }) {
      const supported = message.rawAll('Supported').join(', ');
      if (message.has('Refer-Sub') && !/\bnorefersub\b/i.test(supported)) {
        yield { expected: 'Supported: norefersub', found: supported || 'none' };
      }
    },
  },

  'strict.join': {
    sentence: 'Who does not know Join must not take the call for a new one.',
    reference: 'RFC 3911 7.2',
    errata: ['E2.11-04'],
    *check({ message }) {
      const required = message.rawAll('Require').join(', ');
      if (message.has('Join') && !/\bjoin\b/i.test(required)) {
        yield { expected: 'Require: join', found: required || 'none' };
      }
    },
  },

  'strict.fragment': {
    sentence: 'A fragment without a body says nothing of one.',
    reference: 'RFC 3420 2',
    errata: ['E2.4-04'],
    *check({ message }) {
      const [head = '', body = ''] = message.body.split(/\r\n\r\n(.*)/s);
      const described = /^Content-[\w-]+:.*/im.exec(head)?.[0];
      if (head.startsWith('SIP/2.0 ') && described !== undefined && body.trim() === '') {
        yield { expected: 'no Content-Type nor Content-Length', found: described.trim() };
      }
    },
  },

  'strict.identity': {
    sentence: 'An address in a document stands alone between its tags.',
    reference: 'RFC 4235 4.1.6',
    errata: ['E2.16-06'],
    *check({ message }) {
      const element = /<(identity|target)\b[^>]*>(\s[^<]*|[^<]*\s)</.exec(message.body);
      if (element !== null) yield { expected: (element[2] ?? '').trim(), found: 'white space around it' };
    },
  },

  'strict.markup': {
    sentence: 'An ampersand in markup is written as an entity.',
    reference: 'HTML 4.01 B.2.2',
    errata: ['E2.6-05'],
    *check({ message }) {
      if (!/^\s*text\/html/i.test(message.raw('Content-Type') ?? '')) return;
      if (/&(?![a-z]+;|#)/i.test(message.body)) yield { expected: '&amp;', found: '&' };
    },
  },
} satisfies Record<string, StrictRule>;

function isNotify(message: SipMessage | undefined): boolean {
  return message instanceof SipRequest && message.method === 'NOTIFY';
}

function isWithoutSubscription(message: SipMessage): boolean {
  const value = message.get(ReferSub);
  return value !== undefined && !(value instanceof SyntaxFault) && !value.subscribe;
}
