import { SipUri } from '@switchhook/sip';

/**
 * What the recordings that come along say. The name is what an Error-Info names (RFC 3261 20.18), and that of the file in
 * `recordings/`.
 */
export const announcementTexts = {
  unavailable: 'The person you are calling cannot take your call at the moment.',
  busy: 'The line is busy. Please try again later.',
  'no-answer': 'Nobody answers. Please try again later.',
  'not-registered': 'The telephone you are calling is switched off.',
  'not-found': 'There is nobody at the address you have called.',
  'screened-incoming': 'The person you are calling does not take your calls.',
  'screened-outgoing': 'Calls to this address are not allowed from your telephone.',
  'anonymous-refused': 'The person you are calling does not take calls of callers who do not say who they are.',
  'do-not-disturb': 'The person you are calling does not want to be disturbed.',
  'too-many-forwards': 'Your call was forwarded too often and cannot be completed.',
  'not-allowed': 'You may not do this.',
  'not-understood': 'This code is not known.',
  'forwarding-on': 'All your calls are forwarded from now on.',
  'forwarding-off': 'Your calls are not forwarded any more.',
  'busy-forwarding-on': 'Calls that find you busy are forwarded from now on.',
  'busy-forwarding-off': 'Calls that find you busy are not forwarded any more.',
  'no-answer-forwarding-on': 'Calls that you do not answer are forwarded from now on.',
  'no-answer-forwarding-off': 'Calls that you do not answer are not forwarded any more.',
  'unavailable-forwarding-on': 'Calls are forwarded from now on while your telephone cannot be reached.',
  'unavailable-forwarding-off': 'Calls are not forwarded any more while your telephone cannot be reached.',
  'do-not-disturb-on': 'You will not be disturbed.',
  'do-not-disturb-off': 'Calls come through to you again.',
  'anonymous-rejection-on': 'Callers who do not say who they are are turned away from now on.',
  'anonymous-rejection-off': 'Callers who do not say who they are come through to you again.',
  'target-missing': 'Dial the number directly behind the code, please. Nothing was changed.',
  'target-unknown': 'There is nobody at that number. Nothing was changed.',
  'target-own': 'That is your own number. Nothing was changed.',
  'target-circle': 'Calls would go round in a circle. Nothing was changed.',
  'target-not-allowed': 'You may not call that number. Nothing was changed.',
  'not-changed': 'Something went wrong. Nothing was changed.',
  'nothing-parked': 'No call is parked here.',
  'lot-full': 'All parking slots are taken.',
  'digit-0': 'zero',
  'digit-1': 'one',
  'digit-2': 'two',
  'digit-3': 'three',
  'digit-4': 'four',
  'digit-5': 'five',
  'digit-6': 'six',
  'digit-7': 'seven',
  'digit-8': 'eight',
  'digit-9': 'nine',
  'digit-plus': 'plus',
} as const;

/** A recording that comes along. */
export type AnnouncementName = keyof typeof announcementTexts;

/** What plays where an address names nothing. */
const defaultAnnouncement: AnnouncementName = 'unavailable';

/**
 * The address of an announcement, to be put into Error-Info: the announcement server with what it is to play, as RFC 4240 3
 * writes it. `name` is one of those above, or of the configuration.
 */
export function announcementUri(server: SipUri, name: string): SipUri {
  return server.with({ parameters: server.parameters.with('play', name), headers: [] });
}

/** The name of what an address asks for; undefined for what cannot be a name. */
export function announcementNameIn(uri: unknown): string | undefined {
  const name = uri instanceof SipUri ? (uri.parameters.get('play') ?? defaultAnnouncement) : defaultAnnouncement;
  return isAnnouncementName(name) ? name : undefined;
}

/** Names are those of files, too: letters, digits and hyphens, 64 at most. */
export function isAnnouncementName(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/.test(name);
}
