import type { SocketAddress } from './contract.ts';
import { addressBytes, addressText } from './ip-address.ts';

/** What a STUN message of the Binding method says (RFC 5389), as far as keep-alives need it (RFC 5626 8). */
export interface StunMessage {
  readonly kind: 'request' | 'success' | 'error';
  /** Twelve characters, a character a byte. */
  readonly transaction: string;
  /** XOR-MAPPED-ADDRESS of a success response. */
  readonly mapped: SocketAddress | undefined;
  /** Types of attributes that must be understood (below 0x8000) and are not. */
  readonly unknown: readonly number[];
}

const magicCookie = '\x21\x12\xa4\x42';
const headerLength = 20;
const fingerprintLength = 8;
const fingerprintMask = 0x5354554e;

const messageTypes = { request: 0x0001, success: 0x0101, error: 0x0111 } as const;
const attributes = { mapped: 0x0001, error: 0x0009, unknown: 0x000a, xorMapped: 0x0020, fingerprint: 0x8028 } as const;
/** Understood, though without effect on a Binding: MAPPED-ADDRESS, USERNAME, MESSAGE-INTEGRITY, REALM, NONCE. */
const understood: ReadonlySet<number> = new Set([
  attributes.mapped,
  6,
  8,
  attributes.error,
  attributes.unknown,
  0x14,
  0x15,
]);

/** The two top bits of STUN are zero, and so no SIP message begins like it (RFC 5626 8). */
export function looksLikeStun(text: string): boolean {
  return text.length >= headerLength && text.charCodeAt(0) < 2 && text.startsWith(magicCookie, 4);
}

/** Reads a Binding message; undefined for anything else, a wrong length or a wrong fingerprint. */
export function parseStun(text: string): StunMessage | undefined {
  if (!looksLikeStun(text) || readShort(text, 2) !== text.length - headerLength || text.length % 4 !== 0)
    return undefined;
  const kind = kindOf(readShort(text, 0));
  if (kind === undefined) return undefined;
  const transaction = text.slice(8, headerLength);
  const unknown: number[] = [];
  let mapped: SocketAddress | undefined;
  let position = headerLength;
  while (position < text.length) {
    const type = readShort(text, position);
    const length = readShort(text, position + 2);
    const value = text.slice(position + 4, position + 4 + length);
    if (value.length !== length) return undefined;
    if (type === attributes.fingerprint) {
      if (value !== word(fingerprint(text.slice(0, position))) || position + fingerprintLength !== text.length)
        return undefined;
    } else if (type === attributes.xorMapped) {
      mapped ??= readXorMapped(value, transaction);
      if (mapped === undefined) return undefined;
    } else if (type < 0x8000 && !understood.has(type)) {
      unknown.push(type);
    }
    position += 4 + length + (-length & 3);
  }
  return { kind, transaction, mapped, unknown };
}

export function bindingRequest(transaction: string): string {
  return seal(messageTypes.request, transaction, '');
}

/** The answer to a Binding request: where it came from, or 420 when it asks for what is not understood (7.3.1). */
export function bindingResponse(request: StunMessage, source: SocketAddress): string | undefined {
  if (request.unknown.length > 0) {
    const error = attribute(attributes.error, '\0\0\x04\x14Unknown Attribute');
    return seal(
      messageTypes.error,
      request.transaction,
      error + attribute(attributes.unknown, request.unknown.map(short).join('')),
    );
  }
  const bytes = addressBytes(source.address);
  if (bytes === undefined) return undefined;
  const family = bytes.length === 4 ? '\0\x01' : '\0\x02';
  const key = magicCookie + request.transaction;
  const value = family + xor(short(source.port), key) + xor(String.fromCharCode(...bytes), key);
  return seal(messageTypes.success, request.transaction, attribute(attributes.xorMapped, value));
}

function kindOf(type: number): StunMessage['kind'] | undefined {
  switch (type) {
    case messageTypes.request:
      return 'request';
    case messageTypes.success:
      return 'success';
    case messageTypes.error:
      return 'error';
    default:
      return undefined;
  }
}

function readXorMapped(value: string, transaction: string): SocketAddress | undefined {
  const expected = value.charCodeAt(1) === 1 ? 8 : value.charCodeAt(1) === 2 ? 20 : -1;
  if (value.length !== expected) return undefined;
  const key = magicCookie + transaction;
  const bytes = Array.from(xor(value.slice(4), key), (character) => character.charCodeAt(0));
  return { address: addressText(bytes), port: readShort(xor(value.slice(2, 4), key), 0) };
}

/** Header, attributes and FINGERPRINT, whose value covers a header that already counts it (RFC 5389 15.5). */
function seal(type: number, transaction: string, content: string): string {
  const text = short(type) + short(content.length + fingerprintLength) + magicCookie + transaction + content;
  return text + attribute(attributes.fingerprint, word(fingerprint(text)));
}

function attribute(type: number, value: string): string {
  return short(type) + short(value.length) + value + '\0'.repeat(-value.length & 3);
}

function fingerprint(text: string): number {
  return (crc32(text) ^ fingerprintMask) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of ITU V.42. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc = (crc >>> 8) ^ (crcTable[(crc ^ text.charCodeAt(index)) & 255] ?? 0);
  }
  return ~crc >>> 0;
}

function xor(text: string, key: string): string {
  return Array.from(text, (character, index) =>
    String.fromCharCode(character.charCodeAt(0) ^ key.charCodeAt(index)),
  ).join('');
}

function readShort(text: string, position: number): number {
  return (text.charCodeAt(position) << 8) | text.charCodeAt(position + 1);
}

function short(value: number): string {
  return String.fromCharCode((value >> 8) & 255, value & 255);
}

function word(value: number): string {
  return short(value >>> 16) + short(value);
}
