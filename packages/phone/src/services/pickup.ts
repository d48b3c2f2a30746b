import type { Uri, WatchedDialog } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import { partyOfUri } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { longestOf, replacesOfDialog, whyNone } from './dialog-watch.ts';
import { takeOver } from './take-over.ts';

/** Which calls are picked up; `signal` gives it up. */
export interface PickUpOptions {
  /** Takes a call, too, that has been answered there already (RFC 5359 2.16). False without it. */
  readonly evenAnswered?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
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
  const dialogs = await dialogsAt(host, targets, signal);
  const longest = longestOf(dialogs.filter((dialog) => canPickUp(dialog, evenAnswered)));
  if (longest === undefined) throw new PhoneError({ kind: whyNone(dialogs) }, targets.map(nameOf).join(', '));
  return takeOver(host, longest, { earlyOnly: !evenAnswered, signal });
}

async function dialogsAt(
  host: ServiceHost,
  targets: readonly Uri[],
  signal: AbortSignal | undefined,
): Promise<readonly WatchedDialog[]> {
  const answers = await Promise.allSettled(targets.map((target) => host.dialogWatch.dialogsOf(target, signal)));
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed !== undefined && answers.every(({ status }) => status === 'rejected')) throw failed.reason;
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
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
