import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './fault.ts';
import type { FeatureFilter } from './feature-filter.ts';
import { featureParameterOf, FeatureSet, featureTagOf } from './feature-tags.ts';
import { Parameters } from './parameters.ts';
import { valid } from './torture.testing.ts';

function setOf(parameters: string): FeatureSet {
  return valid(FeatureSet.parse(valid(Parameters.parse(parameters))));
}

function token(value: string, negated = false): FeatureFilter {
  return { kind: 'token', value, negated };
}

describe('names', () => {
  test.each([
    ['audio', 'sip.audio'],
    ['IsFocus', 'sip.isfocus'],
    ['language', 'language'],
    ['+sip.instance', 'sip.instance'],
    ['+sip.rendering', 'sip.rendering'],
    ["+g.oma'x!y", 'g.oma/x:y'],
  ])('%s stands for %s', (parameter, tag) => {
    expect(featureTagOf(parameter)).toBe(tag);
    expect(featureParameterOf(tag)).toBe(parameter.toLowerCase());
  });

  test.each(['q', 'expires', 'reg-id', '+', 'methodsx'])('%s is no feature parameter', (name) => {
    expect(featureTagOf(name)).toBeUndefined();
  });
});

describe('values', () => {
  test('the example of RFC 3840 5', () => {
    const set = setOf(
      ';mobility="fixed";events="!presence,message-summary";language="en,de";description="<PC>";+sip.newparam' +
        ';+rangeparam="#-4:+5.125";other=1',
    );
    expect(set.get('sip.mobility')).toEqual([token('fixed')]);
    expect(set.get('sip.events')).toEqual([token('presence', true), token('message-summary')]);
    expect(set.get('Language')).toEqual([token('en'), token('de')]);
    expect(set.text('sip.description')).toBe('PC');
    expect(set.isTrue('sip.newparam')).toBe(true);
    expect(set.get('rangeparam')).toEqual([{ kind: 'number', from: -4, to: 5.125, negated: false }]);
    expect(set.get('other')).toBeUndefined();
  });

  test('an instance, a rendering and a focus', () => {
    const set = setOf(
      ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";+sip.rendering="no";isfocus;automata=false',
    );
    expect(set.text('sip.instance')).toBe('urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF');
    expect(set.get('sip.rendering')).toEqual([token('no')]);
    expect(set.text('sip.rendering')).toBeUndefined();
    expect(set.isTrue('sip.isfocus')).toBe(true);
    expect(set.get('sip.automata')).toEqual([token('FALSE')]);
    expect(set.isTrue('sip.automata')).toBe(false);
    expect(setOf(';video="true"').isTrue('sip.video')).toBe(true);
    expect(set.isTrue('sip.video')).toBe(false);
  });

  test.each(['#5', '#>=', '#1:x', '#1e5', 'a,', '!', 'a b', '<open', '<a>b', '#=1,,'])('%s is refused', (value) => {
    expect(FeatureSet.parse(Parameters.of({ priority: value }))).toBeInstanceOf(SyntaxFault);
  });

  test('one tag in two parameters is refused', () => {
    expect(FeatureSet.parse(valid(Parameters.parse(';audio;audio')))).toBeInstanceOf(SyntaxFault);
  });
});

const number = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => Math.round(value * 1000) / 1000 + 0);
const filter: fc.Arbitrary<FeatureFilter> = fc.oneof(
  fc.record({
    kind: fc.constant('token' as const),
    value: fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/),
    negated: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('number' as const), from: number, to: number, negated: fc.boolean() }),
  fc.record({ kind: fc.constant('number' as const), from: number, to: fc.constant(Infinity), negated: fc.boolean() }),
  fc.record({ kind: fc.constant('number' as const), from: fc.constant(-Infinity), to: number, negated: fc.boolean() }),
);
const filters = fc.oneof(
  fc.array(filter, { minLength: 1, maxLength: 4 }),
  fc.constant([{ kind: 'string' as const, value: 'urn:uuid:1' }]),
);
const tags = fc.constantFrom('sip.audio', 'sip.methods', 'language', 'sip.instance', 'g.oma/x:y');

test('sets read back from the parameters that they print', () => {
  fc.assert(
    fc.property(fc.dictionary(tags, filters), (all) => {
      // The token TRUE, in whatever capitals, is the boolean.
      fc.pre(
        !Object.values(all).some((each) =>
          each.some((one) => one.kind === 'token' && /^(?:true|false)$/.test(one.value)),
        ),
      );
      const set = setOf(FeatureSet.of(all).toParameters().toString());
      for (const [tag, each] of Object.entries(all)) expect(set.get(tag)).toEqual(each);
    }),
    { seed: 3840 },
  );
});

describe('matching (RFC 3841 7.2.4)', () => {
  const phone = setOf(';audio;mobility="fixed";methods="INVITE,BYE,OPTIONS";+sip.speed="#>=4";description="<PC>"');

  test.each([
    [';audio', true],
    [';audio="FALSE"', false],
    [';audio="!TRUE"', false],
    [';video', true],
    [';methods="message,invite"', true],
    [';methods="MESSAGE"', false],
    [';methods="!INVITE"', true],
    [';mobility="!fixed"', false],
    [';mobility="!mobile"', true],
    [';+sip.speed="#=4"', true],
    [';+sip.speed="#<=3.5"', false],
    [';+sip.speed="#1:5"', true],
    [';+sip.speed="!#5:6"', true],
    [';+sip.speed="!#>=3"', false],
    [';+sip.speed="fast"', false],
    [';description="<PC>"', true],
    [';description="<pc>"', false],
    [';description="PC"', false],
  ])('%s: %s', (preferences, expected) => {
    expect(setOf(preferences).matches(phone)).toBe(expected);
    expect(phone.matches(setOf(preferences))).toBe(expected);
  });

  test('two negations always leave something', () => {
    expect(setOf(';mobility="!fixed"').matches(setOf(';mobility="!mobile"'))).toBe(true);
  });

  test('the score is the part of the preferences that the capabilities speak of', () => {
    expect(setOf(';audio;video;mobility="fixed";+x').score(phone)).toBe(0.5);
    expect(setOf('').score(phone)).toBe(1);
  });
});
