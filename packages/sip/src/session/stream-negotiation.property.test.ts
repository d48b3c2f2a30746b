import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingRandom } from '../auth/auth-context.testing.ts';
import { SyntaxFault } from '../message/fault.ts';
import { audio, events, FakeEngine, opus, pcma, pcmu, wideEvents } from './media-engine.testing.ts';
import type { LocalHold, MediaCapability } from './media.ts';
import { mirrored } from './media-direction.ts';
import { parseSessionDescription } from './session-description-parser.ts';
import { StreamNegotiation } from './stream-negotiation.ts';

const holds = ['none', 'sendonly', 'inactive'] as const;
const suites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];

const capability: fc.Arbitrary<MediaCapability> = fc.record({
  kind: fc.constantFrom('audio' as const, 'video' as const),
  formats: fc
    .uniqueArray(fc.constantFrom(pcmu, pcma, opus, events, wideEvents), { minLength: 1 })
    .chain((formats) => fc.integer({ min: 96, max: 100 }).map((base) => renumbered(formats, base))),
  security: fc.constantFrom('none' as const, 'optional' as const, 'required' as const),
  cryptoSuites: fc.uniqueArray(fc.constantFrom(...suites), { minLength: 1 }),
  packetTime: fc.constantFrom(10, 20, 30),
});

const capabilities = fc.uniqueArray(capability, { minLength: 1, maxLength: 2, selector: ({ kind }) => kind });

/** The same formats under numbers that only this side gives them. */
function renumbered(formats: MediaCapability['formats'], base: number): MediaCapability['formats'] {
  return formats.map((format, index) =>
    format.payloadType < 96 ? format : { ...format, payloadType: base + index * 2 },
  );
}

class Side {
  readonly engine: FakeEngine;
  readonly media: StreamNegotiation;
  versions: number[] = [];
  texts: string[] = [];

  constructor(address: string, all: readonly MediaCapability[]) {
    this.engine = new FakeEngine(address, all);
    this.media = new StreamNegotiation({ random: countingRandom() }, this.engine);
  }

  /** Keeps what was said, and finds it in order. */
  said(text: string): string {
    const description = parseSessionDescription(text);
    if (description instanceof SyntaxFault) throw new Error(description.reason);
    const version = description.origin.version;
    const last = this.texts.at(-1);
    const before = this.versions.at(-1);
    if (last !== undefined && before !== undefined) {
      expect(version - before).toBe(text === last ? 0 : 1);
      expect(text.replace(`${version} IN`, '') === last.replace(`${before} IN`, '')).toBe(text === last);
    }
    expect(text).not.toContain('IN IP4 0.0.0.0');
    this.versions.push(version);
    this.texts.push(text);
    return text;
  }

  agreements(): unknown[] {
    return this.engine.standing.map(({ agreement }) => agreement);
  }
}

function lineCount(text: string): number {
  return text.split('\r\nm=').length - 1;
}

/** What one sends is what the other receives. */
function expectMirrored(one: Side, other: Side): void {
  const [ours, theirs] = [one.engine.standing, other.engine.standing];
  expect(ours.length).toBe(theirs.length);
  for (const stream of ours) {
    const peer = theirs.find((each) => each.agreement?.remote.port === stream.local.port);
    const [here, there] = [stream.agreement, peer?.agreement];
    expect(here).toBeDefined();
    expect(there).toBeDefined();
    if (here === undefined || there === undefined) return;
    expect(here.direction).toBe(mirrored(there.direction));
    expect(here.multiplexed).toBe(there.multiplexed);
    expect(here.remote.port).toBe(peer?.local.port);
    expect(here.crypto?.send).toEqual(there.crypto?.receive);
    expect(here.crypto?.receive).toEqual(there.crypto?.send);
    for (const [sender, receiver] of [
      [here, there],
      [there, here],
    ] as const) {
      const accepted = receiver.receive.find(({ payloadType }) => payloadType === sender.send.payloadType);
      expect(accepted?.encoding).toBe(sender.send.encoding);
      expect(accepted?.clockRate).toBe(sender.send.clockRate);
      const { sendEvents } = sender;
      if (sendEvents !== undefined) {
        const heard = receiver.receive.find(({ payloadType }) => payloadType === sendEvents.payloadType);
        expect(heard).toMatchObject({ encoding: 'telephone-event', clockRate: sendEvents.clockRate });
      }
    }
  }
}

describe('any two engines', () => {
  it('come to agreements that mirror each other, or to a refusal that leaves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(capabilities, capabilities, async (left, right) => {
        const [one, other] = [new Side('192.0.2.1', left), new Side('192.0.2.2', right)];
        const offer = one.said(await one.media.createOffer());
        const answer = await other.media.createAnswer(offer);
        if (typeof answer === 'string') {
          expect(lineCount(answer)).toBe(lineCount(offer));
          other.media.commit();
          expect(await one.media.acceptAnswer(answer)).toBeUndefined();
          expectMirrored(one, other);
        } else {
          expect(answer.status).toBe(488);
          one.media.rollback();
          expect([...one.engine.standing, ...other.engine.standing]).toEqual([]);
        }
      }),
    );
  });
});

type Step = { readonly by: 0 | 1; readonly hold: LocalHold; readonly end: 'agreed' | 'refused' | 'lost' };

describe('any sequence of offers, answers and rollbacks', () => {
  const step: fc.Arbitrary<Step> = fc.record({
    by: fc.constantFrom(0 as const, 1 as const),
    hold: fc.constantFrom(...holds),
    end: fc.constantFrom('agreed' as const, 'agreed' as const, 'refused' as const, 'lost' as const),
  });

  it('keeps versions, lines and directions right, and what came to nothing changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, secure) => {
        const both = [pcmu, pcma, opus, wideEvents, events];
        const capability = audio({ formats: both, security: secure ? 'required' : 'optional' });
        const sides = [new Side('192.0.2.1', [capability]), new Side('192.0.2.2', [capability])] as const;
        let lines = 0;
        for (const { by, hold, end } of [{ by: 0, hold: 'none', end: 'agreed' } as const, ...steps]) {
          const [one, other] = [sides[by], sides[by === 0 ? 1 : 0]];
          const before = [one, other].map((side) => [
            side.agreements(),
            side.media.direction,
            side.media.localHold,
            side.media.remoteHold,
          ]);
          one.media.localHold = hold;
          const offer = one.said(await one.media.createOffer());
          expect(lineCount(offer)).toBeGreaterThanOrEqual(lines);
          const answer = end === 'refused' ? undefined : await other.media.createAnswer(offer);
          if (typeof answer === 'string' && end === 'agreed') {
            other.said(answer);
            expect(lineCount(answer)).toBe(lineCount(offer));
            lines = lineCount(answer);
            other.media.commit();
            expect(await one.media.acceptAnswer(answer)).toBeUndefined();
            expectMirrored(one, other);
            expect(one.media.direction).toBe(mirrored(other.media.direction));
            const holding = [one, other].map((side) => side.media.localHold !== 'none');
            const silent = one.media.direction === 'inactive';
            expect(holding.includes(true)).toBe(one.media.direction !== 'sendrecv');
            if (holding.every((each) => each)) expect(silent).toBe(true);
          } else {
            if (typeof answer === 'string') other.said(answer);
            one.media.rollback();
            other.media.rollback();
            expect(
              [one, other].map((side) => [
                side.agreements(),
                side.media.direction,
                side.media.localHold,
                side.media.remoteHold,
              ]),
            ).toEqual(before);
          }
        }
        for (const { media, engine } of sides) {
          media.close();
          expect(engine.streams.map(({ closed }) => closed)).toEqual(engine.streams.map(() => 1));
        }
      }),
    );
  });
});
