import { findFlow } from '../oracle/oracle.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { conversationOf, writeConversation } from '../synthetic-conversation.testing.ts';
import type { Draft, DraftConversation } from '../synthetic-conversation.testing.ts';
import { checkFlow } from './check.ts';
import type { Report } from './finding.ts';

/** A conversation that is as it should be, for a test to change a fact of it. */
export class Mutation {
  readonly flow: FlowDescription;
  readonly conversation: DraftConversation;

  constructor(id: string, conversation?: DraftConversation) {
    const flow = findFlow(id);
    if (flow === undefined) throw new Error(`no flow ${id}`);
    this.flow = flow;
    this.conversation = conversation ?? writeConversation(flow);
  }

  report(): Report {
    return checkFlow(this.flow, conversationOf(this.conversation));
  }

  draft(f: string): Draft {
    const draft = this.conversation.drafts.find((each) => each.f === f);
    if (draft === undefined) throw new Error(`no ${f}`);
    return draft;
  }

  /** Another value for the first header field of that name; undefined takes it away. */
  header(f: string, name: string, change: (value: string) => string | undefined): void {
    const { headers } = this.draft(f);
    const place = headers.findIndex(([each]) => each === name);
    if (place < 0) throw new Error(`${f} has no ${name}`);
    const value = change(headers[place]?.[1] ?? '');
    if (value === undefined) headers.splice(place, 1);
    else headers[place] = [name, value];
  }

  add(f: string, name: string, value: string): void {
    this.draft(f).headers.push([name, value]);
  }

  replaceInBody(f: string, from: string | RegExp, to: string): void {
    const draft = this.draft(f);
    const body = draft.body.replace(from, to);
    if (body === draft.body) throw new Error(`nothing in ${f} to replace`);
    draft.body = body;
  }

  requestUri(f: string, uri: string): void {
    const draft = this.draft(f);
    draft.startLine = draft.startLine.replace(/ \S+ /, ` ${uri} `);
  }

  status(f: string, status: number): void {
    const draft = this.draft(f);
    draft.startLine = draft.startLine.replace(/ \d+ /, ` ${status} `);
  }

  drop(...fs: readonly string[]): void {
    this.conversation.drafts = this.conversation.drafts.filter(({ f }) => !fs.includes(f));
  }

  /** Says a message again, changed, `after` milliseconds later. */
  repeat(f: string, after: number, change: (draft: Draft) => void = () => undefined): Draft {
    const draft = this.draft(f);
    const copy: Draft = {
      ...draft,
      f: `${f}'`,
      time: draft.time + after,
      headers: draft.headers.map(([...field]) => field),
    };
    change(copy);
    this.conversation.drafts.push(copy);
    return copy;
  }

  move(f: string, time: number): void {
    this.draft(f).time = time;
  }
}
