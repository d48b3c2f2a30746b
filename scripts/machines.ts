/** What the docs show of the state machines, made from their tables. */
import { redialMachine } from '@switchhook/phone';
import {
  dialogStateMachine,
  incomingInviteMachine,
  incomingReferralMachine,
  inviteClient,
  inviteServer,
  modificationMachine,
  nonInviteClient,
  nonInviteServer,
  notificationPace,
  notifierMachine,
  outgoingInviteMachine,
  outgoingReferralMachine,
  registrationFlow,
  sessionMachine,
  silenceMachine,
  subscriberMachine,
  subscriptionMachine,
} from '@switchhook/sip';
import { type AnyMachine, machinePicture, machineTable } from './machine-picture.ts';

interface DrawnMachine {
  /** Names the picture, and the place of its table in the text. */
  readonly name: string;
  readonly title: string;
  readonly machine: AnyMachine;
}

/** The pages of docs that show machines; the pictures of a page are in the folder of its name. */
const pages: Readonly<Record<string, readonly DrawnMachine[]>> = {
  transactions: [
    { name: 'invite-client', title: 'INVITE client transaction', machine: inviteClient },
    { name: 'non-invite-client', title: 'Non-INVITE client transaction', machine: nonInviteClient },
    { name: 'invite-server', title: 'INVITE server transaction', machine: inviteServer },
    { name: 'non-invite-server', title: 'Non-INVITE server transaction', machine: nonInviteServer },
  ],
  'user-agent': [{ name: 'registration-flow', title: 'A flow of a registration', machine: registrationFlow }],
  referrals: [
    { name: 'outgoing-referral', title: 'A REFER of this side', machine: outgoingReferralMachine },
    { name: 'incoming-referral', title: 'A REFER of the far end', machine: incomingReferralMachine },
  ],
  subscriptions: [
    { name: 'subscriber', title: 'A subscription, seen by its subscriber', machine: subscriberMachine },
    { name: 'subscription', title: 'A subscription that is taken up again', machine: subscriptionMachine },
    { name: 'notifier', title: 'A subscription, seen by its notifier', machine: notifierMachine },
    { name: 'dialog-state', title: 'A dialog, seen by who watches it', machine: dialogStateMachine },
    { name: 'redial', title: 'Automatic redial', machine: redialMachine },
    { name: 'notification-pace', title: 'When NOTIFYs go out', machine: notificationPace },
  ],
  sessions: [
    { name: 'outgoing-invite', title: 'An INVITE of this side', machine: outgoingInviteMachine },
    { name: 'incoming-invite', title: 'An INVITE of the far end', machine: incomingInviteMachine },
    { name: 'session', title: 'The life of a session', machine: sessionMachine },
    { name: 'modification', title: 'Who is offering what', machine: modificationMachine },
    { name: 'silence', title: 'A far end from which nothing comes', machine: silenceMachine },
  ],
};

/** The names of those pages, without `.md`. */
export const machinePages: readonly string[] = Object.keys(pages);

/** The pictures of a page by the names of their files. */
export function machinePictures(page: string): ReadonlyMap<string, string> {
  const machines = pages[page] ?? [];
  return new Map(machines.map(({ name, title, machine }) => [`${name}.svg`, machinePicture(title, machine)]));
}

/** The text of a page with each machine's table between its two marks. */
export function withMachineTables(page: string, text: string): string {
  return (pages[page] ?? []).reduce((result, { name, machine }) => {
    const begin = `<!-- npm run docs: ${name} -->\n`;
    const end = '<!-- end -->';
    const from = result.indexOf(begin);
    const to = result.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`there is no place for the table of ${name}`);
    return `${result.slice(0, from)}${begin}\n${machineTable(machine)}\n${result.slice(to)}`;
  }, text);
}
