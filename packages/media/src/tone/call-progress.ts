import { tone } from './tone.ts';
import type { Tone } from './tone.ts';

/** The tones that tell how a call fares (ITU-T E.180, E.182). */
export interface CallProgressTones {
  /** Dial. */
  readonly dial: Tone;
  /** The far end rings. */
  readonly ringback: Tone;
  /** The far end is busy. */
  readonly busy: Tone;
  /** There is no way through. */
  readonly congestion: Tone;
  /** Heard during a call: another one waits. */
  readonly callWaiting: Tone;
  /** The call cannot be, and an announcement would say why. */
  readonly specialInformation: Tone;
}

const specialInformation = tone('950/1400/1800', '3x0.33 - 1.0');

/** By country (ISO 3166), as in ITU-T E.180 Supplement 2; `ITU` is what E.180 recommends to those who begin anew. */
export const callProgressTones = {
  ITU: {
    dial: tone('425', 'continuous'),
    ringback: tone('425', '1.0 - 4.0'),
    busy: tone('425', '0.5 - 0.5'),
    congestion: tone('425', '0.25 - 0.25'),
    callWaiting: tone('425', '0.4 - 9.0'),
    specialInformation,
  },
  AU: {
    dial: tone('413+438', 'continuous'),
    ringback: tone('413+438', '0.4 - 0.2 - 0.4 - 2.0'),
    busy: tone('425', '0.375 - 0.375'),
    congestion: tone('425/425@-10', '0.375 - 0.375 - 0.375 - 0.375'),
    callWaiting: tone('425', '0.2 - 0.2 - 0.2 - 4.4'),
    specialInformation: tone('425', '2.5 - 0.5'),
  },
  DE: {
    dial: tone('425', 'continuous'),
    ringback: tone('425', '1.0 - 4.0'),
    busy: tone('425', '0.48 - 0.48'),
    congestion: tone('425', '0.24 - 0.24'),
    callWaiting: tone('425', '0.2 - 0.2 - 0.2 - 5.0'),
    specialInformation,
  },
  ES: {
    dial: tone('425', 'continuous'),
    ringback: tone('425', '1.5 - 3.0'),
    busy: tone('425', '0.2 - 0.2'),
    congestion: tone('425', '0.2 - 0.2 - 0.2 - 0.2 - 0.2 - 0.6'),
    callWaiting: tone('425', '0.175 - 0.175 - 0.175 - 3.5'),
    specialInformation,
  },
  FR: {
    dial: tone('440', 'continuous'),
    ringback: tone('440', '1.5 - 3.5'),
    busy: tone('440', '0.5 - 0.5'),
    congestion: tone('440', '0.25 - 0.25'),
    callWaiting: tone('440', '0.3 - 10.0'),
    specialInformation,
  },
  GB: {
    dial: tone('350+440', 'continuous'),
    ringback: tone('400+450', '0.4 - 0.2 - 0.4 - 2.0'),
    busy: tone('400', '0.375 - 0.375'),
    congestion: tone('400', '0.4 - 0.35 - 0.225 - 0.525'),
    callWaiting: tone('400', '0.1 - 4.0'),
    specialInformation: tone('950/1400/1800', '0.33 - 0.015 - 0.33 - 0.015 - 0.33 - 1.0'),
  },
  IT: {
    dial: tone('425', '0.2 - 0.2 - 0.6 - 1.0'),
    ringback: tone('425', '1.0 - 4.0'),
    busy: tone('425', '0.5 - 0.5'),
    congestion: tone('425', '0.2 - 0.2'),
    callWaiting: tone('425', '0.4 - 0.1 - 0.25 - 0.1 - 0.15 - 14.0'),
    specialInformation,
  },
  JP: {
    dial: tone('400', 'continuous'),
    ringback: tone('400x16', '1.0 - 2.0'),
    busy: tone('400', '0.5 - 0.5'),
    congestion: tone('400', '0.5 - 0.5'),
    callWaiting: tone('400x16', '0.5 - 8.0'),
    specialInformation,
  },
  NL: {
    dial: tone('425', 'continuous'),
    ringback: tone('425', '1.0 - 4.0'),
    busy: tone('425', '0.5 - 0.5'),
    congestion: tone('425', '0.25 - 0.25'),
    callWaiting: tone('425', '0.5 - 9.5'),
    specialInformation,
  },
  US: {
    dial: tone('350+440', 'continuous'),
    ringback: tone('440+480', '2.0 - 4.0'),
    busy: tone('480+620', '0.5 - 0.5'),
    congestion: tone('480+620', '0.25 - 0.25'),
    callWaiting: tone('440', '0.3 - 10.0'),
    specialInformation,
  },
} as const satisfies Readonly<Record<string, CallProgressTones>>;

/** A country whose tones are known, or `ITU`. */
export type ToneCountry = keyof typeof callProgressTones;
