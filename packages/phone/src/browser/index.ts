export { browserContext } from './browser-context.ts';
export { SilentEngine, SilentMedia } from './silent-media.ts';
export { oneServerResolver } from './one-server-resolver.ts';
export { WebSocketClientTransport } from './web-socket-transport.ts';
export type { WebSocketClientOptions } from './web-socket-transport.ts';
export { startPhone } from './start-phone.ts';
export type { BrowserPhoneOptions } from './start-phone.ts';
