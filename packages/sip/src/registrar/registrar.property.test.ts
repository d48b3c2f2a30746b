import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { HeaderInit } from '../message/header.ts';
import { NameAddr } from '../message/name-addr.ts';
import { RegistrarBench } from './registrar.testing.ts';

interface ModelBinding {
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAt: number;
  readonly updatedAt: number;
  readonly contact: string;
  readonly instance: string;
  readonly regId: number | undefined;
}

/**
 * A model of RFC 3261 10.3 and RFC 5626 6 that is as plain as their words: bindings by key in a map, expiry looked at
 * whenever somebody asks, and every request worked out on a copy.
 */
class Model {
  bindings = new Map<string, ModelBinding>();

  apply(now: number, step: Step): number {
    for (const [key, { expiresAt }] of this.bindings) if (expiresAt <= now) this.bindings.delete(key);
    const draft = new Map(this.bindings);
    const late = (key: string): boolean => {
      const old = this.bindings.get(key);
      return old?.callId === step.callId && step.cseq <= old.cseq;
    };
    if (step.contacts === '*') {
      if ([...draft.keys()].some(late)) return 500;
      draft.clear();
    } else {
      const keys = step.contacts.map(keyOf);
      if (new Set(keys).size < keys.length) return 400;
      const added = step.contacts.filter(({ expires }) => expires > 0);
      if (added.length > 1 && added.some(({ regId }) => regId !== undefined)) return 400;
      for (const contact of step.contacts) {
        const key = keyOf(contact);
        if (late(key)) return 500;
        if (contact.expires === 0) draft.delete(key);
        else {
          const { callId, cseq } = step;
          const { instance, regId } = contact;
          const expiresAt = now + contact.expires * 1000;
          draft.set(key, { callId, cseq, expiresAt, updatedAt: now, contact: uriOf(contact), instance, regId });
        }
      }
      // What a phone has registered before it was started anew makes room for what it registers now.
      const old = [...draft].filter(
        ([, { callId, instance, regId }]) =>
          callId !== step.callId && regId === undefined && added.some((contact) => contact.instance === instance),
      );
      for (const [key] of old.sort(([, one], [, other]) => one.updatedAt - other.updatedAt)) {
        if (draft.size > maximumContacts) draft.delete(key);
      }
    }
    if (draft.size > Math.max(this.bindings.size, maximumContacts)) return 403;
    this.bindings = draft;
    return 200;
  }

  contacts(now: number): string[] {
    const alive = [...this.bindings.values()].filter(({ expiresAt }) => expiresAt > now);
    return alive.map(({ contact, expiresAt }) => `${contact} ${String(Math.ceil((expiresAt - now) / 1000))}`).sort();
  }
}

interface StepContact {
  readonly host: number;
  readonly instance: string;
  readonly regId: number | undefined;
  readonly expires: number;
}

interface Step {
  readonly wait: number;
  readonly callId: string;
  readonly cseq: number;
  readonly contacts: '*' | readonly StepContact[];
}

const maximumContacts = 3;

function uriOf({ host }: StepContact): string {
  return `sip:alice@10.0.0.${String(host)}`;
}

function keyOf(contact: StepContact): string {
  return contact.regId === undefined ? uriOf(contact) : `${contact.instance}#${String(contact.regId)}`;
}

function textOf(contact: StepContact): string {
  const flow = contact.regId === undefined ? '' : `;reg-id=${String(contact.regId)}`;
  return `<${uriOf(contact)}>;+sip.instance="<urn:uuid:${contact.instance}>"${flow};expires=${String(contact.expires)}`;
}

const contact: fc.Arbitrary<StepContact> = fc.record({
  host: fc.integer({ min: 1, max: 4 }),
  instance: fc.constantFrom('a', 'b'),
  regId: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  expires: fc.constantFrom(0, 60, 90, 200),
});

const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.constantFrom(0, 0, 500, 45_000, 60_000),
  callId: fc.constantFrom('one', 'two', 'three'),
  cseq: fc.integer({ min: 1, max: 12 }),
  contacts: fc.oneof(
    { weight: 1, arbitrary: fc.constant('*' as const) },
    { weight: 8, arbitrary: fc.array(contact, { minLength: 1, maxLength: 3 }) },
  ),
});

test('any sequence of REGISTERs leaves the bindings of the model', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const bench = new RegistrarBench({ limits: { maximumContacts } });
      const model = new Model();
      const { clock } = bench.context;
      for (const each of steps) {
        clock.advance(each.wait);
        const supported: HeaderInit = ['Supported', 'outbound, path, gruu'];
        const all = each.contacts === '*';
        const status = bench.status({
          callId: each.callId,
          cseq: each.cseq,
          contact: each.contacts === '*' ? ['*'] : each.contacts.map(textOf),
          headers: all ? [supported, ['Expires', '0']] : [supported],
        });
        expect(status).toBe(model.apply(clock.now(), each));
        const contacts = bench.contacts().map((text) => {
          const address = NameAddr.parse(text);
          if (!(address instanceof NameAddr)) throw new Error(text);
          return `${address.uri.toString()} ${address.parameters.get('expires') ?? ''}`;
        });
        expect(contacts.sort()).toEqual(model.contacts(clock.now()));
      }
    }),
    { seed: 5626, numRuns: 400 },
  );
});
