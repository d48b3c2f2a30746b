import { createHash } from 'node:crypto';
import type { SubscriberSettings } from '../settings/schema.ts';

/** The entity tag of settings (RFC 9110 8.8.3), as they are answered. */
export function entityTagOf(settings: SubscriberSettings): string {
  return `"${createHash('sha256').update(JSON.stringify(settings)).digest('base64url')}"`;
}

/** Whether an If-Match or If-None-Match names these settings (RFC 9110 13.1): a weak tag counts for the latter alone. */
export function isNamedIn(field: string, settings: SubscriberSettings, comparison: 'strong' | 'weak'): boolean {
  if (field.trim() === '*') return true;
  const tags = field.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === entityTagOf(settings));
}
