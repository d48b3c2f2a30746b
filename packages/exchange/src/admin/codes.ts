import { z } from 'zod';
import type { ListedCode } from '../servers/feature-codes.ts';

/** What `GET /api/codes` answers. */
export const codesSchema = z.object({
  codes: z.array(z.object({ code: z.string(), takesTarget: z.boolean(), does: z.string() })),
});

/** Reads the codes in the answer of a running exchange; throws where they are none. */
export function readCodes(answer: unknown): readonly ListedCode[] {
  return codesSchema.parse(answer).codes;
}
