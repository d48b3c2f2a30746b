import { ErrorInfo, parseUri, ReferTo, NameAddr, SipRequest, SipUri, SyntaxFault } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import { readDialogInformation } from '../conversation/dialog-information.ts';
import type { Target } from '../oracle/expectation-schema.ts';
import { contactOf, isSameAddress } from './binding.ts';
import type { Binding } from './binding.ts';
import type { Complaint, Exhibit } from './examination.ts';

/** Holds an address against the symbol that stands for it. */
export function* isTarget(key: string, wanted: Target, found: Uri | undefined, exhibit: Exhibit): Iterable<Complaint> {
  if (found === undefined) {
    yield { key, expected: nameOf(wanted), found: 'no address that reads' };
    return;
  }
  if (!matches(wanted, found, exhibit.binding)) yield { key, expected: nameOf(wanted), found: found.toString() };
  if (wanted.gruu === true) yield* isGruu(`${key}.gruu`, found);
  if (!(found instanceof SipUri)) return;
  if (wanted.e164 !== undefined && found.user !== wanted.e164 && !isRemoteTarget(wanted, found, exhibit)) {
    yield { key: `${key}.e164`, expected: wanted.e164, found: found.toString() };
  }
  if (wanted.userParam !== undefined && found.parameters.get('user') !== wanted.userParam) {
    yield { key: `${key}.userParam`, expected: `user=${wanted.userParam}`, found: found.toString() };
  }
}

/** Within a dialog requests go to what the far end's Contact says, be it a number or not (RFC 3261 12.2.1.1). */
function isRemoteTarget(wanted: Target, found: SipUri, { expected, binding }: Exhibit): boolean {
  if (!expected.inDialog || wanted.contact === undefined) return false;
  return binding.contactsOf(wanted.contact).some((contact) => isSameAddress(contact, found));
}

/** An address with `gr` (RFC 5627); without, it may be routable all the same (T17), so that is advice. */
export function* isGruu(key: string, uri: Uri): Iterable<Complaint> {
  if (uri instanceof SipUri && uri.parameters.has('gr')) return;
  yield { key, expected: 'a GRUU', found: uri.toString() };
}

function matches(wanted: Target, found: Uri, binding: Binding): boolean {
  if (wanted.sameAs !== undefined) return isSameAddress(referredAddress(wanted.sameAs, binding), found);
  if (wanted.errorInfo !== undefined) return isSameAddress(errorInfoOf(wanted.errorInfo, binding), found);
  if (wanted.announcement !== undefined) return true;
  const named = wanted.aor ?? wanted.service;
  if (named !== undefined) return isAddressOfRecord(named, found, binding);
  if (wanted.contact === undefined) return true;
  const host = found instanceof SipUri ? found.host : '';
  return (
    binding.contactsOf(wanted.contact).some((contact) => isSameAddress(contact, found)) ||
    binding.isHostOf(wanted.contact, host) ||
    // A server's Contact may be its address of record, and a GRUU is one with a parameter.
    isAddressOfRecord(wanted.contact, found, binding)
  );
}

function isAddressOfRecord(element: string, found: Uri, binding: Binding): boolean {
  const { addressOfRecord, otherAddresses = [] } = binding.participant(element) ?? {};
  return [addressOfRecord, ...otherAddresses].some(
    (each) => each !== undefined && isSameAddress(parseUri(each), found),
  );
}

/** `F1`: its Request-URI. `F10 Contact`, `F15 Refer-To`, `F18 dialog/remote/target`: that of it. */
function referredAddress(reference: string, binding: Binding): Uri | undefined {
  const [f = '', part = ''] = reference.split(' ');
  const message = binding.message(f);
  if (message === undefined) return undefined;
  if (part === 'Contact') return contactOf(message)?.uri;
  if (part === 'Refer-To') {
    const value = message.get(ReferTo);
    return value instanceof NameAddr ? value.uri : undefined;
  }
  const uri =
    part === ''
      ? message instanceof SipRequest
        ? message.requestUri
        : undefined
      : parseUri(readDialogInformation(message.body)?.dialogs[0]?.remoteTarget ?? '');
  return uri instanceof SyntaxFault ? undefined : uri;
}

function errorInfoOf(f: string, binding: Binding): Uri | undefined {
  const value = binding.message(f)?.get(ErrorInfo);
  return value === undefined || value instanceof SyntaxFault ? undefined : value.uri;
}

function nameOf({ aor, contact, service, errorInfo, sameAs, announcement }: Target): string {
  if (sameAs !== undefined) return `the same as ${sameAs}`;
  if (aor !== undefined) return `the address of record of ${aor}`;
  if (service !== undefined) return `the address of ${service}`;
  if (errorInfo !== undefined) return `the Error-Info of ${errorInfo}`;
  if (announcement !== undefined) return `the announcement ${announcement}`;
  return `the Contact of ${contact ?? ''}`;
}
