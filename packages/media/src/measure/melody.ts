/**
 * A melody that no other seed shares: notes of 100 ms, each a pitch of the telephone band drawn from the seed. Where
 * two sounds match over a fifth of a second, they come from the same melody and from the same place in it.
 */
export function melody(seed: number, seconds: number, sampleRate: number): Int16Array {
  const samples = new Int16Array(Math.round(seconds * sampleRate));
  const noteLength = sampleRate / 10;
  let state = (Math.imul(seed, 2_654_435_761) + 1) >>> 0;
  let phase = 0;
  let step = 0;
  for (let index = 0; index < samples.length; index += 1) {
    if (index % noteLength === 0) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      step = (2 * Math.PI * (300 + ((state >>> 8) % 2_700))) / sampleRate;
    }
    phase += step;
    samples[index] = Math.round(16_384 * Math.sin(phase));
  }
  return samples;
}
