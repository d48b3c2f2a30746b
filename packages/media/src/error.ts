/** What a person has to mend before there is sound. The codes are stable; the message says what to do. */
export type MediaErrorCode = 'sound-file' | 'sound-device' | 'media-ports';

/** Sound that cannot be had: a file that is none, a device that no program of this machine can open, no port that is free. */
export class MediaError extends Error {
  readonly code: MediaErrorCode;

  constructor(code: MediaErrorCode, message: string) {
    super(message);
    this.name = 'MediaError';
    this.code = code;
  }
}
