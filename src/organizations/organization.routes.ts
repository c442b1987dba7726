import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import type { AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { parseBody } from '../http/validate.ts'
import type { Organization } from './organization.entity.ts'
import {
  type OrganizationResource,
  PROJECT_PATH,
  type ProjectResource,
  projectUpdate,
} from './organization.schema.ts'
import type { OrganizationService } from './organization.service.ts'
import type { Project } from './project.entity.ts'

const ORGANIZATIONS = '/v1/api/organizations'
const PROJECTS = `${ORGANIZATIONS}/:orgId/projects`

/** The organization and project that a credential belongs to. */
export function organizationRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  organizations: OrganizationService,
): void {
  router.get(ORGANIZATIONS, authorize('organizations.list'), async ctx => {
    const own = await organizations.organization(ctx.state.principal.organizationId)
    ctx.body = { data: [presentOrganization(own)] }
  })

  router.get(`${ORGANIZATIONS}/:orgId`, authorize('organizations.read'), async ctx => {
    const own = await organizations.organization(ctx.state.principal.organizationId)
    ctx.body = { data: presentOrganization(own) }
  })

  router.get(PROJECTS, authorize('projects.list'), async ctx => {
    const own = await organizations.project(ctx.state.principal.projectId)
    ctx.body = { data: [presentProject(own)] }
  })

  router.get(PROJECT_PATH, authorize('projects.read'), async ctx => {
    const own = await organizations.project(ctx.state.principal.projectId)
    ctx.body = { data: presentProject(own) }
  })

  router.put(PROJECT_PATH, authorize('projects.update'), async ctx => {
    const { data } = parseBody(projectUpdate, await readJson(ctx))
    const own = await organizations.renameProject(
      ctx.state.principal.projectId,
      actorOf(ctx),
      data.attributes.name,
    )
    ctx.body = { data: presentProject(own) }
  })
}

function presentOrganization(organization: Organization): OrganizationResource {
  const { id, name, createdAt, updatedAt } = organization
  return {
    id,
    type: 'organization',
    attributes: { name, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() },
  }
}

function presentProject(project: Project): ProjectResource {
  const { id, name, organization, createdAt, updatedAt } = project
  return {
    id,
    type: 'project',
    attributes: {
      name,
      organizationId: organization.id,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    },
  }
}
