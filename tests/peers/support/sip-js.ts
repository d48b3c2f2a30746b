import type { SessionDescriptionHandler } from 'sip.js';

/** Signalling without sound: SIP.js asks for a session description, and gets one. */
export class FixedDescription implements SessionDescriptionHandler {
  #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  close(): void {
    this.#port = 0;
  }

  getDescription(): Promise<{ body: string; contentType: string }> {
    const body = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${this.#port} RTP/AVP 0\r\n`;
    return Promise.resolve({ body, contentType: 'application/sdp' });
  }

  hasDescription(contentType: string): boolean {
    return contentType === 'application/sdp';
  }

  rollbackDescription(): Promise<void> {
    return Promise.resolve();
  }

  setDescription(): Promise<void> {
    return Promise.resolve();
  }

  sendDtmf(): boolean {
    return false;
  }
}

export function inState<State>(
  emitter: { stateChange: { addListener(listener: (state: State) => void): void }; state: State },
  wanted: State,
): Promise<void> {
  return new Promise((resolve) => {
    if (emitter.state === wanted) resolve();
    emitter.stateChange.addListener((state) => {
      if (state === wanted) resolve();
    });
  });
}
