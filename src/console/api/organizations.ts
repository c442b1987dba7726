import { queryOptions } from '@tanstack/react-query'
import type { OrganizationResource, ProjectResource } from '../../organizations/organization.schema.ts'
import { attributes, call, readAll, send } from './client.ts'

export type { OrganizationResource, ProjectResource }

/** The projects of an organization. */
export const projectsQuery = (orgId: string) =>
  queryOptions({
    queryKey: ['organizations', orgId, 'projects'],
    queryFn: ({ signal }) => readAll<ProjectResource>(`organizations/${orgId}/projects`, { signal }),
    staleTime: 60_000,
  })

/** The projects of an organization that were deleted, and whose record is kept. */
export const deletedProjectsQuery = (orgId: string) =>
  queryOptions({
    queryKey: [...projectsQuery(orgId).queryKey, 'deleted'],
    queryFn: ({ signal }) =>
      readAll<ProjectResource>(`organizations/${orgId}/projects`, { query: { deleted: true }, signal }),
    staleTime: 60_000,
  })

export async function createOrganization(name: string): Promise<OrganizationResource> {
  return (await send<{ data: OrganizationResource }>('POST', 'organizations', attributes({ name }))).data
}

export async function renameOrganization(orgId: string, name: string): Promise<void> {
  await call('PUT', `organizations/${orgId}`, attributes({ name }))
}

/** Whether an organization is there only for members who have one-time codes. */
export async function requireTotp(orgId: string, requiresTotp: boolean): Promise<void> {
  await call('PUT', `organizations/${orgId}`, attributes({ requiresTotp }))
}

/** Its projects go with it; what was done in it can be read by who was in it. */
export async function deleteOrganization(orgId: string): Promise<void> {
  await call('DELETE', `organizations/${orgId}`)
}

export async function createProject(orgId: string, name: string): Promise<ProjectResource> {
  const path = `organizations/${orgId}/projects`
  return (await send<{ data: ProjectResource }>('POST', path, attributes({ name }))).data
}

export async function renameProject(orgId: string, projectId: string, name: string): Promise<void> {
  await call('PUT', `organizations/${orgId}/projects/${projectId}`, attributes({ name }))
}

export async function deleteProject(orgId: string, projectId: string): Promise<void> {
  await call('DELETE', `organizations/${orgId}/projects/${projectId}`)
}
