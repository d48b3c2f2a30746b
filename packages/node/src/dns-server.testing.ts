import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { NaptrRecord, SrvRecord } from './dns.ts';

/** One resource record to answer with (RFC 1035 3.2.1). */
export type ZoneRecord =
  | { readonly type: 'A'; readonly ttl: number; readonly address: string }
  | { readonly type: 'AAAA'; readonly ttl: number; readonly groups: readonly number[] }
  | { readonly type: 'CNAME'; readonly ttl: number; readonly target: string }
  | ({ readonly type: 'SRV'; readonly ttl: number } & SrvRecord)
  | ({ readonly type: 'NAPTR'; readonly ttl: number } & NaptrRecord);

const typeNumbers = { A: 1, CNAME: 5, AAAA: 28, SRV: 33, NAPTR: 35 } as const;
const answerCodes = { noError: 0, serverFailure: 2, nameError: 3 } as const;

function uint16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

function characterString(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
}

function domainName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([...labels.map(characterString), Buffer.from([0])]);
}

function recordData(record: ZoneRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number));
    case 'AAAA':
      return uint16(...record.groups);
    case 'CNAME':
      return domainName(record.target);
    case 'SRV':
      return Buffer.concat([uint16(record.priority, record.weight, record.port), domainName(record.target)]);
    case 'NAPTR':
      return Buffer.concat([
        uint16(record.order, record.preference),
        characterString(record.flags),
        characterString(record.service),
        characterString(record.regexp),
        domainName(record.replacement),
      ]);
  }
}

function resourceRecord(owner: string, record: ZoneRecord): Buffer {
  const data = recordData(record);
  const timeToLive = Buffer.alloc(4);
  timeToLive.writeUInt32BE(record.ttl);
  return Buffer.concat([domainName(owner), uint16(typeNumbers[record.type], 1), timeToLive, uint16(data.length), data]);
}

function readQuestion(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let offset = 12;
  for (let length = query.readUInt8(offset); length > 0; length = query.readUInt8(offset)) {
    labels.push(query.toString('latin1', offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(offset + 1), end: offset + 5 };
}

/** A name server on loopback, for one zone: enough of RFC 1035 to be asked by a real resolver. */
export class TestDnsServer {
  readonly #zone: Readonly<Record<string, readonly ZoneRecord[]>>;
  readonly #broken: ReadonlySet<string>;
  readonly #socket: Socket = createSocket('udp4');

  constructor(zone: Readonly<Record<string, readonly ZoneRecord[]>>, broken: readonly string[] = []) {
    this.#zone = zone;
    this.#broken = new Set(broken);
  }

  /** Starts, and tells where it listens. */
  async start(): Promise<string> {
    this.#socket.on('message', (query, from) => {
      this.#socket.send(this.#answer(query), from.port, from.address);
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #answer(query: Buffer): Buffer {
    const { name, type, end } = readQuestion(query);
    const records = this.#broken.has(name) ? [] : this.#records(name, type);
    const known = this.#zone[name] !== undefined;
    const code = this.#broken.has(name)
      ? answerCodes.serverFailure
      : known
        ? answerCodes.noError
        : answerCodes.nameError;
    const header = Buffer.concat([query.subarray(0, 2), uint16(0x8580 | code, 1, records.length, 0, 0)]);
    return Buffer.concat([header, query.subarray(12, end), ...records]);
  }

  /** The records of a name, and through its CNAME those of the name that it stands for. */
  #records(name: string, type: number): Buffer[] {
    return (this.#zone[name] ?? []).flatMap((record) => {
      if (record.type === 'CNAME') return [resourceRecord(name, record), ...this.#records(record.target, type)];
      return typeNumbers[record.type] === type ? [resourceRecord(name, record)] : [];
    });
  }
}
