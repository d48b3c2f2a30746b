import type { Log } from '@switchhook/sip';
import type { PhoneMedia } from '../media.ts';
import type { PhoneSettings } from '../phone-options.ts';
import { noLog } from '../no-log.ts';
import { Phone } from '../phone.ts';
import { browserContext } from './browser-context.ts';
import { oneServerResolver } from './one-server-resolver.ts';
import { WebSocketClientTransport } from './web-socket-transport.ts';

/** A phone in a page: its settings, and the exchange that it is at. */
export interface BrowserPhoneOptions extends PhoneSettings {
  /** The exchange: `wss://example.com:5063/`. */
  readonly server: string;
  /** The sound of its calls. */
  readonly media: PhoneMedia;
  readonly log?: Log | undefined;
}

/** Makes a phone of what a page has, and starts it. It is not registered yet. */
export async function startPhone({ server, media, log = noLog, ...settings }: BrowserPhoneOptions): Promise<Phone> {
  const context = browserContext(log);
  const transport = new WebSocketClientTransport(context, { url: server });
  const resolver = oneServerResolver(transport.destination);
  const phone = new Phone(context, { ...settings, transports: [transport], resolver, media });
  await phone.start();
  return phone;
}
