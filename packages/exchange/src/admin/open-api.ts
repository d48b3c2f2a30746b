import { z } from 'zod';
import { codesSchema } from './codes.ts';
import { settingsSchema } from '../settings/schema.ts';

const faults = z.object({
  error: z.string(),
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

const json = (schema: unknown): object => ({ content: { 'application/json': { schema } } });
const settings = { $ref: '#/components/schemas/Settings' };
const answers = {
  '200': { description: 'What is in force now.', ...json(settings) },
  '401': { description: 'No credentials, or wrong ones.' },
  '403': { description: 'The settings of somebody else.' },
  '404': { description: 'There is no such subscriber.' },
  '429': { description: 'Too many wrong passwords.' },
};
const changes = {
  ...answers,
  '400': { description: 'The body is no JSON.' },
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
        get: { summary: 'What is in force', responses: answers },
        put: { summary: 'Replace all', ...body('application/json', settings), responses: changes },
        patch: {
          summary: 'Change some (RFC 7396): null takes one away',
          ...body('application/merge-patch+json', { type: 'object' }),
          responses: changes,
        },
        delete: { summary: 'Take back what was set: the configuration counts again', responses: answers },
      },
      '/api/codes': {
        get: {
          summary: 'What can be dialled to change settings',
          responses: {
            '200': {
              description: 'The codes; none where servers.features is not configured.',
              ...json(z.toJSONSchema(codesSchema)),
            },
            '401': answers['401'],
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
            '401': answers['401'],
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
