import type { MediaCapability, MediaFormat } from './media.ts';
import { firstDynamicPayloadType, isSameEncoding } from './session-description.ts';

/**
 * What the payload types of this side mean in one stream. Once given away a number keeps its meaning as long as the
 * stream stands (RFC 3264 8.3.2), whoever makes the next offer.
 */
export class PayloadTypes {
  static readonly NONE = new PayloadTypes([]);
  readonly #formats: readonly MediaFormat[];

  private constructor(formats: readonly MediaFormat[]) {
    this.#formats = formats;
  }

  /** What this side offers: all that it can do, under the numbers that are known, or those that the engine prefers. */
  offered({ formats }: MediaCapability): MediaFormat[] {
    const given: MediaFormat[] = [];
    for (const format of formats) {
      const known = this.#formats.find((each) => isSameEncoding(each, format));
      const payloadType = known?.payloadType ?? this.#free(format, format.payloadType, [...formats, ...given]);
      given.push({ ...format, payloadType });
    }
    return given;
  }

  /** What this side calls formats of an offer: as the offer does (RFC 3264 6.1), where that number is not taken. */
  answered(formats: readonly MediaFormat[]): MediaFormat[] {
    const given: MediaFormat[] = [];
    for (const format of formats) {
      given.push({ ...format, payloadType: this.#free(format, format.payloadType, [...formats, ...given]) });
    }
    return given;
  }

  with(formats: readonly MediaFormat[]): PayloadTypes {
    const isNew = (format: MediaFormat): boolean =>
      this.#formats.every(({ payloadType }) => payloadType !== format.payloadType);
    return new PayloadTypes([...this.#formats, ...formats.filter(isNew)]);
  }

  #free(format: MediaFormat, wanted: number, others: readonly MediaFormat[]): number {
    const owner = this.#formats.find(({ payloadType }) => payloadType === wanted);
    if (owner === undefined || isSameEncoding(owner, format)) return wanted;
    const known = this.#formats.find((each) => isSameEncoding(each, format));
    if (known !== undefined) return known.payloadType;
    const taken = new Set([...this.#formats, ...others].map(({ payloadType }) => payloadType));
    for (let number = firstDynamicPayloadType; number < 128; number++) if (!taken.has(number)) return number;
    return wanted;
  }
}

/** Events of telephones and silence come along with a voice; they are no voice themselves (RFC 4733, RFC 3389). */
export function isVoice({ encoding }: MediaFormat): boolean {
  return !/^(telephone-event|CN)$/i.test(encoding);
}

export function isTelephoneEvent({ encoding }: MediaFormat): boolean {
  return /^telephone-event$/i.test(encoding);
}
