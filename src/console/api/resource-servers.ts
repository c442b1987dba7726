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

export async function createResourceServer(place: Place, fields: ResourceServerFields): Promise<void> {
  await send('POST', path(place), attributes(fields))
}

export async function changeResourceServer(
  place: Place,
  id: string,
  fields: Partial<ResourceServerFields>,
): Promise<void> {
  await send('PUT', `${path(place)}/${id}`, attributes(fields))
}

export async function deleteResourceServer(place: Place, id: string): Promise<void> {
  await call('DELETE', `${path(place)}/${id}`)
}

export async function verifyResourceServer(place: Place, id: string): Promise<void> {
  await send('POST', `${path(place)}/${id}/verify`, {})
}
