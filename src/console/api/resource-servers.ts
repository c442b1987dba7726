import { queryOptions } from '@tanstack/react-query'
import type {
  newResourceServer,
  ResourceServerResource,
} from '../../resource-servers/resource-server.schema.ts'
import { attributes, call, type Paged, read, send } from './client.ts'
import { type Place, projectPath } from './place.ts'

export type { ResourceServerResource }
export type ResourceServerFields = (typeof newResourceServer)['_zod']['input']['data']['attributes']

const path = (place: Place) => `${projectPath(place)}/resource_servers`

/** So many are on a page. */
const PER_PAGE = 25

/** A page of the resource servers of a project. */
export const resourceServersQuery = (place: Place, page: number) =>
  queryOptions({
    queryKey: ['projects', place.projectId, 'resource-servers', page],
    queryFn: ({ signal }) =>
      read<Paged<ResourceServerResource>>(path(place), { signal, query: { page, per_page: PER_PAGE } }),
  })

/** A resource server, and the ETag that a change of it is sent with. */
export interface ReadResourceServer {
  readonly server: ResourceServerResource
  readonly etag: string
}

/** One as it is now, to be changed: nothing read before will do. */
export const resourceServerQuery = (place: Place, id: string) =>
  queryOptions({
    queryKey: ['projects', place.projectId, 'resource-servers', 'one', id],
    queryFn: async ({ signal }): Promise<ReadResourceServer> => {
      const response = await call('GET', `${path(place)}/${id}`, { signal })
      const { data }: { data: ResourceServerResource } = await response.json()
      return { server: data, etag: response.headers.get('etag') ?? '*' }
    },
    gcTime: 0,
  })

/** @param idempotencyKey the same for each try of one registration, so that a lost answer is no reason for a refusal */
export async function createResourceServer(
  place: Place,
  fields: ResourceServerFields,
  idempotencyKey: string,
): Promise<void> {
  await send('POST', path(place), {
    ...attributes(fields),
    headers: { 'Idempotency-Key': idempotencyKey },
  })
}

/** @param etag of the read that the change is made from @throws ApiProblem `precondition_failed` when it is stale */
export async function changeResourceServer(
  place: Place,
  id: string,
  fields: Partial<ResourceServerFields>,
  etag: string,
): Promise<void> {
  await send('PUT', `${path(place)}/${id}`, { ...attributes(fields), headers: { 'If-Match': etag } })
}

export async function deleteResourceServer(place: Place, id: string): Promise<void> {
  await call('DELETE', `${path(place)}/${id}`)
}

export async function verifyResourceServer(place: Place, id: string): Promise<void> {
  await send('POST', `${path(place)}/${id}/verify`, {})
}
