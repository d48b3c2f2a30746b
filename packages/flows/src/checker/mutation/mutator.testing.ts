import type { FlowDescription, FlowMessage } from '../../oracle/flow-schema.ts';
import type { Draft } from '../../synthetic-conversation.testing.ts';

/** What is known where a message is changed: the flow, the message, and what was said before it. */
export interface Scene {
  readonly flow: FlowDescription;
  readonly message: FlowMessage;
  readonly earlier: ReadonlyMap<string, Draft>;
}

/** One way to break what a rule says of a message. */
export interface Mutator {
  /** The change, in words. */
  readonly change: string;
  /** The rule that has to be named for it at a message; undefined where it says nothing of that message. */
  readonly rule: (message: FlowMessage, flow: FlowDescription) => string | undefined;
  /**
   * `hop`: the message alone is changed. `origin`: where its content was made, so that everybody who hands it on is
   * innocent. `all`: every message of the flow.
   */
  readonly at: 'hop' | 'origin' | 'all';
  /** Changes it; false when there is nothing to change after all. */
  readonly revise: (draft: Draft, scene: Scene) => unknown;
}

/** A rule that messages name, `R-REQ`. */
export function ofRule(id: FlowMessage['rules'][number], also: (message: FlowMessage) => boolean = () => true) {
  return (message: FlowMessage): string | undefined => (message.rules.includes(id) && also(message) ? id : undefined);
}

/** A key of expectations. */
export function ofKey(rule: string, isMeant: (expect: FlowMessage['expect'], message: FlowMessage) => boolean) {
  return (message: FlowMessage): string | undefined => (isMeant(message.expect, message) ? rule : undefined);
}

/** The message that was written where another is handed on or repeated hop by hop. */
export function originOf(message: FlowMessage, flow: FlowDescription): FlowMessage {
  const opener = message.ackKind === 'non-2xx' ? message.txn : message.cancels;
  const source = message.forwards ?? opener;
  const found = flow.messages.find(({ f }) => f === source);
  return found === undefined ? message : originOf(found, flow);
}

export function valueOf(draft: Draft | undefined, name: string): string {
  return draft?.headers.find(([each]) => each === name)?.[1] ?? '';
}

/** Another value for the first header field of that name; undefined takes it away. False when there is none. */
export function header(draft: Draft, name: string, change: (value: string) => string | undefined): boolean {
  const place = draft.headers.findIndex(([each]) => each === name);
  const before = draft.headers[place]?.[1];
  if (before === undefined) return false;
  const value = change(before);
  if (value === undefined) draft.headers.splice(place, 1);
  else draft.headers[place] = [name, value];
  return value !== before;
}

export const without = (): undefined => undefined;

/** All of that name. */
export function withoutAll(draft: Draft, name: string): boolean {
  const before = draft.headers.length;
  draft.headers = draft.headers.filter(([each]) => each !== name);
  return draft.headers.length < before;
}

export function add(draft: Draft, name: string, value: string): void {
  draft.headers.push([name, value]);
}

export function body(draft: Draft, from: string | RegExp, to: string): boolean {
  const before = draft.body;
  draft.body = before.replace(from, to);
  return draft.body !== before;
}

/** Another Request-URI, or status. */
export function startLine(draft: Draft, change: (word: string) => string): boolean {
  const before = draft.startLine;
  draft.startLine = before.replace(/ (\S+)/, (_, word: string) => ` ${change(word)}`);
  return draft.startLine !== before;
}

export const elsewhere = 'sips:somebody@elsewhere.example.org';

export const tagged = (value: string): string => value.replace(/;tag=.*/, ';tag=other');
export const untagged = (value: string): string => value.replace(/;tag=.*/, '');
export const otherUri = (value: string): string => value.replace(/<[^>]*>/, `<${elsewhere}>`);
