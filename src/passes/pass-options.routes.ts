import type Router from '@koa/router'
import type { Authorize } from '../access/authorize.ts'
import { PROJECT_PATH } from '../access/paths.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { ACCESS_LEVELS, accessLevelLimits } from '../platform/config.ts'
import type { ResourceServerStore } from '../resource-servers/resource-server.store.ts'
import { TOKEN_FORMATS } from '../resource-servers/token-format.ts'
import { CREDENTIAL_TYPES, USAGE_TYPES } from './pass.schema.ts'
import type { PassOptions } from './pass-options.schema.ts'
import { DESCRIBED_SCOPES } from './scopes.ts'

/** What a pass can be, for forms that people fill in. */
export function passOptionsRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  resourceServers: Pick<ResourceServerStore, 'nameable'>,
): void {
  const options: Omit<PassOptions, 'resources'> = {
    accessLevels: ACCESS_LEVELS.map(name => ({ name, ...accessLevelLimits[name] })),
    usageTypes: [...USAGE_TYPES],
    credentialTypes: [...CREDENTIAL_TYPES],
    tokenFormats: [...TOKEN_FORMATS],
    scopes: [...DESCRIBED_SCOPES],
  }
  const answer = async (ctx: AccessContext) => {
    const { projectId } = ctx.state.place
    const found = projectId === undefined ? [] : await resourceServers.nameable(projectId)
    const resources = found.map(({ resource, title, verified, scopes }) => ({
      resource,
      title,
      verified,
      scopes,
    }))
    ctx.body = { data: { ...options, resources } }
  }

  router.get('/v1/api/pass_options', authorize('pass_options.read'), answer)
  router.get(`${PROJECT_PATH}/pass_options`, authorize('pass_options.of_project'), answer)
}
