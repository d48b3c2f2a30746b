import { SipRequest } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import { readDialogInformation } from '../conversation/dialog-information.ts';
import type { ToldDialog } from '../oracle/expectation-schema.ts';
import type { FlowMessage } from '../oracle/flow-schema.ts';
import type { Binding, BoundDialog } from './binding.ts';

/**
 * Whether a notifier leaves a dialog out because the subscriber is in it himself, which RFC 4235 3.3 makes the default: the remote target of
 * the dialog is the Contact of the subscriber, and no document of the subscription tells of it. Who has told once tells always.
 */
export function isSuppressed({ withSubscriber }: ToldDialog, notify: FlowMessage, binding: Binding): boolean {
  const session = withSubscriber === undefined ? undefined : binding.dialog(withSubscriber);
  const subscription = binding.dialogOf(notify);
  if (session === undefined || subscription === undefined) return false;
  const documents = binding.messages.filter((said) => isOf(subscription, notify.from, said));
  const last = documents.at(-1);
  if (last === undefined) return false;
  const [own, target] = [subscription, session].map((dialog) => binding.remoteTarget(dialog, notify.to, last));
  return own?.equals(target) === true && !documents.some((said) => tellsOf(session, said, binding));
}

function isOf({ callId }: BoundDialog, notifier: string, { from, message }: SaidMessage): boolean {
  return from === notifier && message instanceof SipRequest && message.method === 'NOTIFY' && message.callId === callId;
}

/** A dialog without identifiers (RFC 4235 3.7.2) that goes on is this one once it has begun. */
function tellsOf({ callId }: BoundDialog, said: SaidMessage, binding: Binding): boolean {
  const hasBegun = binding.before(said).some(({ message }) => message?.callId === callId);
  const dialogs = readDialogInformation(said.message?.body ?? '')?.dialogs ?? [];
  return dialogs.some((dialog) =>
    dialog.callId === undefined ? hasBegun && dialog.state !== 'terminated' : dialog.callId === callId,
  );
}
