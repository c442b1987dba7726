import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { ORGANIZATION_PATH, ORGANIZATIONS_PATH, PROJECT_PATH } from '../access/paths.ts'
import { organizationOf, projectOf, userOf } from '../access/place.ts'
import { type AccessState, actsByRole, organizationsOf } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { pageOfAll, presentPage } from '../http/pagination.ts'
import { parseBody, parseQuery } from '../http/validate.ts'
import type { Organization } from './organization.entity.ts'
import {
  named,
  type OrganizationResource,
  organizationQuery,
  organizationUpdate,
  type ProjectResource,
  projectQuery,
} from './organization.schema.ts'
import type { OrganizationService } from './organization.service.ts'
import type { OrganizationTombstone } from './organization-tombstone.entity.ts'
import type { Project } from './project.entity.ts'
import type { ProjectTombstone } from './project-tombstone.entity.ts'

const PROJECTS = `${ORGANIZATION_PATH}/projects`

/** The organizations and projects that a credential reaches. */
export function organizationRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  organizations: OrganizationService,
): void {
  router.get(ORGANIZATIONS_PATH, authorize('organizations.list'), async ctx => {
    const { principal } = ctx.state
    const { deleted, ...query } = parseQuery(organizationQuery, ctx.query)
    if (deleted) {
      const ids = principal.kind === 'user' ? [...principal.formerRoles.keys()] : []
      const gone = await organizations.deletedOrganizations(ids, query)
      ctx.body = { data: gone.items.map(presentDeletedOrganization), meta: presentPage(gone) }
      return
    }
    const found = await organizations.organizations(organizationsOf(principal), query)
    ctx.body = { data: found.items.map(presentOrganization), meta: presentPage(found) }
  })

  router.post(ORGANIZATIONS_PATH, authorize('organizations.create'), async ctx => {
    const { name } = parseBody(named, await readJson(ctx)).data.attributes
    const { id, ownedInstance } = userOf(ctx)
    const makesAccounts = ownedInstance !== undefined
    const made = await organizations.create(actorOf(ctx), id, { name, makesAccounts })
    ctx.status = 201
    ctx.set('Location', `${ORGANIZATIONS_PATH}/${made.id}`)
    ctx.body = { data: presentOrganization(made) }
  })

  router.get(ORGANIZATION_PATH, authorize('organizations.read'), async ctx => {
    ctx.body = { data: presentOrganization(await organizations.organization(organizationOf(ctx))) }
  })

  router.put(ORGANIZATION_PATH, authorize('organizations.update'), async ctx => {
    const { attributes } = parseBody(organizationUpdate, await readJson(ctx)).data
    const own = await organizations.change(organizationOf(ctx), actorOf(ctx), userOf(ctx).id, attributes)
    ctx.body = { data: presentOrganization(own) }
  })

  router.delete(ORGANIZATION_PATH, authorize('organizations.delete'), async ctx => {
    await organizations.deleteOrganization(organizationOf(ctx), actorOf(ctx))
    ctx.status = 204
  })

  router.get(PROJECTS, authorize('projects.list'), async ctx => {
    const { deleted, ...query } = parseQuery(projectQuery, ctx.query)
    // A project's key and a pass belong to one project, and nothing of another is visible to them.
    const only = actsByRole(ctx.state.principal) ? undefined : projectOf(ctx)
    if (deleted) {
      const gone =
        only === undefined
          ? await organizations.deletedProjects(organizationOf(ctx), query)
          : { ...pageOfAll<ProjectTombstone>(query, []), next: null }
      ctx.body = { data: gone.items.map(presentDeletedProject), meta: presentPage(gone) }
      return
    }
    const own = await organizations.projects(organizationOf(ctx), query, only)
    ctx.body = { data: own.items.map(presentProject), meta: presentPage(own) }
  })

  router.post(PROJECTS, authorize('projects.create'), async ctx => {
    const { name } = parseBody(named, await readJson(ctx)).data.attributes
    const made = await organizations.createProject(organizationOf(ctx), actorOf(ctx), name)
    ctx.status = 201
    ctx.set('Location', `${ctx.path}/${made.id}`)
    ctx.body = { data: presentProject(made) }
  })

  router.get(PROJECT_PATH, authorize('projects.read'), async ctx => {
    ctx.body = { data: presentProject(await organizations.project(projectOf(ctx))) }
  })

  router.put(PROJECT_PATH, authorize('projects.update'), async ctx => {
    const { name } = parseBody(named, await readJson(ctx)).data.attributes
    const own = await organizations.renameProject(projectOf(ctx), actorOf(ctx), name)
    ctx.body = { data: presentProject(own) }
  })

  router.delete(PROJECT_PATH, authorize('projects.delete'), async ctx => {
    await organizations.deleteProject(projectOf(ctx), actorOf(ctx))
    ctx.status = 204
  })
}

function presentOrganization(organization: Organization): OrganizationResource {
  const { id, name, requiresTotp, createdAt, updatedAt } = organization
  return {
    id,
    type: 'organization',
    attributes: {
      name,
      requiresTotp,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    },
  }
}

function presentDeletedOrganization(organization: OrganizationTombstone): OrganizationResource {
  const { id, name, createdAt, updatedAt, deletedAt } = organization
  return {
    id,
    type: 'organization',
    attributes: {
      name,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
      requiresTotp: false,
      deletedAt: deletedAt.toISOString(),
    },
  }
}

function presentProject(project: Project): ProjectResource {
  const { id, name, organization, createdAt, updatedAt } = project
  return resourceOf({ id, name, organizationId: organization.id, createdAt, updatedAt }, null)
}

function presentDeletedProject(project: ProjectTombstone): ProjectResource {
  return resourceOf(project, project.deletedAt)
}

function resourceOf(project: Omit<ProjectTombstone, 'deletedAt'>, deletedAt: Date | null): ProjectResource {
  const { id, name, organizationId, createdAt, updatedAt } = project
  return {
    id,
    type: 'project',
    attributes: {
      name,
      organizationId,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
      deletedAt: deletedAt?.toISOString() ?? null,
    },
  }
}
