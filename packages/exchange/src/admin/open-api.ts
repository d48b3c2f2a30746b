import { z } from 'zod';
import { codesSchema } from './codes.ts';
import { settingsSchema } from '../settings/schema.ts';

const faults = z.object({
  error: z.string(),
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

const json = (schema: unknown): object => ({ content: { 'application/json': { schema } } });
const settings = { $ref: '#/components/schemas/Settings' };
const tag = { ETag: { description: 'Names these settings (RFC 9110 8.8.3).', schema: { type: 'string' } } };
const condition = (name: 'If-Match' | 'If-None-Match', description: string): object => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
});
const ifMatch = condition('If-Match', 'An ETag: nothing is changed when they are others by now.');
/** Of whatever is asked. */
const always = {
  '401': { description: 'No credentials, or wrong ones.' },
  '421': { description: 'The Host header field names another machine.' },
  '429': {
    description: 'Too many wrong passwords.',
    headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
  },
};
const answers = {
  ...always,
  '200': { description: 'What is in force now.', headers: tag, ...json(settings) },
  '403': { description: 'The settings of somebody else.' },
  '404': { description: 'There is no such subscriber.' },
};
const conditional = {
  ...answers,
  '412': { description: 'They are not those that If-Match names any more, and stay as they are.' },
};
const changes = {
  ...conditional,
  '400': { description: 'The body is no JSON.' },
  '413': { description: 'The body is over 256 KiB.' },
  '415': { description: 'The body says that it is no JSON.' },
  '422': { description: 'What was refused, and why.', ...json({ $ref: '#/components/schemas/Refusal' }) },
};
const body = (type: string, schema: unknown): object => ({
  requestBody: { required: true, content: { [type]: { schema } } },
});

/** The API as an OpenAPI document; its schemas are those that the exchange itself reads with. */
export function openApiDocument(): object {
  return {
    openapi: '3.1.0',
    info: { title: 'Switchhook settings', version: '1', description: 'What subscribers decide about their calls.' },
    security: [{ administrator: [] }, { subscriber: [] }],
    paths: {
      '/api/subscribers/{address}/settings': {
        parameters: [
          {
            name: 'address',
            in: 'path',
            required: true,
            description: 'alice, in the first domain, or alice@example.com',
            schema: { type: 'string' },
          },
        ],
        get: {
          summary: 'What is in force',
          parameters: [condition('If-None-Match', 'An ETag that is known.')],
          responses: { ...answers, '304': { description: 'They are those that If-None-Match names.', headers: tag } },
        },
        put: {
          summary: 'Replace all',
          parameters: [ifMatch],
          ...body('application/json', settings),
          // Without a tag (RFC 9110 9.3.4).
          responses: { ...changes, '200': { description: 'What is in force now.', ...json(settings) } },
        },
        patch: {
          parameters: [ifMatch],
          summary: 'Change some (RFC 7396): null takes one away',
          ...body('application/merge-patch+json', { type: 'object' }),
          responses: changes,
        },
        delete: {
          summary: 'Take back what was set: the configuration counts again',
          parameters: [ifMatch],
          responses: conditional,
        },
      },
      '/api/codes': {
        get: {
          summary: 'What can be dialled to change settings',
          responses: {
            '200': {
              description: 'The codes; none where servers.features is not configured.',
              ...json(z.toJSONSchema(codesSchema)),
            },
            ...always,
          },
        },
      },
      '/api/explain': {
        get: {
          summary: 'Why a call goes where it goes; for administrators',
          parameters: ['from', 'to', 'at'].map((name) => ({
            name,
            in: 'query',
            required: name !== 'at',
            schema: name === 'at' ? { type: 'string', format: 'date-time' } : { type: 'string' },
          })),
          responses: {
            '200': {
              description: 'Sentences, what follows indented.',
              ...json(z.toJSONSchema(z.object({ sentences: z.array(z.string()) }))),
            },
            '400': { description: 'An address or the time cannot be read.' },
            ...always,
            '403': { description: 'Not an administrator.' },
          },
        },
      },
    },
    components: {
      schemas: { Settings: z.toJSONSchema(settingsSchema, { io: 'input' }), Refusal: z.toJSONSchema(faults) },
      securitySchemes: {
        administrator: { type: 'http', scheme: 'bearer', description: 'The token of admin.json in the data folder.' },
        subscriber: { type: 'http', scheme: 'basic', description: 'A subscriber and the password of his phone.' },
      },
    },
  };
}
