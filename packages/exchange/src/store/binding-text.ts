import type { Binding } from '@switchhook/sip';
import { z } from 'zod';

/** Loose: what a binding holds besides, the registrar alone has to understand. */
const bindingSchema = z.looseObject({
  addressOfRecord: z.string(),
  contact: z.string(),
  parameters: z.string(),
  q: z.number(),
  callId: z.string(),
  cseq: z.number(),
  expiresAt: z.number(),
  updatedAt: z.number(),
  path: z.array(z.string()),
  instanceId: z.string().exactOptional(),
  regId: z.number().exactOptional(),
  received: z
    .object({ protocol: z.enum(['UDP', 'TCP', 'TLS', 'WS', 'WSS']), address: z.string(), port: z.number() })
    .exactOptional(),
  gruuId: z.string().exactOptional(),
  gruuCSeq: z.number().exactOptional(),
  userAgent: z.string().exactOptional(),
});

/** Bindings as the store keeps them: JSON, without the flow, which means nothing to another process. */
export function printBindings(bindings: readonly Binding[]): string {
  return JSON.stringify(bindings.map((binding) => ({ ...binding, flow: undefined })));
}

/** The reverse of {@link printBindings}. Throws on what it has not written. */
export function readBindings(text: string): Binding[] {
  return z.array(bindingSchema).parse(JSON.parse(text));
}
