import { lowerCase, scanNumber } from '../../message/characters.ts';
import { parseHeaderBlock, type HeaderField } from '../../message/body/header-fields.ts';
import { SyntaxFault } from '../../message/fault.ts';
import { MAXIMUM_UINT32 } from '../../message/headers/shapes/known-parameters.ts';
import { headerLine } from '../../message/message-text.ts';
import { printInteger, printToken, refused } from '../../message/printing.ts';
import { parseUri } from '../../message/uri.ts';
import type { EventPackage, Published, Reading } from '../event-package.ts';

/** How many messages of one kind there are. Counts go up to 2**32 - 1. */
export interface MessageCount {
  /** The message context class of RFC 3458 6.2, in lower case: `voice-message`, `fax-message`, `text-message` … */
  readonly contextClass: string;
  readonly newMessages: number;
  readonly oldMessages: number;
  /** How many of those are urgent, where that is known. */
  readonly urgent?: { readonly newMessages: number; readonly oldMessages: number } | undefined;
}

/** What a mailbox has (RFC 3842). Texts are bytes, as in a header field. */
export interface MessageSummary {
  readonly messagesWaiting: boolean;
  /** The URI of the mailbox; needed where the subscription is to a group of them. */
  readonly account?: string | undefined;
  readonly counts: readonly MessageCount[];
  /** Header fields of each message that has come since the notification before, where the mailbox tells them. */
  readonly messages: readonly (readonly HeaderField[])[];
}

const contextClasses = ['voice', 'video', 'fax', 'pager', 'multimedia', 'text'].map((kind) => `${kind}-message`);
const countsPattern = /^(\d+)[ \t]*\/[ \t]*(\d+)(?:[ \t]*\([ \t]*(\d+)[ \t]*\/[ \t]*(\d+)[ \t]*\))?$/;

/** Reads application/simple-message-summary (RFC 3842 5.2). Lines that it does not define are passed over. */
export function parseMessageSummary(body: string): MessageSummary | SyntaxFault {
  const summary = parseHeaderBlock(body, 0);
  if (summary instanceof SyntaxFault) return summary;
  const [status, ...lines] = summary.headerFields;
  if (status === undefined || lowerCase(status.name) !== 'messages-waiting') {
    return new SyntaxFault('Messages-Waiting does not come first');
  }
  const waiting = lowerCase(status.value);
  if (waiting !== 'yes' && waiting !== 'no') return new SyntaxFault('Messages-Waiting is neither yes nor no');
  let account: string | undefined = undefined;
  const found: MessageCount[] = [];
  for (const { name, value } of lines) {
    if (lowerCase(name) === 'message-account') account ??= value;
    else {
      const count = parseCount(lowerCase(name), value);
      if (count instanceof SyntaxFault) return count;
      if (count !== undefined) found.push(count);
    }
  }
  if (account !== undefined && parseUri(account) instanceof SyntaxFault) {
    return new SyntaxFault('Message-Account is no URI');
  }
  const messages: (readonly HeaderField[])[] = [];
  for (let start = summary.bodyStart; start !== undefined;) {
    const message = parseHeaderBlock(body, start);
    if (message instanceof SyntaxFault) return message;
    const fields = [...message.headerFields];
    if (fields.length > 0) messages.push(fields);
    start = message.bodyStart;
  }
  return { messagesWaiting: waiting === 'yes', account, counts: found, messages };
}

function parseCount(contextClass: string, value: string): MessageCount | undefined | SyntaxFault {
  const match = countsPattern.exec(value);
  if (match === null) {
    const isKnown = contextClass === 'none' || contextClasses.includes(contextClass);
    return isKnown ? new SyntaxFault(`the counts of ${contextClass} do not read`) : undefined;
  }
  const [, newMessages, oldMessages, newUrgent, oldUrgent] = match;
  const urgent = newUrgent === undefined ? undefined : { newMessages: count(newUrgent), oldMessages: count(oldUrgent) };
  return { contextClass, newMessages: count(newMessages), oldMessages: count(oldMessages), urgent };
}

/** RFC 3842 3.5: a larger value counts as the largest. */
function count(digits = ''): number {
  const value = scanNumber(digits, 0, digits.length, MAXIMUM_UINT32);
  return value < 0 ? MAXIMUM_UINT32 : value;
}

/** Writes application/simple-message-summary. Throws for what it cannot say: a class that is no token, counts out of range. */
export function printMessageSummary({ messagesWaiting, account, counts, messages }: MessageSummary): string {
  if (account !== undefined && parseUri(account) instanceof SyntaxFault) throw refused('a message account', account);
  let text = `Messages-Waiting: ${messagesWaiting ? 'yes' : 'no'}\r\n`;
  if (account !== undefined) text += headerLine('Message-Account', account);
  for (const { contextClass, newMessages, oldMessages, urgent } of counts) {
    const urgentCounts =
      urgent === undefined ? '' : ` (${printCount(urgent.newMessages)}/${printCount(urgent.oldMessages)})`;
    text += headerLine(
      printClass(contextClass),
      `${printCount(newMessages)}/${printCount(oldMessages)}${urgentCounts}`,
    );
  }
  for (const message of messages) {
    if (message.length === 0) continue;
    text += `\r\n${message.map(({ name, value }) => headerLine(name, value)).join('')}`;
  }
  return text;
}

/** With capitals, as everybody writes it. */
function printClass(contextClass: string): string {
  const isOther = ['messages-waiting', 'message-account'].includes(lowerCase(contextClass));
  if (isOther) throw refused('a message context class', contextClass);
  const name = printToken(contextClass, 'a message context class');
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function printCount(value: number): string {
  return printInteger(value, 'a count of messages', MAXIMUM_UINT32);
}

/**
 * The event package of voice mail (RFC 3842). State is always whole; header fields of messages go out once, with the
 * notification of the change that brought them, and never with an answer to a SUBSCRIBE (3.5).
 */
export const messageSummary: EventPackage<MessageSummary> = {
  name: 'message-summary',
  contentType: 'application/simple-message-summary',
  defaultExpires: 3600,
  minimumInterval: 1000,
  merge: mergeSummaries,
  coalesce: (earlier, later) => ({ ...later, messages: [...earlier.messages, ...later.messages] }),
  writer() {
    let last: string | undefined = undefined;
    return {
      write({ state }: Published<MessageSummary>, _now: number, whole: boolean): string | undefined {
        const summary = printMessageSummary({ ...state, messages: [] });
        const isNews = summary !== last || state.messages.length > 0;
        last = summary;
        if (whole) return summary;
        return isNews ? printMessageSummary(state) : undefined;
      },
    };
  },
  reader: () => ({
    read(body: string): Reading<MessageSummary> | SyntaxFault {
      const state = parseMessageSummary(body);
      return state instanceof SyntaxFault ? state : { kind: 'state', state, complete: true };
    },
  }),
};

/** RFC 3842 3.10. Counts are only told where every mailbox told some. */
function mergeSummaries(summaries: readonly MessageSummary[]): MessageSummary {
  const counts = new Map<string, MessageCount>();
  if (summaries.every((summary) => summary.counts.length > 0)) {
    for (const summary of summaries) {
      for (const count of summary.counts)
        counts.set(count.contextClass, addCounts(counts.get(count.contextClass), count));
    }
  }
  const accounts = new Set(summaries.map(({ account }) => account));
  return {
    messagesWaiting: summaries.some(({ messagesWaiting }) => messagesWaiting),
    account: accounts.size === 1 ? summaries[0]?.account : undefined,
    counts: [...counts.values()],
    messages: summaries.flatMap(({ messages }) => messages),
  };
}

function addCounts(one: MessageCount | undefined, other: MessageCount): MessageCount {
  if (one === undefined) return other;
  const add = (a: number, b: number): number => Math.min(a + b, MAXIMUM_UINT32);
  return {
    contextClass: one.contextClass,
    newMessages: add(one.newMessages, other.newMessages),
    oldMessages: add(one.oldMessages, other.oldMessages),
    urgent: one.urgent &&
      other.urgent && {
        newMessages: add(one.urgent.newMessages, other.urgent.newMessages),
        oldMessages: add(one.urgent.oldMessages, other.urgent.oldMessages),
      },
  };
}
