import {
  decodeUtf8,
  encodeUtf8,
  headerField,
  NameAddr,
  parseUri,
  referenceOfUri,
  ReferredBy,
  referTo,
  SipUri,
  SyntaxFault,
  TelUri,
} from '@switchhook/sip';
import type { HeaderInit, InstantMessages, InviteSession, Reference, Uri } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { failureOfRequest, failureOfResponse, PhoneError } from '../failure.ts';
import type { Failure } from '../failure.ts';
import { partyOfUri } from '../party.ts';
import type { Party } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { linkFor } from './link-recipient.ts';
import { takingPlaceOf } from './transfer.ts';

/** Characters of a link; longer ones are none. */
const longestLink = 2_048;

/** An address to call in a text that somebody has sent. */
export class CallLink {
  /** Whom it calls. */
  readonly target: Party;
  /** Whether it takes somebody's place in a call, whose far end `target` is (RFC 5359 2.6). */
  readonly replaces: boolean;
  readonly #host: Pick<ServiceHost, 'dial'>;
  readonly #reference: Reference;
  readonly #sender: Uri;
  #isUsed = false;

  /** For the phone: a link that `sender` has sent. */
  constructor(host: Pick<ServiceHost, 'dial'>, reference: Reference, sender: Uri) {
    this.#host = host;
    this.#reference = reference;
    this.#sender = sender;
    this.target = partyOfUri(reference.uri);
    this.replaces = reference.replaces !== undefined;
  }

  /** Calls. It works once: throws where it was followed before, unless that came to nothing. */
  follow(): Call {
    if (this.#isUsed) throw new PhoneError({ kind: 'ended' }, this.target.name);
    const { uri, headers } = this.#reference;
    // Whose place it is to be says who is let in (RFC 3892): who has sent the link, as this side has heard it.
    const sentBy: readonly HeaderInit[] = this.replaces
      ? [headerField(ReferredBy, NameAddr.of({ uri: this.#sender }))]
      : [];
    const call = this.#host.dial(uri, { headers: [...headers, ...sentBy] });
    this.#isUsed = true;
    call.answered().catch(() => (this.#isUsed = false));
    return call;
  }
}

/** The first address to call in a text that `sender` has sent, by `sip:`, `sips:` or `tel:`. Nothing else of it is looked at, and nothing fetched. */
export function linkIn(host: Pick<ServiceHost, 'dial'>, text: string, sender: Uri): CallLink | undefined {
  const found = /\b(?:sips?|tel):[^\s<>"']+/i.exec(text)?.[0];
  if (found === undefined || found.length > longestLink) return undefined;
  const uri = parseUri(encodeUtf8(found.replace(/[.,;!]+$/, '')));
  const reference = uri instanceof SipUri ? referenceOfUri(uri) : referenceOfTel(uri);
  if (reference === undefined || reference instanceof SyntaxFault || reference.method !== 'INVITE') return undefined;
  return new CallLink(host, reference, sender);
}

function referenceOfTel(uri: Uri | SyntaxFault): Reference | undefined {
  if (!(uri instanceof TelUri)) return undefined;
  return { uri, method: 'INVITE', replaces: undefined, join: undefined, headers: [] };
}

/** What a person reads of HTML: its text, without the marks. */
export function textOfHtml(html: string): string {
  const text = html.replace(/<(script|style)\b[\s\S]*?<\/\1\s*>/gi, ' ').replace(/<[^>]*>/g, ' ');
  return unescaped(text).replace(/\s+/g, ' ').trim();
}

/** The entities that stand in links and in plain sentences. */
export function unescaped(html: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return html.replace(/&(amp|lt|gt|quot|#39);/g, (_whole, name: string) => entities[name] ?? '');
}

/**
 * Sends somebody a text with a link by which he, and nobody else, takes this side's place in a call (RFC 5359 2.6). Undefined
 * when he has it; the call goes on until he follows it.
 */
export async function sendLink(
  messages: InstantMessages,
  session: InviteSession,
  to: Uri,
): Promise<Failure | undefined> {
  const link = referTo(session.dialog.remoteTarget, takingPlaceOf(session.dialog, linkFor(to))).uri.toString();
  const who = partyOfUri(session.dialog.remoteAddress.uri).name;
  const html = `<html><body>Please take over my call: <a href="${escaped(decodeUtf8(link))}">${escaped(who)}</a></body></html>`;
  const sent = await messages.send(to, html, { contentType: 'text/html;charset=UTF-8' });
  // Plain phones read plain text alone.
  const isUnread = !('code' in sent) && sent.status === 415;
  const outcome = isUnread ? await messages.send(to, `Please take over my call: ${decodeUtf8(link)}`) : sent;
  if ('code' in outcome) return failureOfRequest(outcome);
  return outcome.status < 300 ? undefined : failureOfResponse(outcome);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
