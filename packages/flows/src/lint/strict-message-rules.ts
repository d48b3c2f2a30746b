import { From, SipRequest, SipResponse, SipUri, SyntaxFault, To, Via } from '@switchhook/sip';
import type { NameAddr, SipMessage } from '@switchhook/sip';
import { contactOf, contactsIn } from '../checker/binding.ts';
import type { SaidMessage } from '../conversation/conversation.ts';
import { printedMessage, printedText } from '../oracle/printed-messages.ts';
import type { StrictRule } from './strict-rule.ts';

/** How messages are written, and what their header fields say of who sends them. */
export const strictMessageRules = {
  'strict.emptyLine': {
    sentence: 'An empty line stands between the header fields and the body, and nowhere before it.',
    reference: 'RFC 3261 7',
    errata: ['E2.10-03', 'E2.15-04'],
    *check({ flow, expected: { f } }) {
      const printed = printedText(flow.id, f);
      if (printed === printedMessage(flow.id, f)) return;
      const isEarly = /^[^\r]*\r\n\r\n/.test(printed);
      yield isEarly
        ? { expected: 'header fields after the first line', found: 'an empty line' }
        : { expected: 'an empty line before the body', found: 'none' };
    },
  },

  'strict.sentBy': {
    sentence: 'The Via of a request names the host that sends it.',
    reference: 'RFC 3261 18.1.1',
    errata: ['E2.4-01', 'E2.5-03', 'E2.6-04', 'E2.11-03', 'E2.13-10', 'E2.15-05'],
    *check({ flow, expected, message }) {
      const host = flow.elements.find(({ id }) => id === expected.from)?.host;
      const via = message instanceof SipRequest ? viaOf(message) : undefined;
      if (host === undefined || via === undefined || via.host === host) return;
      yield { expected: host, found: via.host };
    },
  },

  'strict.received': {
    sentence: 'One host has one address, and received says which.',
    reference: 'RFC 3261 18.2.1',
    errata: ['E-G14', 'E2.2-02'],
    *check({ message, earlier }) {
      const [one, others] = [receivedIn(message), earlier.map(({ message: each }) => receivedIn(each))];
      if (one === undefined) return;
      const first = others.find(
        (each) => each !== undefined && (each.host === one.host || each.address === one.address),
      );
      if (first === undefined || (first.host === one.host && first.address === one.address)) return;
      const text = ({ host, address }: Received): string => `${address} for ${host}`;
      yield { expected: `${text(first)} as before`, found: text(one) };
    },
  },

  'strict.acknowledgement': {
    sentence: 'Allow and Supported mean nothing in an ACK.',
    reference: 'RFC 3261 20, table 2',
    errata: ['E-G11'],
    *check({ message }) {
      if (message.cseqMethod !== 'ACK') return;
      const found = ['Allow', 'Supported'].filter((name) => message.has(name));
      if (found.length > 0) yield { expected: 'neither Allow nor Supported', found: found.join(', ') };
    },
  },

  'strict.supported': {
    sentence: 'An INVITE and its 2xx say what the user agent supports.',
    reference: 'RFC 3261 13.2.1, 20.37',
    errata: ['E-G13'],
    *check({ message }) {
      const isMeant = message instanceof SipRequest ? message.method === 'INVITE' : isSuccess(message, 'INVITE');
      if (isMeant && !message.has('Supported')) yield { expected: 'Supported', found: 'none' };
    },
  },

  'strict.allow': {
    sentence: 'A 2xx to INVITE says what the user agent takes.',
    reference: 'RFC 3261 13.3.1.4',
    errata: ['E2.12-03'],
    *check({ message }) {
      if (isSuccess(message, 'INVITE') && !message.has('Allow')) yield { expected: 'Allow', found: 'none' };
    },
  },

  'strict.provisionalOfProxy': {
    sentence: 'A proxy makes no To tag, so it says nothing provisional of its own but 100.',
    reference: 'RFC 3261 16.7 step 6',
    errata: ['E-G15'],
    *check({ flow, expected, message, earlier }) {
      const status = provisionalStatus(message);
      const role = flow.elements.find(({ id }) => id === expected.from)?.role;
      if (status === undefined || role !== 'proxy' || message.toTag === undefined) return;
      const isForwarded = earlier.some(
        ({ to, message: other }) => to === expected.from && other instanceof SipResponse && other.status === status,
      );
      if (!isForwarded) yield { expected: 'no To tag of the proxy', found: `${status} with a tag` };
    },
  },

  'strict.earlyDialog': {
    sentence: 'A provisional response with a To tag makes an early dialog, so it has a Contact.',
    reference: 'RFC 3261 12.1.1',
    errata: ['E-G16'],
    *check({ message }) {
      const status = provisionalStatus(message);
      if (status === undefined || message.toTag === undefined || contactOf(message) !== undefined) return;
      yield { expected: 'Contact', found: `none in ${status}` };
    },
  },

  'strict.nameAddr': {
    sentence: 'A Contact is safest within angle brackets.',
    reference: 'RFC 3261 20.10',
    errata: ['E2.17-07'],
    *check({ message }) {
      const text = message.raw('Contact');
      if (text !== undefined && contactOf(message) !== undefined && !text.includes('<')) {
        yield { expected: `<${text.trim()}>`, found: text.trim() };
      }
    },
  },

  'strict.automata': {
    sentence: 'The feature tag of who is no person is automata.',
    reference: 'RFC 3840 9',
    errata: ['E-G09'],
    *check({ message }) {
      if (contactsIn(message).some(({ parameters }) => parameters.has('automaton'))) {
        yield { expected: 'automata', found: 'automaton' };
      }
    },
  },

  'strict.rendering': {
    sentence: 'Rendering is told in dialogs that INVITE made.',
    reference: 'RFC 4235 5.2',
    errata: ['E2.15-08'],
    *check({ message }) {
      const isRendering = contactsIn(message).some(({ parameters }) => parameters.has('+sip.rendering'));
      if (isRendering && message.cseqMethod !== 'INVITE') {
        yield { expected: 'no +sip.rendering', found: `one in ${message.cseqMethod}` };
      }
    },
  },

  'strict.gruuOfDialog': {
    sentence: 'Who supports GRUU gives one as its Contact.',
    reference: 'RFC 5627 4.4',
    errata: ['E2.5-01', 'E2.10-04'],
    *check({ message }) {
      const uri = contactOf(message)?.uri;
      const supported = message.rawAll('Supported').join(',').toLowerCase();
      if (/\bgruu\b/.test(supported) && uri !== undefined && !isGruu(uri)) {
        yield { expected: 'a Contact with gr', found: uri.toString() };
      }
    },
  },

  'strict.gruuKept': {
    sentence: 'Who is reached by a GRUU stays with it.',
    reference: 'RFC 5627 4.4',
    errata: ['E2.3-04', 'E2.5-01'],
    *check({ expected, message, earlier }) {
      const uri = contactOf(message)?.uri;
      if (uri === undefined || isGruu(uri)) return;
      const before = earlier
        .filter(({ from }) => from === expected.from)
        .map(({ message: each }) => (each === undefined ? undefined : contactOf(each)?.uri))
        .find((each) => each !== undefined && isGruu(each));
      if (before !== undefined) yield { expected: before.toString(), found: uri.toString() };
    },
  },

  'strict.localUri': {
    sentence: 'A party keeps its URI in a dialog.',
    reference: 'RFC 3261 12.2.1.1',
    errata: ['E2.15-12'],
    *check({ message, earlier }) {
      if (!(message instanceof SipRequest) || message.toTag === undefined) return;
      const uri = uriOf(message, From);
      const before = earlier.map((each) => uriOfTag(each, message.fromTag)).find((each) => each !== undefined);
      if (before !== undefined && before !== uri) yield { expected: before, found: uri };
    },
  },

  'strict.digest': {
    sentence: 'A digest is of SHA-256, with MD5 beside it at most.',
    reference: 'RFC 8760 2',
    errata: ['E-G07'],
    *check({ message }) {
      const fields = [...message.rawAll('Proxy-Authenticate'), ...message.rawAll('Proxy-Authorization')];
      const algorithms = fields.map((field) => /algorithm\s*=\s*"?([\w-]+)/i.exec(field)?.[1] ?? 'MD5');
      if (algorithms.length > 0 && algorithms.every((each) => each.toUpperCase() === 'MD5')) {
        yield { expected: 'SHA-256', found: algorithms.join(', ') };
      }
    },
  },

  'strict.credentials': {
    sentence: 'Who was challenged repeats his credentials in later requests with the same Call-ID.',
    reference: 'RFC 3261 22.3',
    errata: ['E2.13-11'],
    *check({ expected, message, earlier }) {
      if (!(message instanceof SipRequest) || message.has('Proxy-Authorization')) return;
      const challenge = earlier.find(({ to, message: other }) => {
        const isChallenge = other instanceof SipResponse && other.status === 407 && other.callId === message.callId;
        return isChallenge && to === expected.from && other.cseqNumber !== message.cseqNumber;
      });
      if (challenge !== undefined) yield { expected: 'Proxy-Authorization', found: 'none' };
    },
  },

  'strict.breadth': {
    sentence: 'A request that a proxy sends on says how many branches it may be forked into.',
    reference: 'RFC 5393 5.3.3',
    errata: ['E-G19'],
    *check({ flow, expected, message, earlier }) {
      const role = flow.elements.find(({ id }) => id === expected.from)?.role;
      if (role !== 'proxy' || !(message instanceof SipRequest) || message.method === 'CANCEL') return;
      const isForwarded = earlier.some(({ to, message: other }) => {
        const isSame = other?.callId === message.callId && other.cseqNumber === message.cseqNumber;
        return isSame && to === expected.from && other instanceof SipRequest && other.method === message.method;
      });
      if (isForwarded && !message.has('Max-Breadth')) yield { expected: 'Max-Breadth', found: 'none' };
    },
  },
} satisfies Record<string, StrictRule>;

interface Received {
  readonly host: string;
  readonly address: string;
}

function receivedIn(message: SipMessage | undefined): Received | undefined {
  const via = message instanceof SipResponse ? viaOf(message) : undefined;
  const address = via === undefined ? undefined : /;received=([^;\s]*)/i.exec(via.toString())?.[1];
  return via === undefined || address === undefined ? undefined : { host: via.host, address };
}

function viaOf(message: SipMessage): Via | undefined {
  const via = message.get(Via);
  return via instanceof SyntaxFault ? undefined : via;
}

export function isSuccess(message: SipMessage, method: string): boolean {
  const isSuccessful = message instanceof SipResponse && message.status >= 200 && message.status < 300;
  return isSuccessful && message.cseqMethod === method;
}

/** The status of a provisional response to INVITE beyond 100. */
function provisionalStatus(message: SipMessage): number | undefined {
  if (!(message instanceof SipResponse) || message.cseqMethod !== 'INVITE') return undefined;
  return message.status > 100 && message.status < 200 ? message.status : undefined;
}

export function isGruu(uri: NameAddr['uri']): boolean {
  return uri instanceof SipUri && uri.parameters.has('gr');
}

/** The URI that goes with a tag in a message. */
function uriOfTag({ message }: SaidMessage, tag: string | undefined): string | undefined {
  if (message === undefined || tag === undefined) return undefined;
  if (message.fromTag === tag) return uriOf(message, From);
  return message.toTag === tag ? uriOf(message, To) : undefined;
}

function uriOf(message: SipMessage, type: typeof From): string {
  const value = message.get(type);
  return value === undefined || value instanceof SyntaxFault ? '' : value.uri.toString();
}
