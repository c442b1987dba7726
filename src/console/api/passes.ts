import { type QueryClient, queryOptions } from '@tanstack/react-query'
import type { AccessTokenResource } from '../../access-tokens/pass-token.schema.ts'
import type { passUpdate, rotation } from '../../passes/pass.schema.ts'
import type { Credentials, PassResource } from '../../passes/pass-answer.schema.ts'
import type { PassOptions } from '../../passes/pass-options.schema.ts'
import { activityKey } from './activity.ts'
import { call, type Paged, read, send } from './client.ts'
import type { Place } from './place.ts'
import { projectPath } from './place.ts'

export type { AccessTokenResource, Credentials, PassResource }
export type PassAttributes = PassResource['attributes']
export type PassSecret = PassAttributes['secrets'][number]
/** What a creation or a change sends: the fields of the schema that judges it. */
export type PassFields = (typeof passUpdate)['_zod']['input']['sentinelPass']

/** The filters of the list of passes, as the API has them. */
export interface PassFilter {
  readonly search?: string | undefined
  readonly status?: PassAttributes['status'] | undefined
  readonly credential_type?: PassAttributes['credentialType'] | undefined
  readonly access_level?: PassAttributes['accessLevel'] | undefined
  readonly usage_type?: PassAttributes['usageType'] | undefined
  readonly created_by_pass?: string | undefined
  readonly tags?: string | undefined
  readonly sort_by?:
    | 'createdAt'
    | 'updatedAt'
    | 'title'
    | 'validUntil'
    | 'lastUsedAt'
    | 'usageCount'
    | undefined
  readonly sort_order?: 'asc' | 'desc' | undefined
  readonly page?: number | undefined
  readonly per_page?: number | undefined
}

/** A pass, and the ETag that a change of it is sent with. */
export interface ReadPass {
  readonly pass: PassResource
  readonly etag: string
}

/** What is shown once: the pass and its credentials. */
export interface IssuedPass {
  readonly data: PassResource
  readonly meta: { readonly credentials: Credentials }
}

/** Everything of a project's passes in the cache; invalidated by each change of one. */
export const passesKey = (place: Place) => ['projects', place.projectId, 'passes'] as const

/** Has everything read again that shows passes of the project, what they did included: it names them. */
export async function passesChanged(client: QueryClient, place: Place): Promise<void> {
  const keys = [passesKey(place), activityKey({ project: place })]
  await Promise.all(keys.map(queryKey => client.invalidateQueries({ queryKey })))
}

const passesPath = (place: Place) => `${projectPath(place)}/sentinel_passes`

export const passListQuery = (place: Place, filter: PassFilter) =>
  queryOptions({
    queryKey: [...passesKey(place), 'list', filter],
    queryFn: ({ signal }) => read<Paged<PassResource>>(passesPath(place), { query: { ...filter }, signal }),
  })

export const passQuery = (place: Place, id: string) =>
  queryOptions({
    queryKey: [...passesKey(place), 'one', id],
    queryFn: async ({ signal }): Promise<ReadPass> => {
      const response = await call('GET', `${passesPath(place)}/${encodeURIComponent(id)}`, { signal })
      const { data }: { data: PassResource } = await response.json()
      return { pass: data, etag: response.headers.get('etag') ?? '*' }
    },
  })

/** What a pass can be on this server: it is the same for everybody, and changes with a restart. */
export const passOptionsQuery = queryOptions({
  queryKey: ['pass options'],
  queryFn: async ({ signal }) => (await read<{ data: PassOptions }>('pass_options', { signal })).data,
  staleTime: Number.POSITIVE_INFINITY,
})

/** The same for a project, with the resources that its passes may name. */
export const projectOptionsQuery = (place: Place) =>
  queryOptions({
    queryKey: ['pass options', place.projectId],
    queryFn: async ({ signal }) =>
      (await read<{ data: PassOptions }>(`${projectPath(place)}/pass_options`, { signal })).data,
  })

/** @param idempotencyKey the same for each try of one creation, so that a lost answer makes no second pass */
export function createPass(place: Place, fields: PassFields, idempotencyKey: string): Promise<IssuedPass> {
  return send('POST', passesPath(place), {
    body: { sentinelPass: fields },
    headers: { 'Idempotency-Key': idempotencyKey },
  })
}

/** @param etag of the read that the change is made from @throws ApiProblem `precondition_failed` when it is stale */
export async function updatePass(place: Place, id: string, fields: PassFields, etag: string): Promise<void> {
  await call('PUT', `${passesPath(place)}/${id}`, {
    body: { sentinelPass: fields },
    headers: { 'If-Match': etag },
  })
}

/** How a secret is replaced: as the schema has it that judges it. */
export type RotationFields = (typeof rotation)['_zod']['input']

/** @param idempotencyKey the same for each try of one rotation, so that a lost answer ends no secret */
export function rotatePass(
  place: Place,
  id: string,
  body: RotationFields,
  idempotencyKey: string,
): Promise<IssuedPass> {
  return send('POST', `${passesPath(place)}/${id}/rotate_key`, {
    body,
    headers: { 'Idempotency-Key': idempotencyKey },
  })
}

export async function endSecret(
  place: Place,
  id: string,
  secretId: string,
  revokeTokens: boolean,
): Promise<void> {
  const query = { revoke_tokens: revokeTokens }
  await call('DELETE', `${passesPath(place)}/${id}/secrets/${secretId}`, { query })
}

export async function revokePass(place: Place, id: string, revokeTokens: boolean): Promise<void> {
  await call('POST', `${passesPath(place)}/${id}/revoke`, { body: { revokeTokens } })
}

export async function activatePass(place: Place, id: string): Promise<void> {
  await call('POST', `${passesPath(place)}/${id}/activate`)
}

export async function deletePass(place: Place, id: string): Promise<void> {
  await call('DELETE', `${passesPath(place)}/${id}`)
}

export const liveTokensQuery = (place: Place, id: string, page: number) =>
  queryOptions({
    queryKey: [...passesKey(place), 'tokens', id, page],
    queryFn: ({ signal }) =>
      read<Paged<AccessTokenResource>>(`${passesPath(place)}/${id}/tokens`, { query: { page }, signal }),
  })

export async function endToken(place: Place, id: string, tokenId: string): Promise<void> {
  await call('DELETE', `${passesPath(place)}/${id}/tokens/${tokenId}`)
}
