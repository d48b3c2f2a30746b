import type { Uri, WatchedDialog } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import { partyOfUri } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { replacesOfDialog } from './dialog-watch.ts';
import { takeOver } from './take-over.ts';

export interface PickUpOptions {
  /** Takes a call, too, that has been answered there already (RFC 5359 2.16). False without it. */
  readonly evenAnswered?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A call that rings at somebody's, who lets this phone know. */
interface RingingCall {
  readonly at: Uri;
  readonly dialog: WatchedDialog;
}

/**
 * Takes a call that rings at somebody else's (RFC 5359 2.16). Of several, at one phone or at those of a group, the one
 * that has rung longest. Resolves when it is this phone's; whoever of a group does not answer or does not tell does not
 * keep it from the others.
 */
export async function pickUp(
  host: ServiceHost,
  targets: readonly Uri[],
  { evenAnswered = false, signal }: PickUpOptions = {},
): Promise<Call> {
  const ringing = await ringingAt(host, targets, evenAnswered);
  signal?.throwIfAborted();
  const [longest] = ringing.toSorted((one, other) => (other.dialog.duration ?? 0) - (one.dialog.duration ?? 0));
  if (longest === undefined) throw new PhoneError({ kind: 'no-call' }, targets.map(nameOf).join(', '));
  return takeOver(host, longest.dialog, { earlyOnly: !evenAnswered, signal });
}

async function ringingAt(
  host: ServiceHost,
  targets: readonly Uri[],
  evenAnswered: boolean,
): Promise<readonly RingingCall[]> {
  const answers = await Promise.allSettled(targets.map((target) => host.dialogWatch.dialogsOf(target)));
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed !== undefined && answers.every(({ status }) => status === 'rejected')) throw failed.reason;
  return answers.flatMap((answer, index) => {
    const at = targets[index];
    if (answer.status === 'rejected' || at === undefined) return [];
    return answer.value.filter((dialog) => canPickUp(dialog, evenAnswered)).map((dialog) => ({ at, dialog }));
  });
}

/** What the phone there has dialled itself is nobody else's to answer. */
function canPickUp(dialog: WatchedDialog, evenAnswered: boolean): boolean {
  const { state, direction } = dialog;
  const isRight = state === 'early' || (evenAnswered && state === 'confirmed');
  return isRight && direction !== 'initiator' && replacesOfDialog(dialog, false) !== undefined;
}

function nameOf(uri: Uri): string {
  return partyOfUri(uri).name;
}
