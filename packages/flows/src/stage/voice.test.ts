import { VirtualClock } from '@switchhook/sim';
import { describe, expect, test } from 'vitest';
import { Ear, Voice } from './voice.ts';

const frameTime = 20;

/** What an ear makes of frames, one after the other. */
function heardIn(frames: readonly Int16Array[]): readonly string[] {
  const clock = new VirtualClock();
  const heard: string[] = [];
  const ear = new Ear(clock, (source) => heard.push(source), 'music-server');
  for (const frame of frames) {
    clock.advance(frameTime);
    ear.write(frame);
  }
  return heard;
}

function framesOf(element: string, count: number): readonly Int16Array[] {
  const voice = new Voice(element);
  return Array.from({ length: count }, () => {
    const frame = new Int16Array(160);
    voice.read(frame);
    return frame;
  });
}

/** Two tones at once that nobody has. */
function music(count: number): readonly Int16Array[] {
  const at = (frequency: number, place: number): number => 3_000 * Math.sin((2 * Math.PI * frequency * place) / 8_000);
  return Array.from({ length: count }, (_, frame) =>
    Int16Array.from({ length: 160 }, (__, index) => at(345, frame * 160 + index) + at(2_405, frame * 160 + index)),
  );
}

describe('an ear', () => {
  test.each(['alice', 'bob', 'carol', 'b4'])('knows the voice of %s', (element) => {
    expect(new Set(heardIn(framesOf(element, 50)))).toEqual(new Set([element]));
  });

  test('hears music where it is nobody that it knows', () => {
    expect(new Set(heardIn(music(20)))).toEqual(new Set(['music-server']));
    expect(heardIn(music(10))).toHaveLength(1);
  });

  test('hears music of which a packet was lost in the middle, and not two sounds that are further apart', () => {
    const silence = (count: number): readonly Int16Array[] => Array.from({ length: count }, () => new Int16Array(160));
    expect(heardIn([...music(5), ...silence(5), ...music(5)])).toEqual(['music-server']);
    expect(heardIn([...music(5), ...silence(10), ...music(5)])).toEqual([]);
  });

  test('takes a voice that jumps for no music: after the jump its waves may cancel those before it', () => {
    const long = Int16Array.from(framesOf('carol', 31).flatMap((frame) => [...frame]));
    // Half a period of 1,020 Hz is about four samples.
    for (let place = 800; place < 1_600; place += 40) {
      const jumping = Int16Array.from([...long.subarray(0, place), ...long.subarray(place + 4)]);
      const frames = Array.from({ length: 30 }, (_, index) => jumping.subarray(index * 160, (index + 1) * 160));
      expect(new Set(heardIn(frames)), `at ${place}`).toEqual(new Set(['carol']));
    }
  });
});
