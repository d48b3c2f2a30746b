import type { DeviceKind } from './device-roles.ts';

/** A difference of a device that has been traced to where it comes from. */
export interface TracedDifference {
  readonly device: DeviceKind;
  /** What is wrong, as the table has it: the rule, with the flow and the message where it is about that one alone. */
  readonly where: string;
  readonly why: string;
}

/** Where each difference of docs/devices.md comes from: all of them are the devices'. What was ours is mended. */
export const tracedDifferences: readonly TracedDifference[] = [
  {
    device: 'linphone',
    where: 'contact',
    why: 'Its 180 has a tag and no Contact. RFC 3261 12.1.1, of responses that make a dialog, early ones too: "The UAS MUST add a Contact header field to the response." (That table 2 of 20 has it as optional in a 1xx is for those without a tag.) Its 202 to a REFER has none either, where the table of RFC 3515 2.2 has "m" (2.4 Bob, 2.5 Alice).',
  },
  {
    device: 'linphone',
    where: '2.16 F8 status',
    why: 'It rings for an INVITE that replaces its own call before that is answered, and says 486 in the end. RFC 3891 3: "If the Replaces header field matches an early dialog that was initiated by the UA, it accepts the new INVITE by sending a 200-class response".',
  },
  {
    device: 'linphone',
    where: '2.16 F4 status',
    why: 'It tells nobody of its dialogs: a SUBSCRIBE for the package `dialog` (RFC 4235) gets 481, where RFC 6665 8.3.2 has 489 for an event package that one does not know.',
  },
  { device: 'linphone', where: '2.18 F2 status', why: 'It declines (603) a REFER that belongs to no call.' },
  {
    device: 'baresip',
    where: 'supported',
    why: 'It has no Replaces (RFC 3891): it does not say so in Supported, and a request that requires it gets 420.',
  },
  {
    device: 'baresip',
    where: '2.4 F11 referredBy',
    why: 'Its INVITE has no Referred-By, though the REFER had. RFC 3892 2.2 of whoever is referred: he "MUST copy any Referred-By header field" into what he sends. The call to Carol falls with the one in which it was referred when Alice hangs up at once ("500 Connection reset by peer"), as she does in the flow; RFC 3515 2.4.4 has the two apart.',
  },
  {
    device: 'baresip',
    where: '2.4 F11 message',
    why: 'The call to Carol falls with the one in which it was referred when Alice hangs up at once ("500 Connection reset by peer"), as she does in the flow.',
  },
  {
    device: 'baresip',
    where: '2.4 F14 message',
    why: 'The call to Carol falls with the one in which it was referred when Alice hangs up at once ("500 Connection reset by peer"), as she does in the flow.',
  },
  {
    device: 'baresip',
    where: '2.5 F19 R-REPL',
    why: 'It takes the Refer-To as it is for its Request-URI, `?Replaces=` and all. RFC 3261 19.1.1 has no headers there, and 19.1.5 makes header fields of them.',
  },
  { device: 'baresip', where: '2.5 F15 message', why: 'It has no command for an attended transfer.' },
  {
    device: 'baresip',
    where: '2.16 F4 message',
    why: 'It does not answer a SUBSCRIBE at all; RFC 3261 8.2.1 has 405 for a method, RFC 6665 8.3.2 has 489 for an event package that one does not know.',
  },
  {
    device: 'baresip',
    where: '2.6 F7 message',
    why: 'It accepts a MESSAGE and shows nobody what is in it, so that no link can be followed.',
  },
  {
    device: 'baresip',
    where: '2.10 F5 message',
    why: 'It has no conference: it calls the third one, mixes nothing, and does not tell Alice that it is a focus. RFC 5359 2.10: "Bob first sends a re-INVITE to Alice, changing Contact URIs to one that indicates Bob\'s mixer"; RFC 4579 4.2: "In session establishment, a focus MUST include the \'isfocus\' feature parameter in the Contact header field unless the focus wishes to hide the fact".',
  },
  {
    device: 'baresip',
    where: '2.17 F6 message',
    why: 'It does not answer a SUBSCRIBE at all; that it says 486 in a call (`call_max_calls`) is right.',
  },
  {
    device: 'linphone',
    where: '2.6 unexpected',
    why: 'It takes no text in HTML, which it need not, and says 415 without Accept. RFC 3261 21.4.13: "The server MUST return a list of acceptable formats using the Accept, Accept-Encoding, or Accept-Language header field". The link comes in plain text then; it follows that, and takes the place of Bob.',
  },
  {
    device: 'linphone',
    where: '2.17 F6 message',
    why: 'It tells nobody of its dialogs: in this call it does not answer a SUBSCRIBE for the package `dialog` (RFC 4235) at all. That it says 486 (`max_calls`) is right.',
  },
  { device: 'linphone', where: '2.11 F3 supported', why: 'It has no Join (RFC 3911).' },
  { device: 'baresip', where: '2.11 F3 supported', why: 'It has no Join (RFC 3911).' },
  {
    device: 'SIPp',
    where: 'mix',
    why: 'It mixes no sound: it sends back what comes (`-rtp_echo`), or plays a file. RFC 5359 2.10: "Bob is capable of media mixing in a 3-party call"; 2.11: "resulting in the 3-way call". All 11 messages of these flows are right.',
  },
  { device: 'baresip', where: '2.18 F2 status', why: 'It has no REFER but in a call: 501.' },
];

/** Whether a cell of the table is of a difference. */
export function isOf({ where }: TracedDifference, flow: string, first: string): boolean {
  return where === `${flow} ${first}` || where === first.replace(/^F\d+ /, '');
}
