import { queryOptions } from '@tanstack/react-query'
import type { KeyRole } from '../../access/role.ts'
import type { ApiKeyResource } from '../../api-keys/api-key.schema.ts'
import { attributes, call, readAll, send } from './client.ts'
import { type Place, projectPath } from './place.ts'

export type { ApiKeyResource, KeyRole }

/** Whose keys: a project's, or an organization's own. */
export type KeyOwner = Place | { readonly orgId: string }

function pathOf(owner: KeyOwner): string {
  return `${'projectId' in owner ? projectPath(owner) : `organizations/${owner.orgId}`}/api_keys`
}

/** The API keys of a project, or of an organization. */
export const apiKeysQuery = (owner: KeyOwner) =>
  queryOptions({
    queryKey: [pathOf(owner)],
    queryFn: ({ signal }) => readAll<ApiKeyResource>(pathOf(owner), { signal }),
  })

/** What is asked for of a key. */
export interface KeyFields {
  readonly note: string
  /** ISO 8601; null: it never expires. */
  readonly expiresAt: string | null
  /** Of an organization's key. */
  readonly role?: KeyRole
}

/** @returns the key itself, which no later answer has */
export async function createApiKey(owner: KeyOwner, key: KeyFields, idempotencyKey: string): Promise<string> {
  const answer = await send<{ meta: { secretKey: string } }>('POST', pathOf(owner), {
    ...attributes(key),
    headers: { 'Idempotency-Key': idempotencyKey },
  })
  return answer.meta.secretKey
}

export async function updateApiKey(
  owner: KeyOwner,
  id: string,
  changes: Partial<Pick<KeyFields, 'note' | 'expiresAt'>>,
): Promise<void> {
  await call('PUT', `${pathOf(owner)}/${id}`, attributes(changes))
}

export async function deleteApiKey(owner: KeyOwner, id: string): Promise<void> {
  await call('DELETE', `${pathOf(owner)}/${id}`)
}
