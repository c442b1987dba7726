import { queryOptions } from '@tanstack/react-query'
import type { ApiKeyResource } from '../../api-keys/api-key.schema.ts'
import { call, readAll, send } from './client.ts'
import { type Place, projectPath } from './place.ts'

export type { ApiKeyResource }

const path = (place: Place) => `${projectPath(place)}/api_keys`

/** The API keys of a project. */
export const apiKeysQuery = (place: Place) =>
  queryOptions({
    queryKey: ['projects', place.projectId, 'api-keys'],
    queryFn: ({ signal }) => readAll<ApiKeyResource>(path(place), { signal }),
  })

export interface NewApiKey {
  readonly note: string
  /** ISO 8601; null: it never expires. */
  readonly expiresAt: string | null
}

/** @returns the key itself, which no later answer has */
export async function createApiKey(place: Place, key: NewApiKey, idempotencyKey: string): Promise<string> {
  const answer = await send<{ meta: { secretKey: string } }>('POST', path(place), {
    body: { data: { attributes: key } },
    headers: { 'Idempotency-Key': idempotencyKey },
  })
  return answer.meta.secretKey
}

export async function deleteApiKey(place: Place, id: string): Promise<void> {
  await call('DELETE', `${path(place)}/${id}`)
}
