import { hash } from 'node:crypto'
import { strongETag } from '../http/etag.ts'
import type { ApiKey } from './api-key.entity.ts'
import type { ApiKeyResource } from './api-key.schema.ts'

/** What leaves the server of an API key; the key itself only in the answer that made it. */
export function presentApiKey(apiKey: ApiKey): ApiKeyResource {
  const { id, role } = apiKey
  const attributes = {
    note: apiKey.note,
    createdAt: apiKey.createdAt.toISOString(),
    lastUsedAt: apiKey.lastUsedAt?.toISOString() ?? null,
    expiresAt: apiKey.expiresAt?.toISOString() ?? null,
  }
  return role
    ? { id, type: 'organization_api_key', attributes: { ...attributes, role } }
    : { id, type: 'api_key', attributes }
}

/** The entity tag of a key: it stands for what can be changed, and not for when the key was last used. */
export function apiKeyETag({ note, expiresAt }: Pick<ApiKey, 'note' | 'expiresAt'>): string {
  return strongETag(hash('sha256', JSON.stringify([note, expiresAt]), 'base64url').slice(0, 22))
}
