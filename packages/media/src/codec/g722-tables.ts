/** The tables of G.722, with the names that it gives them. */

/** Coefficients of the quadrature mirror filters, the first twelve of 24; the others mirror them (table 11). */
export const qmf = Int16Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);

/** Decision levels of the 6-bit quantizer of the lower band (table 14). */
export const q6 = Int16Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650],
  ...[714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);

/** The word of each of its intervals, for a difference below zero and above (table 16). */
export const iln = Uint8Array.of(
  ...[0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19],
  ...[18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4],
);
export const ilp = Uint8Array.of(
  ...[0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47],
  ...[46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32],
);

/** Values of the 6-bit and of the 4-bit inverse quantizer of the lower band (tables 15, 18). */
export const qm6 = Int16Array.of(
  ...[
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
  ],
  ...[-7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728],
  ...[24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456],
  ...[4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136],
);
export const qm4 = Int16Array.of(
  ...[0, -20456, -12896, -8968, -6288, -4240, -2584, -1200],
  ...[20456, 12896, 8968, 6288, 4240, 2584, 1200, 0],
);

/** Values of the 2-bit inverse quantizer of the higher band. */
export const qm2 = Int16Array.of(-7408, -1616, 7408, 1616);

/** Logarithmic scale factors: what each word of the lower and of the higher band adds. */
const wl = [-60, -30, 58, 172, 334, 538, 1198, 3042] as const;
const rl42 = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0] as const;
const wh = [0, -214, 798] as const;
const rh2 = [2, 1, 2, 1] as const;

/** By the four upper bits of the lower band's word. */
export const lowerScale = Int16Array.from(rl42, (index) => wl[index]);
/** By the word of the higher band. */
export const higherScale = Int16Array.from(rh2, (index) => wh[index]);

/** From the logarithm of a scale factor to the factor: 2,048 times two to the power of n / 32. */
export const ilb = Int16Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834],
  ...[2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008],
);
