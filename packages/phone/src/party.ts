import { decodeUtf8, encodeUtf8, parseUri, SipUri, SyntaxFault, TelUri } from '@switchhook/sip';
import type { Uri, NameAddr } from '@switchhook/sip';

/** Somebody at the far end: as a program addresses him, and as a person calls him. */
export interface Party {
  /** `sip:bob@example.com` */
  readonly uri: string;
  /** The display name, else the user part, else the host; of a conference that somebody has, so much. Text from outside: whoever shows it takes care of control characters. */
  readonly name: string;
}

/** The parameter of a phone's URI that names a conference of it. */
export const conferenceParameter = 'conference';

/** Whom an address names (From, To, P-Asserted-Identity). */
export function partyOf({ displayName, uri }: NameAddr): Party {
  const name = displayName === undefined ? '' : decodeUtf8(displayName).trim();
  return { uri: addressOf(uri), name: name === '' ? nameOf(uri) : name };
}

/** Whom a URI names, where no display name goes with it. */
export function partyOfUri(uri: Uri): Party {
  return { uri: addressOf(uri), name: nameOf(uri) };
}

/** The scheme stays, so that a sips URI is called as one; parameters go. */
function addressOf(uri: Uri): string {
  return uri instanceof SipUri ? uri.addressOfRecord.replace(/^sip/, uri.scheme) : uri.toString();
}

function nameOf(uri: Uri): string {
  if (uri instanceof SipUri) {
    const name = decodeUtf8(uri.user ?? uri.host);
    return uri.parameters.has(conferenceParameter) ? `conference of ${name}` : name;
  }
  return uri instanceof TelUri ? uri.number : uri.toString();
}

/**
 * The URI that a person means: a whole one (`sip:bob@example.com`, `sips:…`, `tel:+15551234`), `bob@example.com`, or
 * `bob` and `2001` alone, which are of `home`'s domain. Where no scheme is named it is that of `home`, sip or sips.
 * Undefined for what is none of these.
 */
export function uriFor(target: string, home: SipUri): Uri | undefined {
  const text = target.trim();
  if (/^(?:sips?|tel):/i.test(text)) return parsed(encodeUtf8(text));
  const at = text.lastIndexOf('@');
  const user = at < 0 ? text : text.slice(0, at);
  const host = at < 0 ? home.hostport : text.slice(at + 1);
  if (user === '' || /[\s<>":@]/.test(user)) return undefined;
  const uri = parsed(`${home.scheme}:${host}`);
  // A host that reads, and nothing behind it that a person did not mean.
  return uri instanceof SipUri && uri.user === undefined ? uri.with({ user: encodeUtf8(user) }) : undefined;
}

function parsed(text: string): Uri | undefined {
  const uri = parseUri(text);
  return uri instanceof SyntaxFault ? undefined : uri;
}
