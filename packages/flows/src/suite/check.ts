import type { TransportProtocol } from '@switchhook/sip';
import { checkFlow } from '../checker/check.ts';
import { Recorder } from '../conversation/recorder.ts';
import { findFlow } from '../oracle/oracle.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { FlowError } from './flow-error.ts';
import { checkRecording } from './input.ts';
import { verdictOf } from './verdict.ts';
import type { FlowVerdict } from './verdict.ts';

/** Who plays a part of a flow, as others see him. */
export interface RecordedParticipant {
  /** Names and addresses, without ports, that mean him in a Via, a Route or a Contact. */
  readonly hosts: readonly string[];
  /** His address of record, where he has one. */
  readonly addressOfRecord?: string;
}

/** A message that passed between two of them. */
export interface RecordedMessage {
  /** When it was sent, in milliseconds on any scale that all share. */
  readonly time: number;
  /** Who sent it: the part that he plays, or one of his hosts. */
  readonly from: string;
  readonly to: string;
  /** Its bytes, or its text. */
  readonly text: string | Uint8Array;
  /** TLS without it. */
  readonly protocol?: TransportProtocol;
}

/** What was seen of a call between any devices. */
export interface Recording {
  /** By the part that each plays, as the flow names it: `alice`, `proxy`. */
  readonly participants: Readonly<Record<string, RecordedParticipant>>;
  readonly messages: readonly RecordedMessage[];
  /** Every packet of RTP that went. Without it nobody has watched, and nothing is said about media. */
  readonly packets?: readonly { readonly time: number; readonly from: string; readonly to: string }[];
}

/**
 * Holds what was seen of anybody's devices against a section of RFC 5359. Throws a {@link FlowError} for a section that is none, for
 * what is no recording, for a part that the flow does not have, and for a message of nobody.
 */
export function check(section: string, recording: Recording): FlowVerdict {
  const flow = findFlow(section);
  if (flow === undefined)
    throw new FlowError('unknown-section', `RFC 5359 has no flow ${section}: name one of 2.1 to 2.18`);
  checkRecording(recording);
  const who = namesOf(recording, flow);
  const participants = Object.entries(recording.participants);
  const recorder = new Recorder(
    participants.map(([element, { hosts, addressOfRecord }]) => ({
      element,
      hosts: hosts.map((host) => host.toLowerCase()),
      ...(addressOfRecord !== undefined && { addressOfRecord }),
    })),
  );
  for (const { time, from, to, text, protocol = 'TLS' } of recording.messages) {
    recorder.say({ time, from: who(from), to: who(to), protocol, text: bytesOf(text) });
  }
  if (recording.packets !== undefined) recorder.watchRtp();
  for (const { time, from, to } of recording.packets ?? []) recorder.packet(time, who(from), who(to));
  const times = [...recording.messages, ...(recording.packets ?? [])].map(({ time }) => time);
  const conversation = recorder.conversation(Math.max(0, ...times) + 1);
  return verdictOf({ conversation, report: checkFlow(flow, conversation), error: undefined, leftOvers: [] });
}

/** Finds the part that a name or an address means. */
function namesOf({ participants }: Recording, { id, elements }: FlowDescription): (name: string) => string {
  const names = new Map<string, string>();
  for (const [element, { hosts }] of Object.entries(participants)) {
    for (const host of hosts) names.set(host.toLowerCase(), element);
  }
  for (const { id: element } of elements) names.set(element, element);
  const unknown = Object.keys(participants).find((element) => names.get(element) !== element);
  if (unknown !== undefined) {
    throw new FlowError(
      'unknown-part',
      `${id} has no ${unknown}: its parts are ${elements.map((each) => each.id).join(', ')}`,
    );
  }
  return (name) => {
    const found = names.get(name) ?? names.get(name.toLowerCase());
    if (found === undefined)
      throw new FlowError('unknown-part', `nobody is ${name}: it is no part of ${id}, and no host of one`);
    return found;
  };
}

/** A character a byte. */
function bytesOf(text: string | Uint8Array): string {
  if (typeof text !== 'string') return Buffer.from(text).toString('latin1');
  return /[^\0-\xff]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
