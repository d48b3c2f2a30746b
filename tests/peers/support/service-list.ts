import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The services of the exchange, as docs/services.md lists them. */
export type Service =
  | 'forwarding'
  | 'find-me'
  | 'groups'
  | 'screening'
  | 'do not disturb'
  | 'feature codes'
  | 'announcements'
  | 'music'
  | 'park';

export type Device = 'SIPp' | 'baresip';
export type Role = 'caller' | 'callee';

/** The columns of the table, in their order. */
const columns: readonly (readonly [Device, Role])[] = [
  ['SIPp', 'caller'],
  ['SIPp', 'callee'],
  ['baresip', 'caller'],
  ['baresip', 'callee'],
];

/** With which devices services were played, in which role and over which transports: what docs/services.md says of it. */
export class ServiceList {
  readonly #played = new Map<Service, Map<string, Set<string>>>();

  played(service: Service, device: Device, role: Role, transport: 'udp' | 'tls'): void {
    const ofService = this.#played.get(service) ?? new Map<string, Set<string>>();
    this.#played.set(service, ofService);
    const column = `${device} ${role}`;
    ofService.set(column, (ofService.get(column) ?? new Set()).add(transport.toUpperCase()));
  }

  /** The rows of the services that were played here, as they have to be in the table. */
  get rows(): string[] {
    return Array.from(this.#played, ([service, ofService]) => {
      const cells = columns.map(([device, role]) => [...(ofService.get(`${device} ${role}`) ?? [])].toSorted());
      return ['', service, ...cells.map((cell) => cell.toReversed().join(', ')), '']
        .join(' | ')
        .trim()
        .replace(/ +/g, ' ');
    });
  }

  /** The same rows as docs/services.md has them. */
  get written(): string[] {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/services.md'), 'utf8');
    // Columns are as wide as they look best.
    const lines = text.split('\n').map((line) => line.replace(/ +/g, ' '));
    return [...this.#played.keys()].map(
      (service) => lines.find((line) => line.startsWith(`| ${service} |`)) ?? service,
    );
  }
}
