import type Router from '@koa/router'
import type { RouteName } from '../access/rules.ts'
import type { RequestState } from '../http/context.ts'
import type { Config } from '../platform/config.ts'
import { OPERATIONS } from './operations.ts'
import { referenceRoutes } from './reference.routes.ts'

/** The description of every route. */
export function contractModule({ config }: { readonly config: Pick<Config, 'publicUrl'> }) {
  return {
    takesQuery: (route: RouteName) => OPERATIONS[route]?.query !== undefined,
    takesIfMatch: (route: RouteName) => OPERATIONS[route]?.headers?.includes('If-Match') ?? false,
    mount: (router: Router<RequestState>) => referenceRoutes(router, config.publicUrl),
  }
}
