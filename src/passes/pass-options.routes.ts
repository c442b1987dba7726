import type Router from '@koa/router'
import type { Authorize } from '../access/authorize.ts'
import type { AccessState } from '../access/principal.ts'
import { ACCESS_LEVELS, accessLevelLimits } from '../platform/config.ts'
import { CREDENTIAL_TYPES, TOKEN_FORMATS, USAGE_TYPES } from './pass.schema.ts'
import type { PassOptions } from './pass-options.schema.ts'
import { DESCRIBED_SCOPES } from './scopes.ts'

/** What a pass can be, for forms that people fill in. */
export function passOptionsRoutes(router: Router<AccessState>, authorize: Authorize): void {
  const options: PassOptions = {
    accessLevels: ACCESS_LEVELS.map(name => ({ name, ...accessLevelLimits[name] })),
    usageTypes: [...USAGE_TYPES],
    credentialTypes: [...CREDENTIAL_TYPES],
    tokenFormats: [...TOKEN_FORMATS],
    scopes: [...DESCRIBED_SCOPES],
  }

  router.get('/v1/api/pass_options', authorize('pass_options.read'), async ctx => {
    ctx.body = { data: options }
  })
}
