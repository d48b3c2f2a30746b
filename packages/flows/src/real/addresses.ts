import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { createServer, isIP } from 'node:net';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { Part } from '../stage/cast.ts';
import { CastingError } from './outsiders.ts';

/** Which address everybody's machine has, and the port for SIP over UDP and TCP; TLS has the next one. */
export interface AddressPlan {
  /** Whether each has an address of his own. */
  readonly isOneEach: boolean;
  addressOf(part: Part): string;
  /** 0 for any that is free. */
  portOf(part: Part): number;
  /** Gives the addresses back to others who look for some. */
  release(): void;
}

const sipPort = 5_060;
/**
 * Loopback networks that are tried until one is free: nobody else has claimed it, by the port of SIP on its address 9, and that
 * port is free on all addresses.
 */
const loopbacks = 32;
/** Ports that are tried on one address. */
const lastPort = 5_960;

/**
 * On loopback: of IPv4 an address for each where all of 127 is there, as on Linux and Windows, or else one for all; of IPv6 there
 * is one. Any ports. Rejects with a {@link CastingError} where there is no IPv6 and it is asked for.
 */
export async function anyAddresses(family: 4 | 6 = 4): Promise<AddressPlan> {
  if (family === 6) {
    if (!(await isFree('::1', 0))) throw new CastingError('this machine has no IPv6: ::1 is none of its addresses');
    return { isOneEach: false, addressOf: () => '::1', portOf: () => 0, release: () => undefined };
  }
  const isOneEach = await isFree('127.0.0.10', 0);
  return {
    isOneEach,
    addressOf: ({ place }) => (isOneEach ? `127.0.0.${10 + place}` : '127.0.0.1'),
    portOf: () => 0,
    release: () => undefined,
  };
}

/**
 * For devices to be configured with: on loopback an address for each, with the usual ports, the same every time as long as
 * they are free; on another address of the machine, ports from 5060 on. Rejects with a {@link CastingError} that
 * says what is to be done where it cannot be.
 */
export async function knownAddresses(
  parts: readonly Part[],
  listen: string | undefined,
  family: 4 | 6 = 4,
): Promise<AddressPlan> {
  if (listen === undefined && family === 4 && (await isFree('127.0.0.10', 0))) {
    for (let network = 0; network < loopbacks; network += 1) {
      const addressOf = ({ place }: Part): string => `127.0.${network}.${10 + place}`;
      const held = await bound(`127.0.${network}.9`, sipPort);
      if (held === undefined) continue;
      const release = (): void => void held.close();
      const frees = await Promise.all(parts.map((part) => isPairFree(addressOf(part), sipPort)));
      if (frees.every(Boolean)) return { isOneEach: true, addressOf, portOf: () => sipPort, release };
      release();
    }
  }
  const address = listen ?? (family === 6 ? '::1' : '127.0.0.1');
  // A name would do for a socket, and not for what others are told; of IPv4 within IPv6 the same is so.
  if (isIP(address) === 0 || /^::ffff:/i.test(address) || !(await isFree(address, 0)))
    throw new CastingError(`${address} is no address of this machine: ${ownAddresses()}`);
  const ports = new Map<number, number>();
  const release = (): void => {
    for (const port of ports.values()) claimed.delete(claimOn(address, port));
  };
  let port = sipPort;
  for (const { place } of parts) {
    while (port < lastPort && !(await claim(address, port))) port += 2;
    if (port >= lastPort) {
      release();
      throw new CastingError(`${address} has no ports left between ${sipPort} and ${lastPort}`);
    }
    ports.set(place, port);
    port += 2;
  }
  return { isOneEach: false, addressOf: () => address, portOf: ({ place }) => ports.get(place) ?? 0, release };
}

/** Pairs of ports that somebody is about to open, in this process: two flows may be played at once. */
const claimed = new Set<string>();

const claimOn = (address: string, port: number): string => `${address} ${String(port)}`;

async function claim(address: string, port: number): Promise<boolean> {
  const name = claimOn(address, port);
  if (claimed.has(name)) return false;
  claimed.add(name);
  if (await isPairFree(address, port)) return true;
  claimed.delete(name);
  return false;
}

function ownAddresses(): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family, scopeid = 0 }) => family === 'IPv4' || scopeid === 0)
    .map(({ address }) => address);
  return `it has ${addresses.join(', ')}`;
}

/** An address as it stands in a URI (RFC 3261 25.1). */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

async function isPairFree(address: string, port: number): Promise<boolean> {
  return (await isFree(address, port)) && (await isFree(address, port + 1));
}

/** Whether UDP and TCP both have the port free, on an address that is the machine's. */
async function isFree(address: string, port: number): Promise<boolean> {
  const socket = await bound(address, port);
  if (socket === undefined) return false;
  const server = createServer();
  try {
    const accepting = once(server, 'listening');
    server.listen(port, address);
    await accepting;
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
    server.close();
  }
}

/** A socket that has a port, until it is closed; undefined when somebody else has it. */
async function bound(address: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, address);
    await listening;
    return socket;
  } catch {
    socket.close();
    return undefined;
  }
}
