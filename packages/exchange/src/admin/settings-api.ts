import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { printPath } from '../config/fault.ts';
import type { SubscriberSettings } from '../settings/schema.ts';
import { entityTagOf, isNamedIn } from './entity-tag.ts';
import type { ListedCode } from '../servers/feature-codes.ts';
import type { SettingsAnswer } from '../settings/desk.ts';
import { openApiDocument } from './open-api.ts';

/** Whoever uses the API: an administrator, who may do everything, or a subscriber, who has his own settings. */
export type ApiUser =
  { readonly kind: 'administrator' } | { readonly kind: 'subscriber'; readonly user: string; readonly domain: string };

/** Somebody whose password was wrong too often, and whose credentials are not looked at for a while. */
export interface Blocked {
  readonly kind: 'blocked';
  readonly seconds: number;
}

/** What the API does, apart from HTTP. */
export interface SettingsApiSource {
  /** Who sends these credentials; undefined for nobody. */
  identify(authorization: string | undefined, token: string): ApiUser | Blocked | undefined;
  /** What `alice` or `alice@example.com` means. */
  subscriberOf(address: string): { readonly user: string; readonly domain: string } | undefined;
  get(user: string, domain: string): SettingsAnswer;
  replace(user: string, domain: string, value: unknown): SettingsAnswer;
  merge(user: string, domain: string, patch: unknown): SettingsAnswer;
  reset(user: string, domain: string): SettingsAnswer;
  /** Why a call would go where it would go; undefined when `to` is no address. */
  explain(from: string, to: string, at: number): readonly string[] | undefined | Promise<readonly string[] | undefined>;
  /** What subscribers can dial to change their settings. */
  codes(): readonly ListedCode[];
}

interface Addressed {
  Params: { address: string };
}

const path = '/api/subscribers/:address/settings';

/** The HTTP API for settings (docs/services.md), on the admin server. */
export function routeSettingsApi(server: FastifyInstance, source: SettingsApiSource, token: () => string): void {
  server.get('/api/openapi.json', () => openApiDocument());
  // RFC 7396.
  server.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string' },
    server.getDefaultJsonParser('error', 'error'),
  );

  const settings =
    (act: (user: string, domain: string, body: unknown) => SettingsAnswer) =>
    async (request: FastifyRequest<Addressed>, reply: FastifyReply): Promise<void> => {
      const user = await admitted(source, token(), request, reply);
      if (user === undefined) return;
      const subscriber = source.subscriberOf(request.params.address);
      const isOwn = user.kind === 'subscriber' && subscriber?.user === user.user && subscriber.domain === user.domain;
      if (user.kind === 'subscriber' && !isOwn) {
        await reply.code(403).send({ error: 'these are the settings of somebody else' });
        return;
      }
      const before: SettingsAnswer =
        subscriber === undefined ? { kind: 'unknown' } : source.get(subscriber.user, subscriber.domain);
      if (subscriber === undefined || before.kind !== 'settings') {
        await send(request, reply, before);
        return;
      }
      const obstacle = obstacleOf(request, before.settings);
      if (obstacle === 412) await reply.code(412).send({ error: 'somebody has changed them since' });
      else if (obstacle === 304) await reply.code(304).header('ETag', entityTagOf(before.settings)).send();
      else await send(request, reply, act(subscriber.user, subscriber.domain, request.body));
    };

  server.get<Addressed>(
    path,
    settings((user, domain) => source.get(user, domain)),
  );
  server.put<Addressed>(
    path,
    settings((user, domain, body) => source.replace(user, domain, body)),
  );
  server.patch<Addressed>(
    path,
    settings((user, domain, body) => source.merge(user, domain, body)),
  );
  server.delete<Addressed>(
    path,
    settings((user, domain) => source.reset(user, domain)),
  );

  server.get('/api/codes', async (request, reply) => {
    if ((await admitted(source, token(), request, reply)) !== undefined) await reply.send({ codes: source.codes() });
  });

  server.get<{ Querystring: Record<'from' | 'to' | 'at', unknown> }>('/api/explain', async (request, reply) => {
    const user = await admitted(source, token(), request, reply);
    if (user === undefined) return;
    if (user.kind !== 'administrator') {
      await reply.code(403).send({ error: 'an explanation tells the settings of others' });
      return;
    }
    const { from, to, at } = request.query;
    const time = at === undefined ? Date.now() : typeof at === 'string' ? Date.parse(at) : NaN;
    // What is there twice is a list.
    const isRead = typeof from === 'string' && typeof to === 'string' && !Number.isNaN(time);
    const sentences = isRead ? await source.explain(from, to, time) : undefined;
    if (sentences === undefined) {
      await reply.code(400).send({ error: 'from and to are addresses, and at is a time like 2026-03-04T12:00:00Z' });
    } else {
      await reply.send({ sentences });
    }
  });
}

async function admitted(
  source: SettingsApiSource,
  token: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ApiUser | undefined> {
  const user = source.identify(request.headers.authorization, token);
  if (user?.kind === 'blocked') {
    await reply.code(429).header('Retry-After', String(user.seconds)).send({ error: 'too many wrong passwords' });
    return undefined;
  }
  if (user === undefined) {
    const challenges = 'Basic realm="switchhook", charset="UTF-8", Bearer';
    await reply
      .code(401)
      .header('WWW-Authenticate', challenges)
      .send({ error: 'a password, or the token of admin.json' });
    return undefined;
  }
  return user;
}

/**
 * Why a request comes to nothing with the settings as they are (RFC 9110 13.2.2): 304 for who has them already, 412 for who
 * means to change others than these.
 */
function obstacleOf({ method, headers }: FastifyRequest, settings: SubscriberSettings): 304 | 412 | undefined {
  const { 'if-match': wanted, 'if-none-match': unwanted } = headers;
  if (wanted !== undefined && !isNamedIn(wanted, settings, 'strong')) return 412;
  if (unwanted === undefined || !isNamedIn(unwanted, settings, 'weak')) return undefined;
  return method === 'GET' || method === 'HEAD' ? 304 : 412;
}

async function send(request: FastifyRequest, reply: FastifyReply, answer: SettingsAnswer): Promise<void> {
  switch (answer.kind) {
    case 'settings':
      // What was put is written anew, and RFC 9110 9.3.4 would have a tag mean its very bytes.
      if (request.method !== 'PUT') reply.header('ETag', entityTagOf(answer.settings));
      await reply.send(answer.settings);
      return;
    case 'unknown':
      await reply.code(404).send({ error: 'there is no such subscriber' });
      return;
    case 'refused':
      await reply.code(422).send({
        error: 'these settings make no sense',
        faults: answer.faults.map((fault) => ({ path: printPath(fault.path), message: fault.message })),
      });
  }
}
