/**
 * G.711: a sample of 14 bits (mu-law) or 13 bits (A-law) in 8, on a scale of eight segments, each twice as coarse as the
 * one beneath it. Linear samples have 16 bits here, the most significant ones those of G.711.
 */

interface Law {
  /** What the law cuts off of 16 bits before it looks: a table of all it can tell apart. */
  readonly shift: number;
  readonly encodeTable: Uint8Array;
  readonly decodeTable: Int16Array;
}

/**
 * The magnitude of what `code` (0 to 127, louder is greater) stands for: the middle between two decision values
 * (G.711 tables 1a and 2a, column 8), on the scale of 16 bits.
 */
function muLawMagnitude(code: number): number {
  return (((2 * (code & 0x0f) + 33) << (code >> 4)) - 33) * 4;
}

function aLawMagnitude(code: number): number {
  const segment = code >> 4;
  const step = 2 * (code & 0x0f) + 1;
  return (segment === 0 ? step : (step + 32) << (segment - 1)) * 8;
}

/** The decision value above `code`: from there on the next code holds. */
function muLawDecision(code: number): number {
  const segment = code >> 4;
  return (((2 * (code & 0x0f) + 34) << segment) - 33) * 4;
}

function aLawDecision(code: number): number {
  const segment = code >> 4;
  const step = 2 * (code & 0x0f) + 2;
  return (segment === 0 ? step : (step + 32) << (segment - 1)) * 8;
}

/**
 * @param inverted the bits that are turned on the line, the sign bit not among them.
 */
function createLaw(
  shift: number,
  inverted: number,
  magnitude: (code: number) => number,
  decision: (code: number) => number,
): Law {
  const decodeTable = new Int16Array(256);
  for (let code = 0; code < 128; code += 1) {
    decodeTable[(0x80 | code) ^ inverted] = magnitude(code);
    decodeTable[code ^ inverted] = -magnitude(code);
  }
  const half = 32_768 >> shift;
  const encodeTable = new Uint8Array(2 * half);
  for (let code = 0, step = 0; step < half; step += 1) {
    while (code < 127 && step << shift >= decision(code)) code += 1;
    // Below zero the same, mirrored: -1 lies as far from the middle as 0 does.
    encodeTable[half + step] = (0x80 | code) ^ inverted;
    encodeTable[half - 1 - step] = code ^ inverted;
  }
  return { shift, encodeTable, decodeTable };
}

const muLaw = createLaw(2, 0x7f, muLawMagnitude, muLawDecision);
const aLaw = createLaw(4, 0x55, aLawMagnitude, aLawDecision);

function encode({ shift, encodeTable }: Law, samples: Int16Array): Uint8Array {
  const half = encodeTable.length >> 1;
  const payload = new Uint8Array(samples.length);
  for (let index = 0; index < samples.length; index += 1) {
    payload[index] = encodeTable[((samples[index] ?? 0) >> shift) + half] ?? 0;
  }
  return payload;
}

function decode({ decodeTable }: Law, payload: Uint8Array): Int16Array {
  const samples = new Int16Array(payload.length);
  for (let index = 0; index < payload.length; index += 1) samples[index] = decodeTable[payload[index] ?? 0] ?? 0;
  return samples;
}

/** 16-bit samples to mu-law bytes as they go over the line, all bits turned (G.711 3.2). */
export function encodeMuLaw(samples: Int16Array): Uint8Array {
  return encode(muLaw, samples);
}

/** Mu-law bytes as they came over the line to 16-bit samples (G.711 3.2). */
export function decodeMuLaw(payload: Uint8Array): Int16Array {
  return decode(muLaw, payload);
}

/** 16-bit samples to A-law bytes as they go over the line, every other bit turned (G.711 3.1). */
export function encodeALaw(samples: Int16Array): Uint8Array {
  return encode(aLaw, samples);
}

/** A-law bytes as they came over the line to 16-bit samples (G.711 3.1). */
export function decodeALaw(payload: Uint8Array): Int16Array {
  return decode(aLaw, payload);
}
