import { Join, Replaces, SyntaxFault } from '@switchhook/sip';
import type { Complaint, Exhibit } from '../examination.ts';
import { same } from './responses.ts';

/** R-REPL: Replaces names the dialog with its recipient's tag as to-tag (RFC 3891 3). */
export function* replacesDialog({ expected, message, binding }: Exhibit): Iterable<Complaint> {
  const wanted = expected.expect.replaces;
  if (wanted === undefined) return;
  const found = message.get(Replaces);
  if (found === undefined || found instanceof SyntaxFault) {
    yield { key: 'replaces', expected: `Replaces with the dialog ${wanted.dialog}`, found: found?.reason ?? 'none' };
    return;
  }
  yield* namesDialog('replaces', wanted, found, binding);
}

/** Call-ID, tags and, for Replaces, early-only of a dialog that is named in a header field or an address. */
export function* namesDialog(
  key: string,
  wanted: { readonly dialog: string; readonly toTag: string; readonly fromTag: string; readonly earlyOnly?: boolean },
  found: Replaces | Join,
  binding: Exhibit['binding'],
): Iterable<Complaint> {
  const dialog = binding.dialog(wanted.dialog);
  if (dialog === undefined) return;
  yield* same(`${key}.callId`, dialog.callId, found.callId);
  yield* same(`${key}.toTag`, dialog.tags.get(wanted.toTag) ?? found.toTag, found.toTag);
  yield* same(`${key}.fromTag`, dialog.tags.get(wanted.fromTag) ?? found.fromTag, found.fromTag);
  if (wanted.earlyOnly === undefined) return;
  const isEarlyOnly = 'earlyOnly' in found && found.earlyOnly;
  const words = (early: boolean): string => (early ? 'early-only' : 'no early-only');
  yield* same(`${key}.earlyOnly`, words(wanted.earlyOnly), words(isEarlyOnly));
}

/** R-JOIN: Join names the dialog as Replaces does (RFC 3911 4). */
export function* joinsDialog({ expected, message, binding }: Exhibit): Iterable<Complaint> {
  const wanted = expected.expect.join;
  if (wanted === undefined) return;
  const found = message.get(Join);
  if (found === undefined || found instanceof SyntaxFault) {
    yield { key: 'join', expected: `Join with the dialog ${wanted.dialog}`, found: found?.reason ?? 'none' };
    return;
  }
  yield* namesDialog('join', wanted, found, binding);
}
