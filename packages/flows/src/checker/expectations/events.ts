import {
  Accept,
  Contact,
  ContentType,
  Event,
  Expires,
  NameAddr,
  parseUri,
  SipFragment,
  SubscriptionState,
  SyntaxFault,
} from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import { readDialogInformation } from '../../conversation/dialog-information.ts';
import type { DialogInformationEntry } from '../../conversation/dialog-information.ts';
import type { ToldDialog } from '../../oracle/expectation-schema.ts';
import type { Complaint, Exhibit, RuleCheck } from '../examination.ts';
import { same } from '../rules/responses.ts';
import { isSuppressed } from '../suppression.ts';
import { isTarget } from '../target.ts';

/** Subscriptions and what is notified (RFC 6665, RFC 3515, RFC 4235). */
export const eventExpectations = {
  *event({ expected, message, binding }) {
    const wanted = expected.expect.event;
    if (wanted === undefined) return;
    const event = message.get(Event);
    const found = event === undefined || event instanceof SyntaxFault ? undefined : event;
    yield* same('event.package', wanted.package, found?.type ?? 'none');
    if (wanted.id !== 'same as the first NOTIFY') return;
    const first = binding.flow.messages.find(
      ({ method, kind, dialog }) => method === 'NOTIFY' && kind === 'request' && dialog === expected.dialog,
    );
    const original = first === undefined ? undefined : binding.message(first.f)?.get(Event);
    if (original === undefined || original instanceof SyntaxFault) return;
    yield* same('event.id', original.id ?? 'none', found?.id ?? 'none');
  },

  *subscriptionState({ expected, message }) {
    const wanted = expected.expect.subscriptionState;
    if (wanted === undefined) return;
    const state = message.get(SubscriptionState);
    if (state === undefined || state instanceof SyntaxFault) {
      yield { key: 'subscriptionState.state', expected: wanted.state, found: state?.reason ?? 'none' };
      return;
    }
    const allowed = wanted.stateAccept ?? [wanted.state];
    if (!allowed.includes(state.state)) {
      yield { key: 'subscriptionState.state', expected: allowed.join(' or '), found: state.state };
    }
    if (wanted.reason !== undefined) yield* same('subscriptionState.reason', wanted.reason, state.reason ?? 'none');
    if (wanted.expires !== undefined && state.expires === undefined) {
      yield { key: 'subscriptionState.expires', expected: 'expires', found: 'none' };
    }
  },

  *expires({ expected, message }) {
    const wanted = expected.expect.expires;
    if (wanted === undefined) return;
    const found = message.get(Expires);
    const seconds = found === undefined || found instanceof SyntaxFault ? undefined : found;
    if (seconds === undefined || (wanted === 0 && seconds !== 0)) {
      yield { key: 'expires', expected: wanted === 0 ? '0' : 'Expires', found: String(seconds ?? 'none') };
    }
  },

  *accept({ expected, message }) {
    const wanted = expected.expect.accept;
    if (wanted === undefined) return;
    const types = message.all(Accept);
    const found =
      types instanceof SyntaxFault ? [] : types.map(({ type, subtype }) => `${type}/${subtype}`.toLowerCase());
    // Without the field a subscriber takes the package's own type (RFC 6665 3.1.3), which is written down as advice.
    if (!found.includes(wanted)) yield { key: 'accept', expected: wanted, found: found.join(', ') || 'none' };
  },

  *contentType({ expected, message }) {
    const wanted = expected.expect.contentType;
    if (wanted !== undefined) yield* same('contentType', wanted, contentTypeOf(message));
  },

  *sipfrag(exhibit) {
    const { expected, message, binding, tolerate } = exhibit;
    const wanted = expected.expect.sipfrag;
    if (wanted === undefined) return;
    const fragment = SipFragment.parse(message.body);
    const status = fragment instanceof SyntaxFault ? undefined : fragment.status;
    if (status === undefined || fragment instanceof SyntaxFault) {
      yield { key: 'sipfrag.status', expected: String(wanted.status), found: 'no status line' };
      return;
    }
    // The first NOTIFY may already tell the end (T5).
    if (wanted.class === 1 && status >= 200 && status < 300) tolerate('T5');
    else if (Math.floor(status / 100) !== wanted.class) {
      yield { key: 'sipfrag.class', expected: `${wanted.class}xx`, found: String(status) };
    }
    if (wanted.dialog === undefined) return;
    const dialog = binding.dialog(wanted.dialog.id);
    const text = (name: string): string =>
      [...fragment.headerFields].find((field) => field.name.toLowerCase() === name)?.value ?? 'none';
    yield* same('sipfrag.dialog.callId', dialog?.callId ?? '', text('call-id'));
    yield* same('sipfrag.dialog.fromTag', dialog?.tags.get(wanted.dialog.fromTag) ?? '', tagIn(text('from')));
    yield* same('sipfrag.dialog.toTag', dialog?.tags.get(wanted.dialog.toTag) ?? '', tagIn(text('to')));
    const contact = fragment.get(Contact);
    const uri = contact instanceof NameAddr ? contact.uri : undefined;
    yield* isTarget('sipfrag.dialog.contact', wanted.dialog.contact, uri, exhibit);
  },

  *dialogInfo(exhibit) {
    const { expected, message, binding, tolerate } = exhibit;
    const wanted = expected.expect.dialogInfo;
    if (wanted === undefined) return;
    const document = readDialogInformation(message.body);
    if (document === undefined) {
      yield { key: 'dialogInfo', expected: 'a dialog-info document', found: 'none that reads' };
      return;
    }
    const entity = parseUri(document.entity);
    yield* isTarget('dialogInfo.entity', wanted.entity, entity instanceof SyntaxFault ? undefined : entity, exhibit);
    yield* growsByOne(document.version, exhibit);
    for (const dialog of wanted.dialogs) {
      const entry = document.dialogs.find(({ state }) => state === dialog.state);
      // Without any dialog the document says as well that there is none (2.17 F8).
      if (entry === undefined && dialog.state === 'terminated' && document.dialogs.length === 0) continue;
      if (entry === undefined && isSuppressed(dialog, expected, binding)) {
        tolerate('T25');
        continue;
      }
      if (entry === undefined) {
        const states = document.dialogs.map(({ state }) => state).join(', ') || 'none';
        yield { key: 'dialogInfo.dialogs.state', expected: dialog.state, found: states };
        continue;
      }
      yield* describesDialog(dialog, entry, exhibit);
    }
  },
} satisfies Record<string, RuleCheck>;

/** Each document is one version higher than the one before it in its subscription (RFC 4235 4.1). */
function* growsByOne(version: number, { message, said, binding }: Exhibit): Iterable<Complaint> {
  const previous = binding
    .before(said)
    .filter(({ from, message: other }) => from === said.from && other?.callId === message.callId)
    .map(({ message: other }) => (other === undefined ? undefined : readDialogInformation(other.body)))
    .findLast((document) => document !== undefined);
  if (previous === undefined || version === previous.version + 1) return;
  yield { key: 'dialogInfo.version', expected: String(previous.version + 1), found: String(version) };
}

function* describesDialog(wanted: ToldDialog, entry: DialogInformationEntry, exhibit: Exhibit): Iterable<Complaint> {
  const { binding } = exhibit;
  const dialog = wanted.dialog === undefined ? undefined : binding.dialog(wanted.dialog);
  if (dialog !== undefined) {
    const tag = (element: string | undefined): string =>
      element === undefined ? '' : (dialog.tags.get(element) ?? '');
    yield* same('dialogInfo.dialogs.callId', dialog.callId, entry.callId ?? 'none');
    yield* same('dialogInfo.dialogs.localTag', tag(wanted.localTag), entry.localTag ?? 'none');
    yield* same('dialogInfo.dialogs.remoteTag', tag(wanted.remoteTag), entry.remoteTag ?? 'none');
  }
  if (wanted.direction !== undefined) {
    yield* same('dialogInfo.dialogs.direction', wanted.direction, entry.direction ?? 'none');
  }
  if (wanted.remoteTarget !== undefined) {
    const uri = parseUri(entry.remoteTarget ?? '');
    const found = uri instanceof SyntaxFault ? undefined : uri;
    yield* isTarget('dialogInfo.dialogs.remoteTarget', wanted.remoteTarget, found, exhibit);
  }
  if (wanted.sameIdAs !== undefined) {
    const other = idsIn(wanted.sameIdAs, binding);
    if (other.length > 0 && !other.includes(entry.id)) {
      yield { key: 'dialogInfo.dialogs.id', expected: other.join(' or '), found: entry.id };
    }
  }
  if (wanted.newId !== true) return;
  const used = binding.flow.messages
    .filter(({ f }) => f !== exhibit.expected.f && isBefore(f, exhibit))
    .flatMap(({ f }) => idsIn(f, binding));
  if (used.includes(entry.id)) yield { key: 'dialogInfo.dialogs.id', expected: 'a new id', found: entry.id };
}

function isBefore(f: string, { said, binding }: Exhibit): boolean {
  const other = binding.matched.get(f);
  return other !== undefined && binding.before(said).includes(other);
}

function idsIn(f: string, binding: Exhibit['binding']): readonly string[] {
  return readDialogInformation(binding.message(f)?.body ?? '')?.dialogs.map(({ id }) => id) ?? [];
}

function contentTypeOf(message: SipMessage): string {
  const type = message.get(ContentType);
  return type === undefined || type instanceof SyntaxFault ? 'none' : `${type.type}/${type.subtype}`.toLowerCase();
}

function tagIn(text: string): string {
  return /;\s*tag=([^;\s]+)/i.exec(text)?.[1] ?? 'none';
}
