import type { CryptoAttribute, StreamAgreement } from '@switchhook/sip';
import { readSdesKey } from '../srtp/sdes-key.ts';
import { SrtpReceiver } from '../srtp/srtp-receiver.ts';
import { SrtpSender } from '../srtp/srtp-sender.ts';

/** Keys of the far end that are remembered, the last ones. */
export const maximumRemoteKeys = 8;

function textOf({ suite, key, rest = '' }: CryptoAttribute): string {
  return `${suite} ${key}${rest}`;
}

/**
 * The keys of a stream, as agreements change them. A key that comes back goes on where it was, for a counter that starts
 * again would encrypt two packets alike (RFC 3711 9.1).
 */
export class StreamSecurity {
  /** What the agreement asks for, and whether its keys can be used. Where they cannot, nothing goes in or out. */
  state: 'plain' | 'protected' | 'unusable' = 'plain';
  /** By key; ours are few, one for each suite. */
  private readonly senders = new Map<string, SrtpSender>();
  private sender: SrtpSender | undefined = undefined;
  /** By key, the newest last. */
  private readonly receivers = new Map<string, SrtpReceiver>();
  private receiver: SrtpReceiver | undefined = undefined;
  /** The receiver before, until a packet comes that was protected with the new key. */
  private previous: SrtpReceiver | undefined = undefined;

  /** Keys of the far end that are remembered. */
  get remembered(): number {
    return this.receivers.size;
  }

  apply(crypto: StreamAgreement['crypto']): void {
    if (crypto === undefined) {
      this.state = 'plain';
      this.sender = undefined;
      return;
    }
    this.sender = this.senderFor(crypto.send);
    this.changeReceiver(crypto.receive);
    this.state = this.sender === undefined || this.receiver === undefined ? 'unusable' : 'protected';
  }

  /** Protects a packet in place, where it is to be protected; its new length. */
  protectRtp(packet: Uint8Array, length: number): number {
    return this.sender === undefined ? length : this.sender.protectRtp(packet, length);
  }

  protectRtcp(packet: Uint8Array, length: number): number {
    return this.sender === undefined ? length : this.sender.protectRtcp(packet, length);
  }

  /** What came, as it was before it was protected; undefined for what is not authentic. */
  unprotectRtp(data: Uint8Array): Uint8Array | undefined {
    if (this.state === 'plain') return data;
    return this.choose(this.receiver?.unprotectRtp(data), () => this.previous?.unprotectRtp(data));
  }

  unprotectRtcp(data: Uint8Array): Uint8Array | undefined {
    if (this.state === 'plain') return data;
    return this.choose(this.receiver?.unprotectRtcp(data), () => this.previous?.unprotectRtcp(data));
  }

  private choose(current: Uint8Array | undefined, before: () => Uint8Array | undefined): Uint8Array | undefined {
    if (current === undefined) return before();
    this.previous = undefined;
    return current;
  }

  private senderFor(attribute: CryptoAttribute): SrtpSender | undefined {
    const text = textOf(attribute);
    const known = this.senders.get(text);
    const key = readSdesKey(attribute);
    if (known !== undefined || key === undefined) return known;
    const sender = new SrtpSender(key);
    this.senders.set(text, sender);
    return sender;
  }

  private changeReceiver(attribute: CryptoAttribute): void {
    const text = textOf(attribute);
    const key = readSdesKey(attribute);
    const receiver = this.receivers.get(text) ?? (key && new SrtpReceiver(key));
    if (receiver === this.receiver) return;
    this.previous = this.receiver;
    this.receiver = receiver;
    this.receivers.delete(text);
    if (receiver !== undefined) this.receivers.set(text, receiver);
    const [oldest] = this.receivers.keys();
    if (oldest !== undefined && this.receivers.size > maximumRemoteKeys) this.receivers.delete(oldest);
  }
}
