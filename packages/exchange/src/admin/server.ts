import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import fastify from 'fastify';
import type { FastifyError, FastifyInstance } from 'fastify';
import { ExchangeError, hasErrorCode } from '../errors.ts';
import { routeSettingsApi } from './settings-api.ts';
import type { SettingsApiSource } from './settings-api.ts';
import type { ExchangeStatus } from './status.ts';
import { isAuthorized, writeAdminAccess } from './token.ts';

/** Bytes of a request's body: settings with full lists are a tenth of it. */
const largestBody = 262_144;
/** Characters of what stands in a path for somebody or some call: a Call-ID is as long as its header field may be. */
const longestParameter = 8_192;

/** For whoever tries an address that there is not, as a person does who opens the first one in a browser. */
const elsewhere =
  'there is nothing here; /healthz and /metrics answer everybody on this machine, /status, /ladders/CALL-ID and /api want who asks to prove it (docs/services.md)';

/** What the admin interface allows whoever asks. */
interface AdminLimits {
  /** Milliseconds in which a request has to be there, head and body. */
  readonly requestTime: number;
  /** Connections at a time. Whoever asks is on this machine, and needs one. */
  readonly connections: number;
}
const defaultLimits: AdminLimits = { requestTime: 20_000, connections: 500 };

/** What the admin interface shows. */
export interface AdminSource {
  healthy(): boolean;
  metrics(): Promise<string>;
  status(): ExchangeStatus;
  /** The message ladder of the call whose Call-ID begins so; undefined when none is remembered. */
  ladder(callId: string): string | undefined;
  readonly settings: SettingsApiSource;
  /** Hears of what went wrong here, and not at whoever asks. */
  failed(message: string): void;
}

/** The exchange's HTTP side on loopback: health and metrics for everybody on the machine, the rest for its owner. */
export class AdminServer {
  readonly #source: AdminSource;
  readonly #dataFolder: string;
  readonly #limits: AdminLimits;
  #server: FastifyInstance | undefined;
  #token = '';

  constructor(source: AdminSource, dataFolder: string, limits: Partial<AdminLimits> = {}) {
    this.#source = source;
    this.#dataFolder = dataFolder;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** Listens, and answers with its URL. */
  async start(address: string, port: number): Promise<string> {
    const { requestTime, connections } = this.#limits;
    const server = fastify({
      logger: false,
      forceCloseConnections: true,
      bodyLimit: largestBody,
      requestTimeout: requestTime,
      routerOptions: { maxParamLength: longestParameter },
      frameworkErrors: ({ statusCode = 400 }, _request, { raw }) => {
        const { head, body } = refusal('the path cannot be read');
        raw.writeHead(statusCode, head).end(body);
      },
      clientErrorHandler: refuseUnread,
      http: { headersTimeout: requestTime, connectionsCheckingInterval: requestTime / 4 },
    });
    server.server.maxConnections = connections;
    this.#route(server);
    try {
      const url = await server.listen({ host: address, port });
      const { domains, listeners } = this.#source.status();
      this.#token = writeAdminAccess(this.#dataFolder, { url, domains, listeners }).token;
      this.#server = server;
      return url;
    } catch (error) {
      await server.close();
      if (!hasErrorCode(error, 'EADDRINUSE')) throw error;
      const place = `${address} port ${String(port)}`;
      const advice = 'stop what uses it, or set admin.port in the configuration (0 takes any free port)';
      throw new ExchangeError('port-taken', `the admin interface cannot listen on ${place}: it is taken; ${advice}`);
    }
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  #route(server: FastifyInstance): void {
    const source = this.#source;
    const allowed = new Map<string, Set<string>>();
    server.addHook('onRoute', ({ url, method }) => {
      allowed.set(url, new Set([...(allowed.get(url) ?? []), ...[method].flat()]));
    });
    server.addHook('onRequest', async (request, reply) => {
      // Node believes the first of two; RFC 9112 3.2 wants neither.
      const hosts = request.raw.headersDistinct['host'] ?? [];
      if (hosts.length > 1) await reply.code(400).send({ error: 'more than one Host' });
      else if (!namesThisMachine(request.headers.host))
        await reply.code(421).send({ error: 'not the host you look for' });
    });
    // Settings are JSON; what a form of a page of anybody's can send is not.
    server.removeContentTypeParser('text/plain');
    server.setNotFoundHandler(async (_request, reply) => {
      await reply.code(404).send({ error: elsewhere });
    });
    server.setErrorHandler<FastifyError>(async ({ statusCode = 500, message }, _request, reply) => {
      if (statusCode >= 500) source.failed(message);
      await reply.code(statusCode).send({ error: statusCode < 500 ? message : 'the exchange cannot answer that' });
    });
    server.get('/healthz', async (_request, reply) => {
      await reply.code(source.healthy() ? 200 : 503).send({ status: source.healthy() ? 'ok' : 'draining' });
    });
    server.get('/metrics', async (_request, reply) => {
      await reply.type('text/plain; version=0.0.4; charset=utf-8').send(await source.metrics());
    });
    routeSettingsApi(server, source.settings, () => this.#token);
    server.register((owned, _options, done) => {
      owned.addHook('onRequest', async (request, reply) => {
        if (isAuthorized(request.headers.authorization, this.#token)) return;
        await reply
          .code(401)
          .header('WWW-Authenticate', 'Bearer')
          .send({ error: 'the token is in admin.json of the data folder' });
      });
      owned.get('/status', () => source.status());
      owned.get<{ Params: { callId: string } }>('/ladders/:callId', async (request, reply) => {
        const ladder = source.ladder(request.params.callId);
        if (ladder === undefined) await reply.code(404).send({ error: 'no such call is remembered' });
        else await reply.type('text/plain; charset=utf-8').send(ladder);
      });
      done();
    });
    // Runs when all routes are known.
    server.register((rest, _options, done) => {
      for (const [url, known] of [...allowed]) refuseOthers(rest, url, known);
      done();
    });
  }
}

/** Other methods than those are not allowed there (RFC 9110 15.5.6), whatever comes with them. */
function refuseOthers(server: FastifyInstance, url: string, known: ReadonlySet<string>): void {
  const allow = [...known].join(', ');
  server.route({
    url,
    method: server.supportedMethods.filter((method) => !known.has(method)),
    onRequest: async (_request, reply) => {
      await reply
        .code(405)
        .header('Allow', allow)
        .send({ error: `only ${allow} there` });
    },
    handler: () => undefined,
  });
}

/** Answers what cannot be read as HTTP, or did not come in time, in the form of all other answers. */
function refuseUnread({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, error] = unread.get(code) ?? [400, 'this is no HTTP request'];
  const { head, body } = refusal(error);
  const lines = Object.entries({ ...head, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`, () => {
    socket.destroy();
  });
}

/** What is answered where the framework does not get to it. */
function refusal(error: string): { readonly head: Readonly<Record<string, string>>; readonly body: string } {
  const body = JSON.stringify({ error });
  return { head: { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(body.length) }, body };
}

const unread: ReadonlyMap<string | undefined, readonly [status: number, error: string]> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'the request took too long']],
  ['HPE_HEADER_OVERFLOW', [431, 'the header fields are too long']],
]);

/**
 * Whether a Host header field names loopback. A web page whose own name was made to lead here (DNS rebinding) brings
 * that name along, and gets nothing to read.
 */
function namesThisMachine(host = ''): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);
}
