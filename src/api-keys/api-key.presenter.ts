import type { ApiKey } from './api-key.entity.ts'
import type { ApiKeyResource } from './api-key.schema.ts'

/** What leaves the server of an API key; the key itself only in the answer that made it. */
export function presentApiKey(apiKey: ApiKey): ApiKeyResource {
  return {
    id: apiKey.id,
    type: 'api_key',
    attributes: {
      note: apiKey.note,
      createdAt: apiKey.createdAt.toISOString(),
      lastUsedAt: apiKey.lastUsedAt?.toISOString() ?? null,
      expiresAt: apiKey.expiresAt?.toISOString() ?? null,
    },
  }
}
